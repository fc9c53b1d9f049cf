"""Fronts that look at who asks, that cap connections, or that cut a quiet one."""

import socket
import threading
from dataclasses import replace

import pytest
from probe_standin import StandIn, header, jetty, plain, switching

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.prober import MOST_SOCKETS, Prober
from migrate.probe.summary import summarise


def controller(sock: socket.socket, head: str) -> None:
    if head.startswith("GET /login"):
        sock.sendall(plain("200 OK", "Sign in [Jenkins]", "X-Jenkins: 2.541.3"))
    elif head.startswith("GET /cli/ws"):
        sock.sendall(switching(head))
        sock.recv(1)
    elif head.startswith("GET /tcpSlave"):
        sock.sendall(plain("404 Not Found", "", "X-Jenkins: 2.541.3"))
    elif header(head, "Node-Name"):
        sock.sendall(jetty("no such agent"))
    else:
        sock.sendall(jetty("This endpoint is only for use from agent.jar in WebSocket mode"))


def by_id(answers: tuple[ProbeAnswer, ...]) -> dict[str, ProbeAnswer]:
    return {answer.id: answer for answer in answers}


def test_a_front_that_refuses_java_is_found() -> None:
    """The map of field case 08: 403 to every User-Agent that begins with Java/."""

    def front(sock: socket.socket, head: str) -> None:
        if header(head, "User-Agent").lower().startswith("java/"):
            sock.sendall(plain("403 Forbidden", "<h1>403</h1>nginx", "Server: nginx"))
        else:
            controller(sock, head)

    with StandIn(front) as there:
        answers = by_id(Prober(there.url).without_secret())
    assert (answers["login"].verdict, answers["login"].code) == (Verdict.FAIL, "auth-in-front")
    assert answers["as-tool"].code == "front-differs"
    assert "403 Forbidden as an agent, 200 OK as migrate" in answers["as-tool"].cause
    assert summarise(answers.values()).verdict is Verdict.FAIL


def test_a_front_that_wants_a_user_agent_refuses_handshakes() -> None:
    def front(sock: socket.socket, head: str) -> None:
        if not header(head, "User-Agent"):
            sock.sendall(plain("403 Forbidden", "blocked", "Server: waf"))
        else:
            controller(sock, head)

    with StandIn(front) as there:
        answers = by_id(Prober(there.url).without_secret())
    assert answers["wsagents-made-up"].verdict is Verdict.FAIL
    assert "an upgrade of /cli/ws: 403 Forbidden as an agent, 101" in answers["as-tool"].cause


def test_a_fair_front_is_not_accused_and_its_answer_has_no_say() -> None:
    with StandIn(controller) as there:
        answers = Prober(there.url).without_secret()
    assert "as-tool" not in by_id(answers)
    said = summarise(answers)
    assert said.verdict is Verdict.PASS
    assert "was not tried (--hold 40)" in said.sentence
    other = replace(answers[0], id="as-tool", verdict=Verdict.INCONCLUSIVE, code="front-differs")
    assert summarise((*answers, other)).verdict is Verdict.PASS


def test_a_cap_of_sockets_is_counted() -> None:
    places = threading.Semaphore(3)

    def front(sock: socket.socket, head: str) -> None:
        if not places.acquire(blocking=False):
            sock.sendall(plain("503 Service Unavailable", "limit_conn", "Server: nginx"))
            return
        try:
            controller(sock, head)
        finally:
            places.release()

    with StandIn(front) as there:
        capped = Prober(there.url).sockets(8, 0.3)
        assert (capped.verdict, capped.code) == (Verdict.FAIL, "sockets-capped")
        assert "only 3 of 8 WebSockets" in capped.cause and "503" in capped.cause
    with StandIn(controller) as there:
        stood = Prober(there.url).sockets(8, 0.3)
        assert (stood.verdict, stood.code) == (Verdict.PASS, "ok")
        assert len(there.heads) == 8
    assert MOST_SOCKETS == 200


def test_sockets_that_never_open_are_no_cap() -> None:
    def stripped(sock: socket.socket, head: str) -> None:
        sock.sendall(jetty("only WS connections accepted here"))

    with StandIn(stripped) as there:
        answer = Prober(there.url).sockets(4, 0.1)
    assert (answer.verdict, answer.code) == (Verdict.INCONCLUSIVE, "upgrade-stripped")


def test_a_quiet_socket_that_is_cut_is_timed() -> None:
    def front(sock: socket.socket, head: str) -> None:
        sock.sendall(switching(head))
        threading.Event().wait(0.7)

    with StandIn(front) as there:
        answers = by_id(Prober(there.url).hold_cli(20))
    assert (answers["hold"].verdict, answers["hold"].code) == (Verdict.FAIL, "idle-timeout")


@pytest.mark.parametrize("hold", [0.2])
def test_a_socket_that_stands_is_held_as_long_as_asked(hold: float) -> None:
    with StandIn(controller) as there:
        answers = by_id(Prober(there.url).hold_cli(hold))
    assert answers["hold"].verdict is Verdict.PASS
