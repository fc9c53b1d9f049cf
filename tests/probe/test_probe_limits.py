"""What answers a probe is bounded in bytes and in time, over real sockets."""

import contextlib
import socket
import time
from collections.abc import Callable

import pytest
from hostile import OPEN_END, drip, endless, hostile
from probe_standin import StandIn, switching
from websockets.frames import Frame, Opcode

from migrate.model.address import parse_address
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.probe_requests import login_request
from migrate.probe.prober import Prober
from migrate.probe.reply import Failure, NoReply, Reply
from migrate.probe.wire import BODY_LIMIT, Wire


def asked(port: int, timeout: float) -> tuple[Reply | NoReply, float]:
    address = parse_address(f"http://127.0.0.1:{port}/")
    begun = time.monotonic()
    came = Wire(address, timeout, None).get(login_request(address))
    return came, time.monotonic() - begun


@pytest.mark.parametrize(
    "sent",
    [(b"", b"H"), (b"HTTP/1.1 200 OK\r\nX: ", b"a"), (b"", b"HTTP/1.1 100 C\r\n\r\n")],
    ids=["status", "header", "continue"],
)
def test_one_byte_now_and_then_is_no_answer(sent: tuple[bytes, bytes]) -> None:
    with hostile(drip(*sent)) as port:
        came, took = asked(port, 0.6)
    assert isinstance(came, NoReply) and came.kind is Failure.TIMEOUT
    assert took < 3.0


def test_a_body_that_drips_still_told_its_status() -> None:
    with hostile(drip(OPEN_END)) as port:
        came, took = asked(port, 0.6)
    assert isinstance(came, Reply) and came.status == 200
    assert took < 3.0


def test_a_body_without_end_is_its_head() -> None:
    with hostile(endless(OPEN_END)) as port:
        came, took = asked(port, 20)
    assert isinstance(came, Reply) and len(came.body) == BODY_LIMIT
    assert took < 10


def test_silent_addresses_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with several addresses that drop packets takes the timeout once."""
    # TEST-NET-1 is routed nowhere; where a gateway refuses at once, it is sooner over.
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{n}", 9)) for n in range(1, 6)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    begun = time.monotonic()
    address = parse_address("http://many.example/")
    came = Wire(address, 1.0, None).get(login_request(address))
    assert isinstance(came, NoReply)
    assert time.monotonic() - begun < 3.0


def held(pieces: Callable[[], bytes]) -> tuple[ProbeAnswer, float]:
    def flood(sock: socket.socket, head: str) -> None:
        sock.sendall(switching(head))
        # Ended by the probe.
        with contextlib.suppress(OSError):
            while True:
                sock.sendall(pieces())

    with StandIn(flood) as server:
        begun = time.monotonic()
        answers = Prober(server.url, timeout=2).hold_cli(20)
    return answers[-1], time.monotonic() - begun


@pytest.mark.parametrize(
    "piece",
    [
        Frame(Opcode.PING, b"").serialize(mask=False) * 1000,
        Frame(Opcode.BINARY, b"x" * 60_000).serialize(mask=False),
        Frame(Opcode.TEXT, b"x", fin=False).serialize(mask=False)
        + Frame(Opcode.CONT, b"x", fin=False).serialize(mask=False) * 10_000,
    ],
    ids=["pings", "messages", "fragments"],
)
def test_a_flood_on_the_websocket_is_said(piece: bytes) -> None:
    answer, took = held(lambda: piece)
    assert (answer.id, answer.verdict) == ("hold", Verdict.FAIL)
    assert took < 10


def test_a_flood_is_called_one() -> None:
    answer, _ = held(lambda: Frame(Opcode.PING, b"").serialize(mask=False) * 1000)
    assert answer.answer.startswith("flooded after")
    assert "far more than Jenkins" in answer.cause


def test_a_message_without_end_is_not_kept() -> None:
    head = bytes([0x82, 127]) + (1 << 40).to_bytes(8, "big")
    sent = iter([head])
    answer, took = held(lambda: next(sent, b"x" * 65536))
    assert answer.verdict is Verdict.FAIL
    assert took < 10


def test_one_ping_now_and_then_is_no_flood() -> None:
    def pings(sock: socket.socket, head: str) -> None:
        sock.sendall(switching(head))
        with contextlib.suppress(OSError):
            while True:
                sock.sendall(Frame(Opcode.PING, b"").serialize(mask=False))
                time.sleep(0.05)

    with StandIn(pings) as server:
        _, answer = Prober(server.url, timeout=0.3).hold_cli(1.0)
    assert answer.verdict is Verdict.PASS
    assert answer.answer.startswith("still open after 1.")
