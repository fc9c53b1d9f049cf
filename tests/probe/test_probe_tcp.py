"""The raw agent port, on real sockets."""

import socket
import time

import pytest
from probe_standin import StandIn

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.judge import PortAnswer, judge_port
from migrate.probe.prober import Prober
from migrate.probe.reply import Failure, NoReply

HELLO = (
    b"HTTP/1.0 200 OK\r\nContent-Type: text/plain;charset=UTF-8\r\n\r\n"
    b"Jenkins-Agent-Protocols: JNLP4-connect, Ping\r\nJenkins-Version: 2.426.2\r\n"
    b"Jenkins-Session: e0bc7cdf\r\nClient: 127.0.0.1\r\nServer: 127.0.0.1\r\n"
    b"Remoting-Minimum-Version: 4.13\r\n"
)
REFUSED = NoReply(Failure.REFUSED, "connection refused")


def ask(port: int, host: str = "127.0.0.1") -> ProbeAnswer:
    return Prober("http://127.0.0.1/", timeout=0.5).tcp_port(host, port)


def test_jenkins_is_told_by_its_own_words_and_let_go() -> None:
    gone: list[bytes] = []

    def listener(sock: socket.socket, head: str) -> None:
        sock.sendall(HELLO)
        sock.shutdown(socket.SHUT_WR)
        # The real one reads until the caller hangs up.
        gone.append(sock.recv(100))

    with StandIn(listener) as jenkins:
        answer = ask(jenkins.port)
        deadline = time.monotonic() + 5
        while not gone and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (answer.verdict, answer.code, answer.layer) == (Verdict.PASS, "ok", "jenkins")
    assert "2.426.2" in answer.cause and "JNLP4-connect" in answer.cause
    assert gone == [b""]
    assert jenkins.heads == ["GET / HTTP/1.0\r\n\r\n"]


def test_refused_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = ask(port)
    assert (answer.verdict, answer.code) == (Verdict.FAIL, "port-closed")


@pytest.mark.parametrize("read_head", [True, False])
def test_accepted_and_hung_up_is_open_with_nothing_behind(read_head: bool) -> None:
    # Without reading first, the kernel resets the connection.
    with StandIn(lambda sock, head: None, read_head=read_head) as proxy:
        answer = ask(proxy.port)
    assert (answer.verdict, answer.code, answer.layer) == (Verdict.FAIL, "port-hangs-up", "proxy")


def test_another_service_is_not_jenkins() -> None:
    with StandIn(
        lambda sock, head: sock.sendall(b"J\x00\x00\x00\n8.0.36\x1b[31m"), read_head=False
    ) as database:
        answer = ask(database.port)
    assert (answer.verdict, answer.code) == (Verdict.FAIL, "not-jenkins")
    assert answer.answer.isprintable()


def test_web_server_is_not_jenkins() -> None:
    with StandIn(lambda sock, head: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as web:
        assert ask(web.port).code == "not-jenkins"


def test_silence_is_inconclusive() -> None:
    with StandIn(lambda sock, head: time.sleep(1)) as hung:
        answer = ask(hung.port)
    assert (answer.verdict, answer.code) == (Verdict.INCONCLUSIVE, "not-jenkins")


def test_unknown_name_and_bad_port_are_unreachable() -> None:
    assert ask(1, "no-such-host.invalid").code == "unreachable"
    assert ask(99999).code == "unreachable"


def test_both_families_are_asked() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on loopback here")
    with listener:
        port = listener.getsockname()[1]
        found = {info[0] for info in socket.getaddrinfo("localhost", port)}
        if found != {socket.AF_INET, socket.AF_INET6}:
            pytest.skip("localhost has not both families here")
        import threading

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(100)
                sock.sendall(HELLO)

        threading.Thread(target=serve, daemon=True).start()
        answer = ask(port, "localhost")
    assert (answer.verdict, answer.code) == (Verdict.PASS, "ok")


@pytest.mark.parametrize(
    ("answers", "verdict", "code"),
    [
        ((), Verdict.INCONCLUSIVE, "unreachable"),
        ((REFUSED, HELLO), Verdict.PASS, "ok"),
        ((REFUSED, b""), Verdict.FAIL, "port-hangs-up"),
        ((REFUSED, b"220 smtp"), Verdict.FAIL, "not-jenkins"),
        ((NoReply(Failure.NO_ROUTE, "x"), REFUSED), Verdict.FAIL, "port-closed"),
        ((NoReply(Failure.TIMEOUT, "x"),), Verdict.INCONCLUSIVE, "port-closed"),
        # Silence of one address leaves open what the others refuse.
        ((NoReply(Failure.PROTOCOL, "x"), REFUSED), Verdict.INCONCLUSIVE, "not-jenkins"),
        ((NoReply(Failure.TIMEOUT, "x"), REFUSED), Verdict.INCONCLUSIVE, "port-closed"),
        ((NoReply(Failure.CLOSED, "x"),), Verdict.FAIL, "port-hangs-up"),
    ],
)
def test_the_address_that_reaches_most_decides(
    answers: tuple[bytes | NoReply, ...], verdict: Verdict, code: str
) -> None:
    said = tuple(PortAnswer(f"192.0.2.{n}", came) for n, came in enumerate(answers))
    for order in (said, said[::-1]):
        answer = judge_port("edge.example.org", 50000, order)
        assert (answer.verdict, answer.code) == (verdict, code)
