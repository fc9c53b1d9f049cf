"""Failures of the connection itself, each with its cause and the next command."""

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from jenkins_recordings import Answer, agent_jar, serving

from migrate.jenkins import console
from migrate.jenkins.client import JenkinsController
from migrate.jenkins.errors import (
    AuthFailed,
    BadTls,
    BadUrl,
    Forbidden,
    NodeGone,
    NotEditable,
    RedactedConfig,
    UnexpectedAnswer,
    Unreachable,
    permission_name,
)
from migrate.jenkins.http import checked_url, node_path
from migrate.jenkins.jar import jar_identity
from migrate.model.errors import ExitCode
from migrate.net.way import Way

JENKINS = (("X-Jenkins", "2.426.2"), ("Content-Type", "application/json"))


def client(url: str, timeout: float = 5) -> JenkinsController:
    return JenkinsController(url, "bob", "sekrit-token", timeout=timeout)


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://127.0.0.1:{closed_port()}/", "the connection is refused"),
        ("http://nosuch.invalid/", "host name"),
    ],
    # Two workers must collect the same names, and the port is another one in each.
    ids=["closed-port", "no-such-host"],
)
def test_unreachable(url: str, why: str) -> None:
    with pytest.raises(Unreachable, match=why) as caught:
        client(url).agent_port()
    assert caught.value.exit_code is ExitCode.BLOCKED
    assert caught.value.transient
    assert caught.value.next_command == f"migrate doctor --jenkins-url {url}"


def test_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(Unreachable, match=r"no answer within 0 s"):
            client(url, timeout=0.2).node_names()
        monkeypatch.setattr(console, "timeout_for", lambda *_: 0.2)
        with pytest.raises(Unreachable, match=r"^the agent of node a: no answer within 0 s$"):
            client(url).run_script("echo", {}, node="a")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "jenkins.example",
        "ftp://h/",
        "http://",
        "http://u:pw@h/",
        "http://h/?x=1",
        "http://h:x/",
    ],
)
def test_bad_urls(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        client(url)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "pw" not in caught.value.cause


def test_urls_and_paths() -> None:
    assert checked_url(" https://h/jenkins ") == "https://h/jenkins/"
    assert node_path("node c é", "config.xml") == "computer/node%20c%20%C3%A9/config.xml"
    assert node_path("a/../b?x#y%2F") == "computer/a%2F..%2Fb%3Fx%23y%252F/"
    assert permission_name("hudson.model.Hudson.Administer") == "Overall/Administer"
    assert permission_name("x.Y") == "x.Y"


def test_answers_of_something_else() -> None:
    answers = {
        ("GET", "/api/json"): Answer(302, (("Location", "https://sso.example/login?token=s3"),)),
        ("GET", "/computer/api/json"): Answer(200, (), b"<html>login</html>"),
        ("GET", "/computer/a/api/json"): Answer(404, (), b"<title>nginx</title>"),
        ("GET", "/computer/b/api/json"): Answer(503, (), b""),
        ("GET", "/computer/c/api/json"): Answer(403, (), b"<title>WAF says no</title>"),
        ("GET", "/computer/d/api/json"): Answer(500, JENKINS, b"<title>Oops \x1b[31m</title>"),
        ("POST", "/computer/a/doDisconnect"): Answer(302, (("Location", "/login?from=x"),)),
        ("GET", "/tcpSlaveAgentListener/"): Answer(200, ()),
    }
    with serving(answers) as server:
        jenkins = client(server.url)
        for call, error, why in (
            (jenkins.agent_port, UnexpectedAnswer, "redirected to https://sso.example/login:"),
            (jenkins.node_names, UnexpectedAnswer, "not Jenkins' JSON"),
            (lambda: jenkins.node_state("a"), UnexpectedAnswer, "404, not said by Jenkins"),
            (lambda: jenkins.node_state("b"), Unreachable, "starting or away"),
            (lambda: jenkins.node_state("c"), UnexpectedAnswer, "in front of it: WAF says no"),
            (lambda: jenkins.node_state("d"), UnexpectedAnswer, r"500: Oops \\x1b"),
            (lambda: jenkins.disconnect("a", ""), UnexpectedAnswer, "login page"),
            (jenkins.tcp_listener_on, UnexpectedAnswer, "X-Jenkins-JNLP-Port"),
        ):
            with pytest.raises(error, match=why) as caught:
                call()
            assert "s3" not in str(caught.value)
            assert "sekrit" not in str(caught.value)


def test_not_jenkins() -> None:
    with serving({("GET", "/api/json"): Answer(200, (), b"{}")}) as server:
        with pytest.raises(UnexpectedAnswer, match="is not Jenkins"):
            client(server.url).agent_port()
        server.answers["GET", "/api/json"] = Answer(200, JENKINS, b'{"slaveAgentPort":"x"}')
        assert client(server.url).agent_port() is None


def test_an_error_page_starts_no_session() -> None:
    with serving({}) as server:
        server.answers["GET", "/computer/x/api/json"] = Answer(
            404, (("X-Jenkins", "2"), ("Set-Cookie", "JSESSIONID.1=node01; Path=/"))
        )
        jenkins = client(server.url)
        for _ in range(2):
            with pytest.raises(Exception, match="no node"):
                jenkins.node_state("x")
        assert all("Cookie" not in headers for _, _, headers, _ in server.seen)
        assert all(headers["Accept-Language"] == "en" for _, _, headers, _ in server.seen)


def test_anonymous_sends_no_login_even_with_a_netrc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving({("GET", "/computer/api/json"): Answer(403, JENKINS)}) as server:
        with pytest.raises(AuthFailed, match="JENKINS_USER_ID"):
            JenkinsController(server.url).node_names()
        assert "Authorization" not in server.seen[0][2]


def test_forbidden_without_a_named_permission() -> None:
    with serving({("GET", "/computer/a/logText/progressiveText"): Answer(403, JENKINS)}) as server:
        with pytest.raises(Forbidden) as caught:
            client(server.url).agent_log("a")
        assert caught.value.permission == "Agent/Connect or Agent/ExtendedRead"


def test_a_redacted_or_renaming_config_is_never_posted() -> None:
    body = b"<slave><name>a</name><x>********</x></slave>"
    with serving({("GET", "/computer/a/config.xml"): Answer(200, (), body)}) as server:
        jenkins = client(server.url)
        with pytest.raises(RedactedConfig):
            jenkins.read_node_config("a")
        with pytest.raises(RedactedConfig):
            jenkins.write_node_config("a", body)
        with pytest.raises(NotEditable, match="rename"):
            jenkins.write_node_config("a", b"<slave><name>b</name></slave>")
        assert server.asked("POST") == []


def test_the_jar_is_read_once() -> None:
    with serving({("GET", "/jnlpJars/agent.jar"): Answer(200, (), agent_jar("4.13"))}) as server:
        jenkins = client(server.url)
        version, digest = jenkins.jar()
        assert (version, len(digest)) == ("4.13", 64)
        assert jenkins.jar() == (version, digest)
        assert len(server.seen) == 1
        server.answers["GET", "/jnlpJars/agent.jar"] = Answer(200, (), b"<html>")
        with pytest.raises(UnexpectedAnswer, match="not a jar"):
            client(server.url).jar()


def test_jar_without_a_version() -> None:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n\nName: a\nVersion: 3\n")
    with pytest.raises(UnexpectedAnswer, match="does not name"):
        jar_identity(out.getvalue())
    with zipfile.ZipFile(out, "a") as jar:
        jar.writestr("hudson/remoting/hudson-version.properties", "version=3.36\n")
    assert jar_identity(out.getvalue())[0] == "3.36"


def test_a_long_log_is_read_at_both_ends() -> None:
    head = b"Inbound agent connected from 127.0.0.1\r\nAgent successfully connected and online\r\n"
    chatter = b"INFO: chatter\r\n" * 40_000
    log = head + chatter + b"ERROR: Connection terminated\r\n"
    path = "/computer/a/logText/progressiveText"
    with serving({("GET", path): Answer(200, (("X-Text-Size", str(len(log))),), log)}) as server:

        def tail(request: str) -> int:
            return int(request.rsplit("=", 1)[1])

        found = client(server.url).agent_log("a")
        assert [tail(p) for p in server.asked("GET")] == [0, len(log) - 64 * 1024]
        # This server ignores start=, so what came second is the head again.
        assert found.address == "127.0.0.1"
        assert len(found.text) < 400_000


def test_tls_is_verified(tmp_path: Path) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    request += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    made = subprocess.run(request, capture_output=True)
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as plain:
        url = f"https://127.0.0.1:{plain.getsockname()[1]}/"
        stop = threading.Event()

        def serve() -> None:
            plain.settimeout(0.1)
            while not stop.is_set():
                try:
                    sock, _ = plain.accept()
                    sock.settimeout(5)
                    with context.wrap_socket(sock, server_side=True) as secure:
                        secure.recv(4096)
                        secure.sendall(
                            b"HTTP/1.1 200 OK\r\nX-Jenkins: 2\r\nContent-Length: 20\r\n"
                            b'Connection: close\r\n\r\n{"slaveAgentPort":7}'
                        )
                except OSError:
                    continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with pytest.raises(BadTls, match="cannot be trusted"):
                client(url).agent_port()
            trusted = JenkinsController(url, "a", "b", timeout=5, way=Way(ca_file=cert))
            assert trusted.agent_port() == 7
        finally:
            stop.set()
            thread.join()


def test_a_404_that_an_older_core_leaves_to_jetty() -> None:
    """2.361.4 names no version there; a proxy's 404 still proves nothing."""
    jetty = b"<table><tr><th>SERVLET:</th><td>Stapler</td></tr></table>"
    answers = {
        ("GET", "/tcpSlaveAgentListener/"): Answer(404, (), jetty),
        ("GET", "/computer/a/api/json"): Answer(404, (), jetty),
        ("POST", "/computer/a/doDelete"): Answer(404, (), jetty),
    }
    with serving(answers) as server:
        jenkins = client(server.url)
        assert jenkins.tcp_listener_on() is False
        with pytest.raises(NodeGone):
            jenkins.node_state("a")
        jenkins.delete_node("a")
    answers = {("GET", "/tcpSlaveAgentListener/"): Answer(404, (), b"nginx")}
    with (
        serving(answers) as server,
        pytest.raises(UnexpectedAnswer, match="not said by Jenkins itself"),
    ):
        client(server.url).tcp_listener_on()
