"""Answers that end: each has so many seconds in all, and so many bytes, also unpacked.

A read timeout is not enough: it begins anew with every byte, and a server that sends one a second
would hold a run for ever. Here the whole answer has one deadline, from its first line on.
"""

import http.client
import io
import socket
import time
import zlib
from collections.abc import Callable

MOST_WIRE = 40 << 20
"""Bytes of one answer that are ever read from its connection, whatever reads them."""
MOST_BODY = 32 << 20
"""Bytes of an answer where nobody names a smaller bound. 10,000 nodes have about 15 MiB."""
PACKINGS = "gzip"
"""What ``Accept-Encoding`` asks for: whatever else comes is refused."""
_CHUNK = 64 << 10


class TooLarge(Exception):
    """An answer that has more bytes than it may; says which bound it met."""


class BadPacking(Exception):
    """A body that is not packed as its header says."""


class _Deadline(io.RawIOBase):
    """A socket's stream that ends at a time, and after so many bytes."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._left = sock, MOST_WIRE
        self.until = until
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if self._left <= 0:
            raise ConnectionAbortedError("the answer has too many bytes")
        self._sock.settimeout(None if left == float("inf") else left)
        count = self._raw.readinto(buffer)
        self._left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedResponse(http.client.HTTPResponse):
    """An answer that must have come as a whole within the timeout that its socket has now.

    Also its status line, its headers, ``100 Continue`` without end, and what a proxy says to
    CONNECT.
    """

    def __init__(self, sock: socket.socket, *args: object, **options: object) -> None:
        super().__init__(sock, *args, **options)  # type: ignore[arg-type]
        self.fp.close()
        seconds = sock.gettimeout()
        until = float("inf") if seconds is None else time.monotonic() + seconds
        self._timed = _Deadline(sock, until)
        self.fp = io.BufferedReader(self._timed)

    def allow(self, until: float) -> None:
        """Another deadline (of ``time.monotonic``), for a connection that became a WebSocket."""
        self._timed.until = until


def read_body(
    read: Callable[[int], bytes], limit: int, packing: str = "", *, cut: bool = False
) -> bytes:
    """All that ``read`` gives, unpacked: at most ``limit`` bytes, else ``TooLarge``.

    With ``cut``, one byte more than ``limit`` at most, and no complaint. ``packing`` is the
    Content-Encoding; ``BadPacking`` for one that was not asked for.
    """
    unpack = _unpacker(packing)
    body = bytearray()
    while chunk := read(_CHUNK):
        for piece in unpack(chunk, limit + 1 - len(body)):
            body += piece
        if len(body) > limit:
            if cut:
                break
            raise TooLarge(f"it has more than {size_text(limit)}")
    return bytes(body[: limit + 1])


def size_text(count: int) -> str:
    """``32 MiB``, ``64 KiB``, ``12 bytes``."""
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} bytes"


def _unpacker(packing: str) -> Callable[[bytes, int], list[bytes]]:
    """From a chunk and how much is still wanted to what it unpacks to, never more than that."""
    name = packing.strip().lower()
    if name in ("", "identity"):
        return lambda chunk, _most: [chunk]
    if name not in ("gzip", "x-gzip"):
        raise BadPacking(f"it is packed as {name[:40]!r}, which was not asked for")
    state = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def unpack(chunk: bytes, most: int) -> list[bytes]:
        try:
            return [state.decompress(chunk, max(most, 1))]
        except zlib.error:
            raise BadPacking("it says gzip and is none") from None

    return unpack
