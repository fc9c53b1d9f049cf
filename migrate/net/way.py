"""The way to the controller: whom to trust, as whom to come, and what a proxy in front wants."""

import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.known_secrets import known
from migrate.model.secrets import mask
from migrate.model.text import visible

Headers = tuple[tuple[str, str], ...]
_MOST_HEADERS = 64 << 10
"""Bytes of a file of headers; servers take some KiB."""
_OWN = frozenset(
    (
        *("host", "authorization", "connection", "upgrade", "origin", "te", "trailer", "expect"),
        *("content-length", "content-type", "transfer-encoding", "accept-encoding"),
        *("node-name", "secret-key", "proxy-authorization"),
    )
)
"""Headers that this tool or its protocols set; those of Sec-WebSocket-* and X-Remoting-* too."""
_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True)
class Way:
    """What each connection to the controller has, the client's and the probes', and no other."""

    ca_file: Path | None = None
    """PEM; trusted instead of the system's certificates."""
    client_cert: Path | None = None
    """PEM; with its key, unless that is in ``client_key``."""
    client_key: Path | None = None
    headers: Headers = field(default=(), repr=False)
    """Beside this tool's own; their values are secrets."""

    @property
    def own(self) -> bool:
        """Whether agents that come without such headers and certificate come otherwise."""
        return bool(self.headers or self.client_cert)

    @property
    def told(self) -> str:
        """``header CF-Access-Client-Id, client certificate``: names, no values."""
        names = [f"header {visible(name)}" for name, _ in self.headers]
        return ", ".join([*names, *(["client certificate"] if self.client_cert else [])])

    def bare(self) -> "Way":
        """The way of one who has no such header and no certificate."""
        return Way(ca_file=self.ca_file)

    def context(self) -> ssl.SSLContext:
        """Verifies certificate and host name. ``UsageProblem`` for a file that can't be used."""
        context = _trusting(self.ca_file)
        if self.client_cert is not None:
            _load_own(context, self.client_cert, self.client_key)
        return context


DIRECT = Way()
"""Nothing but the system's certificates."""


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        import truststore

        # The system's own store, that of Windows and macOS too: a company's CA is there.
        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return context
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UsageProblem(
            f"the CA file {_shown(ca_file)} cannot be read as PEM: {visible(mask(str(error)))}",
            next_command="migrate doctor --ca-file FILE",
        ) from None
    return context


def _load_own(context: ssl.SSLContext, cert: Path, key: Path | None) -> None:
    def no_passphrase() -> str:
        raise UsageProblem(
            f"the key of {_shown(cert)} wants a passphrase, and nobody is asked for one",
            next_command="openssl pkey -in KEY -out PLAIN-KEY    # readable by you alone; then "
            "migrate doctor --client-cert FILE --client-key PLAIN-KEY",
        )

    try:
        context.load_cert_chain(cert, key, password=no_passphrase)
    except UsageProblem:
        raise
    except (OSError, ssl.SSLError) as error:
        # OpenSSL names no content of the file.
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or "not PEM"
        of = f" with the key {_shown(key)}" if key else " (and its key in the same file)"
        raise UsageProblem(
            f"the client certificate {_shown(cert)}{of} cannot be used: {visible(str(why))}",
            next_command="migrate doctor --client-cert FILE --client-key FILE",
        ) from None


def read_headers(path: Path) -> Headers:
    """``Name: value`` a line; empty lines and those that begin with # are left out.

    Each value is a secret from here on. ``UsageProblem``, without a value in it, for anything else.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_HEADERS + 1)
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise _unusable(path, f"can't be read: {why}") from None
    if len(raw) > _MOST_HEADERS:
        raise _unusable(path, "is far too long")
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        _remember(value)
        if not colon or not name or set(name.lower()) - _NAME:
            raise _unusable(path, f"line {number}: it is no 'Name: value'")
        if name.lower() in _OWN or name.lower().startswith(("sec-websocket-", "x-remoting-")):
            raise _unusable(path, f"line {number}: {visible(name)} is set by migrate itself")
        if not value or not value.isascii() or not value.isprintable():
            raise _unusable(path, f"line {number}: the value of {visible(name)} is no plain text")
        found.append((name, value))
    if not found:
        raise _unusable(path, "holds no header")
    return tuple(found)


def _remember(value: str) -> None:
    """The whole value, and the words of it that stand alone elsewhere (a cookie's, a bearer's)."""
    known().remember(value)
    for part in value.replace(";", " ").replace(",", " ").split():
        known().remember(part.partition("=")[2])
    known().remember(value.rpartition(" ")[2])


def _unusable(path: Path, why: str) -> UsageProblem:
    return UsageProblem(
        f"the header file {_shown(path)} {why}",
        next_command="migrate doctor --header-file FILE    # lines such as: Name: value",
    )


def _shown(path: Path) -> str:
    return visible(os.fspath(path))
