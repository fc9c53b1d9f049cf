"""The agent log's parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.jenkins.agent_log import parse_log
from migrate.model.inventory import Transport

TCP = """Inbound agent connected from localhost/127.0.0.1:53234
Remoting version: 3160.vd76b_9ddd10cc
Launcher: JNLPLauncher
Communication Protocol: JNLP4-connect
This is a Unix agent
Agent successfully connected and online
"""
WEBSOCKET = TCP.replace("localhost/127.0.0.1:53234", "127.0.0.1").replace(
    "JNLP4-connect", "WebSocket"
)
LOST = (
    "ERROR: Connection terminated\njava.nio.channels.ClosedChannelException\n\tat x.Y(Z.java:1)\n"
)


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_a_session(break_: str) -> None:
    log = parse_log(TCP.replace("\n", break_).encode())
    assert (log.transport, log.protocol) == (Transport.TCP, "JNLP4-connect")
    assert (log.remoting_version, log.connected) == ("3160.vd76b_9ddd10cc", True)
    assert log.address == "localhost/127.0.0.1:53234"
    assert log.text == TCP
    assert log.session == parse_log(TCP.encode()).session
    assert parse_log(WEBSOCKET.encode()).transport is Transport.WEBSOCKET


def test_a_stale_success_is_no_connection() -> None:
    log = parse_log((TCP + LOST).encode())
    assert (log.connected, log.terminated) == (False, True)
    assert log.session == parse_log(TCP.encode()).session
    assert not parse_log((TCP + "Connection terminated\n").encode()).connected


def test_only_the_last_session_counts() -> None:
    log = parse_log((TCP + LOST + WEBSOCKET).encode())
    assert (log.transport, log.connected, log.terminated) == (Transport.WEBSOCKET, True, False)
    begun = parse_log((WEBSOCKET + "Inbound agent connected from 10.0.0.1\n").encode())
    assert (begun.connected, begun.protocol, begun.transport) == (False, None, Transport.UNKNOWN)


def test_a_new_session_has_a_new_fingerprint() -> None:
    texts = [TCP, TCP.replace("53234", "53235"), WEBSOCKET, WEBSOCKET.replace("3160", "3206")]
    assert len({parse_log(text.encode()).session for text in texts}) == len(texts)
    half = WEBSOCKET.split("Launcher")[0]
    assert parse_log(half.encode()).session != parse_log(WEBSOCKET.encode()).session


def test_an_empty_log_is_never_connected() -> None:
    log = parse_log(b"\n")
    assert (log.never_connected, log.session, log.transport) == (True, "", Transport.UNKNOWN)


@pytest.mark.parametrize(
    ("address", "transport"),
    [
        ("10.1.2.3", Transport.WEBSOCKET),
        ("0:0:0:0:0:0:0:1", Transport.WEBSOCKET),
        ("[::1]", Transport.WEBSOCKET),
        ("host/10.1.2.3:50112", Transport.TCP),
        ("/10.1.2.3:50112", Transport.TCP),
        ("10.1.2.3:50112", Transport.TCP),
        ("/0:0:0:0:0:0:0:1:50112", Transport.TCP),
        ("host/[0:0:0:0:0:0:0:1]:50112", Transport.TCP),
        ("somewhere", Transport.UNKNOWN),
    ],
)
@pytest.mark.parametrize("word", ["Inbound", "JNLP"])
def test_without_a_protocol_line_the_address_tells(
    word: str, address: str, transport: Transport
) -> None:
    text = f"{word} agent connected from {address}\nRemoting version: 4.7\n"
    assert parse_log(text.encode()).transport is Transport.UNKNOWN
    online = parse_log((text + "Agent successfully connected and online\n").encode())
    assert (online.transport, online.protocol) == (transport, None)


def test_an_ssh_agent_is_neither() -> None:
    text = "[SSH] Starting\nRemoting version: 3160\nCommunication Protocol: Standard in/out\n"
    log = parse_log((text + "Agent successfully connected and online\n").encode())
    assert (log.transport, log.protocol, log.connected) == (
        Transport.UNKNOWN,
        "Standard in/out",
        True,
    )


def test_a_rejected_agent() -> None:
    text = (
        "Inbound agent connected from 127.0.0.1\nRemoting version: 4.11.2\n"
        "Rejecting the connection because the Remoting version is older than the minimum "
        "required version (4.13).\n"
    )
    log = parse_log((text + LOST).encode())
    assert log.rejected.startswith("Rejecting the connection")
    old = "WARNING: Remoting version is older than a minimum required one (3.4).\n"
    assert parse_log((old + TCP).encode()).rejected == ""


def test_secrets_and_foreign_bytes() -> None:
    raw = TCP.encode() + b"caf\xe9 -secret " + b"ab" * 32 + b"\n"
    log = parse_log(raw)
    assert "ab" * 32 not in log.text
    assert "\ufffd" in log.text
    assert log.connected


@given(st.lists(st.sampled_from([*TCP.splitlines(), *WEBSOCKET.splitlines(), *LOST.splitlines()])))
def test_any_order_of_lines(lines: list[str]) -> None:
    log = parse_log("\n".join(lines).encode())
    assert not (log.connected and log.terminated)
    if log.connected:
        assert "Agent successfully connected and online" in lines
    assert log.never_connected is (not lines)


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    parse_log(raw)
