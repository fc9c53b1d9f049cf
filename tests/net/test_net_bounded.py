"""One reader for every answer: bytes, unpacked bytes, seconds."""

import gzip
import io
import socket
import time

import pytest
from hostile import OPEN_END, bomb, drip, endless, hostile

from migrate.net import bounded
from migrate.net.bounded import BadPacking, TimedResponse, TooLarge, read_body, size_text


def test_what_fits_is_read_whole() -> None:
    body = bytes(range(256)) * 400
    assert read_body(io.BytesIO(body).read, len(body)) == body
    packed = gzip.compress(body)
    assert read_body(io.BytesIO(packed).read, len(body), "gzip") == body
    assert read_body(io.BytesIO(b"").read, 0) == b""


@pytest.mark.parametrize("packing", ["", "gzip"])
def test_one_byte_more_is_too_large(packing: str) -> None:
    body = b"x" * 100_001
    sent = gzip.compress(body) if packing else body
    with pytest.raises(TooLarge, match="more than 100000 bytes"):
        read_body(io.BytesIO(sent).read, 100_000, packing)
    assert read_body(io.BytesIO(sent).read, 100_000, packing, cut=True) == body


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = bomb(500 << 20)
    reader = io.BytesIO(packed)
    with pytest.raises(TooLarge, match="more than 1 MiB"):
        read_body(reader.read, 1 << 20, "gzip")
    # The first chunk was enough.
    assert reader.tell() <= 65536


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "\x1b[31m"])
def test_a_packing_that_nobody_asked_for(packing: str) -> None:
    with pytest.raises(BadPacking, match="not asked for"):
        read_body(io.BytesIO(b"x").read, 10, packing)
    with pytest.raises(BadPacking, match="none"):
        read_body(io.BytesIO(b"no gzip").read, 10, "gzip")


def test_sizes_in_words() -> None:
    assert [size_text(n) for n in (32 << 20, 64 << 10, 5, 1025)] == [
        "32 MiB",
        "64 KiB",
        "5 bytes",
        "1025 bytes",
    ]


def asked(port: int, seconds: float) -> TimedResponse:
    sock = socket.create_connection(("127.0.0.1", port), seconds)
    sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    response = TimedResponse(sock, method="GET")
    sock.close()
    return response


@pytest.mark.parametrize(
    "sent",
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OPEN_END, b"a"),
        (OPEN_END.replace(b"Connection", b"Transfer-Encoding: chunked\r\nX"), b"1\r\na\r\n"),
        (OPEN_END.replace(b"Connection", b"Transfer-Encoding: chunked\r\nX"), b"1"),
    ],
    ids=["status", "headers", "continue", "body", "chunks", "chunk-size"],
)
def test_a_drip_ends_at_the_deadline(sent: tuple[bytes, bytes]) -> None:
    with hostile(drip(*sent)) as port:
        begun = time.monotonic()
        response = asked(port, 0.6)
        with pytest.raises(TimeoutError):
            response.begin()
            while response.read(65536):
                pass
        response.close()
        assert 0.5 < time.monotonic() - begun < 3.0


def test_the_wire_is_bounded_whatever_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_WIRE", 1 << 20)
    with hostile(endless(OPEN_END)) as port:
        response = asked(port, 20)
        response.begin()
        with pytest.raises(ConnectionAbortedError, match="too many bytes"):
            response.read()
        response.close()
