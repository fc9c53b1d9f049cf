"""urllib3 with one deadline for all tries of a request, from the first connection to the last byte.

Imports urllib3 (0.1 s), so it is itself imported where a connection is made.
"""

import socket
import time
from typing import Any, Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

from migrate.net.bounded import TimedResponse
from migrate.net.connecting import open_socket

_LEAST = 0.001
"""Seconds: a timeout of 0 would mean something else."""


class Within(Timeout):
    """``seconds`` for a request with all its tries; ``connect`` of these for a connection."""

    def __init__(self, seconds: float, connect: float, *, until: float | None = None) -> None:
        self._until = time.monotonic() + seconds if until is None else until
        self._wanted = connect
        left = max(self._until - time.monotonic(), _LEAST)
        super().__init__(connect=min(connect, left), read=left, total=left)

    def clone(self) -> "Within":
        """For the next try: what is left."""
        return Within(0.0, self._wanted, until=self._until)


class Retries(Retry):
    """Not again after a deadline: there is no time left then."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        """``ReadTimeoutError`` goes up as it is."""
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


class _Opens:
    """Connecting to a name with several addresses takes the timeout once, not once each."""

    def _new_conn(self) -> socket.socket:
        me: Any = self
        try:
            return open_socket(me._dns_host, me.port, me.timeout, me.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(me.host, me, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(
                me, f"Connection to {me.host} timed out. (connect timeout={me.timeout})"
            ) from error
        except UnicodeError:
            raise LocationParseError(f"'{me.host}', label empty or too long") from None
        except OSError as error:
            told = f"Failed to establish a new connection: {error}"
            raise NewConnectionError(me, told) from error


class _Plain(_Opens, HTTPConnection):
    response_class = TimedResponse


class _Tls(_Opens, HTTPSConnection):
    response_class = TimedResponse


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


POOLS = {"http": _PlainPool, "https": _TlsPool}
"""For ``PoolManager.pool_classes_by_scheme``."""
