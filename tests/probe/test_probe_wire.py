"""Real sockets: what arrives, what is held, and what never leaks."""

import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_standin import StandIn, header, jetty, plain, switching
from websockets.frames import Frame, Opcode

from migrate.model.address import parse_address
from migrate.model.errors import ExitCode, MigrateError, UsageProblem
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.net.way import Way
from migrate.probe.prober import Prober

SECRET = "0f" * 32


class Secrets:
    """As much of a controller as tier 2 asks."""

    def agent_secret(self, name: str) -> str:
        return SECRET


def login_page(sock: socket.socket, head: str) -> None:
    sock.sendall(plain("200 OK", "Sign in [Jenkins]", "X-Jenkins: 2.426.2"))


def by_id(answers: tuple[ProbeAnswer, ...], id: str) -> ProbeAnswer:
    return next(answer for answer in answers if answer.id == id)


def test_made_up_node_is_asked_as_an_agent_would() -> None:
    with StandIn(login_page) as jenkins:
        Prober(jenkins.url).without_secret()
    # Two of them once more, under this tool's own name.
    login, cli, bare, made_up, listener, *as_tool = jenkins.heads
    assert [header(head, "User-Agent")[:13] for head in as_tool] == ["migrate-probe"] * 2
    assert login.startswith("GET /login HTTP/1.1\r\n")
    assert not header(bare, "Upgrade") and bare.startswith("GET /wsagents/ ")
    assert header(made_up, "Upgrade") == "websocket"
    assert header(made_up, "Connection") == "Upgrade"
    assert header(made_up, "Secret-Key") == "0"
    assert header(made_up, "Node-Name").startswith("migrate-no-such-node-")
    assert header(cli, "Origin") == jenkins.url.rstrip("/")
    assert listener.startswith("GET /tcpSlaveAgentListener/ ")
    for head in jenkins.heads:
        assert header(head, "Host") == f"127.0.0.1:{jenkins.port}"
        assert "authorization" not in head.lower() and "cookie" not in head.lower()


def test_nothing_follows_a_redirect_or_a_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with StandIn(login_page) as other:

        def away(sock: socket.socket, head: str) -> None:
            sock.sendall(plain("302 Found", "", f"Location: {other.url}login"))

        with StandIn(away) as jenkins:
            monkeypatch.setenv("http_proxy", other.url)
            monkeypatch.setenv("HTTP_PROXY", other.url)
            answers = Prober(jenkins.url).without_secret()
        assert other.heads == []
    assert answers[0].verdict is Verdict.FAIL


def test_pings_are_answered_and_none_is_sent() -> None:
    seen: list[bytes] = []

    def controller(sock: socket.socket, head: str) -> None:
        # Commands come in the same packet as the 101, as a real controller's may.
        hello = Frame(Opcode.BINARY, b"commands").serialize(mask=False)
        sock.sendall(switching(head) + hello + Frame(Opcode.PING, b"one").serialize(mask=False))
        sock.settimeout(0.8)
        try:
            while chunk := sock.recv(4096):
                seen.append(chunk)
        except TimeoutError:
            seen.append(b"quiet")

    with StandIn(controller) as jenkins:
        shaken, held = Prober(jenkins.url).with_probe_node(Secrets(), "p", 0.4)  # type: ignore[arg-type]
    assert shaken.code == held.code == "ok"
    assert held.answer.startswith("still open after 0.")
    assert "1 ping answered" in held.cause
    deadline = time.monotonic() + 5
    while len(sent := b"".join(seen)) < 17 and time.monotonic() < deadline:
        time.sleep(0.01)
    # A pong (header 2, mask 4, data 3) and the Close with its code, and nothing else.
    assert sent[0] == 0x8A and len(sent) == 9 + 8
    assert sent[9] == 0x88


def test_close_frame_of_the_far_side_is_read() -> None:
    def idle(sock: socket.socket, head: str) -> None:
        body = (1001).to_bytes(2, "big") + b"Connection Idle Timeout"
        sock.sendall(switching(head) + Frame(Opcode.CLOSE, body).serialize(mask=False))
        time.sleep(0.2)

    with StandIn(idle) as jenkins:
        _, held = Prober(jenkins.url).with_probe_node(Secrets(), "p", 5)  # type: ignore[arg-type]
    assert (held.verdict, held.code, held.layer) == (Verdict.FAIL, "idle-timeout", "jenkins")
    assert "1001 Connection Idle Timeout" in held.answer


def test_end_right_after_the_handshake_is_no_idle_timeout() -> None:
    with StandIn(lambda sock, head: sock.sendall(switching(head))) as jenkins:
        _, held = Prober(jenkins.url).with_probe_node(Secrets(), "p", 5)  # type: ignore[arg-type]
    assert (held.verdict, held.code) == (Verdict.FAIL, "unexpected")


def test_wrong_accept_header_is_no_handshake() -> None:
    def fake(sock: socket.socket, head: str) -> None:
        sock.sendall(switching(head).replace(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: x"))

    with StandIn(fake) as proxy:
        answers = Prober(proxy.url).with_probe_node(Secrets(), "p", 1)  # type: ignore[arg-type]
    assert [(one.verdict, one.code) for one in answers] == [(Verdict.FAIL, "not-jenkins")]


def test_secret_goes_to_the_agents_address_and_into_no_answer() -> None:
    def echo(sock: socket.socket, head: str) -> None:
        sock.sendall(
            plain(f"418 {SECRET}", head, f"Server: {SECRET}", f"Location: http://x/{SECRET}")
        )

    with StandIn(echo) as jenkins:
        answers = Prober(jenkins.url).with_probe_node(Secrets(), "p", 1)  # type: ignore[arg-type]
    assert header(jenkins.heads[0], "Secret-Key") == SECRET
    assert SECRET not in repr(answers)
    assert header(jenkins.heads[0], "X-Remoting-Capability").startswith("rO0ABX")


@given(st.text("0123456789abcdefXYZ-_.", min_size=4, max_size=64))
def test_any_secret_echoed_in_a_body_stays_out(secret: str) -> None:
    from migrate.probe.judge import Asked, judge_probe_node
    from migrate.probe.prober import _without
    from migrate.probe.reply import Reply

    came = Reply(500, f"no {secret}", {"server": secret}, f"<b>{secret}</b>")
    asked = Asked("probe-node", "GET", "http://x/", "wsagents/")
    answer = judge_probe_node(asked, _without(came, secret))
    shown = answer.answer + answer.cause.replace(answer.request, "")
    assert secret not in shown or secret in "500 no **** Jenkins the layer in front of"


def test_without_the_right_to_the_secret_it_is_not_done() -> None:
    class Refusing:
        def agent_secret(self, name: str) -> str:
            raise MigrateError("the user lacks Agent/Connect")

    with StandIn(login_page) as jenkins:
        (answer,) = Prober(jenkins.url).with_probe_node(Refusing(), "p", 1)  # type: ignore[arg-type]
        assert jenkins.heads == []
    assert (answer.verdict, answer.code) == (Verdict.INCONCLUSIVE, "not-done")
    assert "Agent/Connect" in answer.cause and "--accept-unproven-upgrade" in answer.fix


def test_chunked_error_page_is_read() -> None:
    def chunked(sock: socket.socket, head: str) -> None:
        text = b"only WS connections accepted here Powered by Jetty"
        sock.sendall(
            b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n"
            + f"{len(text):x}\r\n".encode()
            + text
            + b"\r\n0\r\n\r\n"
        )

    with StandIn(chunked) as jenkins:
        answers = Prober(jenkins.url).without_secret()
    assert by_id(answers, "cli-ws").code == "upgrade-stripped"


def test_answer_cut_in_half_still_tells_its_status() -> None:
    def half(sock: socket.socket, head: str) -> None:
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\nno such agent")

    with StandIn(half) as jenkins:
        answers = Prober(jenkins.url).without_secret()
    assert by_id(answers, "wsagents-made-up").code == "ok"


def test_silence_is_a_timeout_and_is_waited_for_once() -> None:
    with StandIn(lambda sock, head: time.sleep(1.5)) as hung:
        answers = Prober(hung.url, timeout=0.2).without_secret()
        assert len(hung.heads) == 1
    assert [answer.code for answer in answers] == ["unreachable", *["not-done"] * 4]
    assert "firewall" in answers[0].cause


def test_what_is_not_http_is_named() -> None:
    with StandIn(lambda sock, head: sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")) as ssh:
        answers = Prober(ssh.url).without_secret()
    assert answers[0].code == "not-jenkins"
    with StandIn(lambda sock, head: None) as mute:
        answers = Prober(mute.url).without_secret()
    assert answers[0].code == "unreachable" and "closed" in answers[0].cause


def test_closed_port_and_unknown_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answers = Prober(f"http://127.0.0.1:{port}/", timeout=2).without_secret()
    assert answers[0].answer == "connection refused"
    answers = Prober("http://no-such-host.invalid/", timeout=5).without_secret()
    assert (answers[0].code, answers[0].layer) == ("unreachable", "network")


def _self_signed(folder: Path, name: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    san = f"IP:{name}" if name[0].isdigit() else f"DNS:{name}"
    try:
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=test",
                "-addext",
                f"subjectAltName={san}",
                "-keyout",
                str(key),
                "-out",
                str(cert),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed: no certificate to test TLS with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


def test_tls_self_signed_then_trusted(tmp_path: Path) -> None:
    cert, context = _self_signed(tmp_path)

    def controller(sock: socket.socket, head: str) -> None:
        if "/cli/ws" in head or "/wsagents/" in head:
            sock.sendall(switching(head))
            time.sleep(1.0)
        else:
            login_page(sock, head)

    with StandIn(controller, context=context) as jenkins:
        answers = Prober(jenkins.url).without_secret()
        assert (answers[0].verdict, answers[0].code, answers[0].layer) == (
            Verdict.FAIL,
            "tls",
            "tls",
        )
        assert "self-signed" in answers[0].cause and "--ca-file" in answers[0].fix
        trusting = Prober(jenkins.url, way=Way(ca_file=cert))
        assert by_id(trusting.without_secret(), "login").code == "ok"
        _, held = trusting.with_probe_node(Secrets(), "p", 0.3)  # type: ignore[arg-type]
        assert (held.verdict, held.code) == (Verdict.PASS, "ok")


def test_tls_for_another_host_is_named(tmp_path: Path) -> None:
    cert, context = _self_signed(tmp_path, "other.example.org")
    with StandIn(login_page, context=context) as jenkins:
        answer = Prober(jenkins.url, way=Way(ca_file=cert)).without_secret()[0]
    assert answer.code == "tls" and "another" in answer.cause


def test_tls_to_a_plain_port_is_named() -> None:
    with StandIn(
        lambda sock, head: sock.sendall(jetty("Illegal character")), read_head=False
    ) as plain_port:
        answer = Prober(plain_port.url.replace("http", "https")).without_secret()[0]
    assert answer.code == "tls" and "does not speak TLS" in answer.cause


def test_unreadable_ca_file_is_a_usage_problem(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(UsageProblem) as raised:
            Prober("https://ci.example.org/", way=Way(ca_file=path))
        assert raised.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("http://ci.example.org", "http://ci.example.org/"),
        ("https://CI.example.org:443/jenkins", "https://ci.example.org/jenkins/"),
        ("http://user:pass@ci.example.org:8080/", "http://ci.example.org:8080/"),
        ("http://[::1]:8080/x/", "http://[::1]:8080/x/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_address(given_url: str, url: str) -> None:
    assert parse_address(given_url).url == url


@pytest.mark.parametrize(
    "bad",
    ["", "ci.example.org", "ftp://x/", "http://", "http://x:99999/", "http://x/a b/", "http://[x/"],
)
def test_bad_address_is_a_usage_problem(bad: str) -> None:
    with pytest.raises(UsageProblem):
        Prober(bad)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_usage_problem(text: str) -> None:
    try:
        address = parse_address(text)
    except UsageProblem as problem:
        assert problem.cause.isprintable()
    else:
        assert parse_address(address.url) == address
        assert not set("\r\n ") & set(address.url)
