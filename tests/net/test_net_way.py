"""Whom the clients trust and as whom they come, over real TLS; and nobody else gets it."""

from pathlib import Path

import pytest
from fronts import Certificates, certificates, forward_proxy, front, page

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.errors import BadTls, JenkinsError, UnexpectedAnswer, Unreachable
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Verdict
from migrate.model.known_secrets import known
from migrate.net.way import DIRECT, Way, read_headers
from migrate.probe.prober import Prober

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


def jenkins(url: str, way: Way = DIRECT) -> JenkinsController:
    return JenkinsController(url, "bob", "sekrit-token", timeout=5, way=way)


def nodes(head: str) -> bytes:
    return page("200 OK", '{"computer": []}')


def test_the_systems_store_or_the_named_ca(
    made: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with front(nodes, made.server()) as (port, heads):
        url = f"https://127.0.0.1:{port}/"
        with pytest.raises(BadTls, match="--ca-file"):
            jenkins(url).node_names()
        assert Prober(url).without_secret()[0].code == "tls"
        assert not heads
        named = Way(ca_file=made["ca.pem"])
        assert jenkins(url, named).node_names() == ()
        assert Prober(url, way=named).without_secret()[0].code != "tls"
        # Where OpenSSL looks for the system's certificates.
        monkeypatch.setenv("SSL_CERT_FILE", str(made["ca.pem"]))
        assert jenkins(url).node_names() == ()
        assert Prober(url).without_secret()[0].code != "tls"


@pytest.mark.parametrize("files", [("client.pem", "client.key"), ("both.pem", None)])
def test_a_client_certificate(made: Certificates, files: tuple[str, str | None]) -> None:
    ca = made["ca.pem"]
    way = Way(ca, made[files[0]], made[files[1]] if files[1] else None)
    with front(nodes, made.server(wants_client=True)) as (port, _):
        url = f"https://127.0.0.1:{port}/"
        with pytest.raises(JenkinsError):
            jenkins(url, Way(ca)).node_names()
        assert jenkins(url, way).node_names() == ()
        answers = {answer.id: answer for answer in Prober(url, way=way).without_secret()}
    # Agents show no certificate.
    assert answers["as-agent"].code == "front-wants-more"
    assert "client certificate" in answers["as-agent"].cause


@pytest.mark.parametrize(
    ("cert", "key", "why"),
    [
        ("client.pem", "locked.key", "wants a passphrase"),
        ("client.pem", "server.key", "cannot be used"),
        ("client.pem", None, "cannot be used"),
        ("missing.pem", None, "cannot be used"),
        ("ca.key", None, "cannot be used"),
    ],
)
def test_an_unusable_certificate(made: Certificates, cert: str, key: str | None, why: str) -> None:
    way = Way(None, made[cert], made[key] if key else None)
    with pytest.raises(UsageProblem, match=why):
        jenkins("https://127.0.0.1:1/", way)


ACCESS = "CF-Access-Client-Secret"


def guarded(head: str) -> bytes:
    """An access proxy: without its header a login page."""
    if f"{ACCESS}: s3cr3t-of-access".lower() not in head.lower():
        return page("403 Forbidden")
    return nodes(head)


def headers(folder: Path, text: str = f"# for the proxy\n\n{ACCESS}: s3cr3t-of-access\n") -> Way:
    file = folder / "headers"
    file.write_text(text)
    return Way(headers=read_headers(file))


def test_headers_go_to_the_controller_by_client_and_probes(tmp_path: Path) -> None:
    way = headers(tmp_path)
    with front(guarded) as (port, heads):
        url = f"http://127.0.0.1:{port}/"
        with pytest.raises(JenkinsError):
            jenkins(url).node_names()
        assert jenkins(url, way).node_names() == ()
        heads.clear()
        answers = Prober(url, way=way).without_secret()
    assert sum(ACCESS in head for head in heads) >= 6
    bare = [head for head in heads if ACCESS not in head]
    assert [head.split(" ")[1] for head in bare] == ["/cli/ws", "/login"]
    told = {answer.id: answer for answer in answers}["as-agent"]
    assert (told.verdict, told.code) == (Verdict.INCONCLUSIVE, "front-wants-more")
    assert f"header {ACCESS}" in told.cause and "s3cr3t" not in repr(answers)
    assert "s3cr3t" not in repr(way)


def test_where_nobody_asks_for_them_agents_need_none(tmp_path: Path) -> None:
    with front(nodes) as (port, _):
        url = f"http://127.0.0.1:{port}/"
        answers = Prober(url, way=headers(tmp_path)).without_secret()
        told = {answer.id: answer for answer in answers}["as-agent"]
        assert told.verdict is Verdict.PASS
        assert "as-agent" not in {answer.id for answer in Prober(url).without_secret()}


def test_no_header_and_no_login_follows_a_redirect(tmp_path: Path) -> None:
    with front(nodes) as (elsewhere, heads):
        moved = page("302 Found").replace(
            b"Connection", f"Location: http://127.0.0.1:{elsewhere}/\r\nConnection".encode()
        )
        with front(lambda head: moved) as (port, _):
            url = f"http://127.0.0.1:{port}/"
            with pytest.raises(UnexpectedAnswer, match="redirected"):
                jenkins(url, headers(tmp_path)).node_names()
            Prober(url, way=headers(tmp_path)).without_secret()
    assert heads == []


def test_values_are_secrets_from_the_first_moment(tmp_path: Path) -> None:
    headers(tmp_path, "Cookie: session=c00kie-value; x=y\nX-Auth: Bearer b3arer-value\n")
    shown = known().hide("c00kie-value b3arer-value Bearer b3arer-value")
    assert "c00kie" not in shown and "b3arer" not in shown
    with pytest.raises(UsageProblem) as caught:
        headers(tmp_path, "Bad Name: v3ry-secret\n")
    assert "v3ry" not in caught.value.cause and "v3ry" not in known().hide("v3ry-secret")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no header"),
        ("no colon\n", "line 1: it is no 'Name: value'"),
        ("X-A: ok-value\n: v\n", "line 2: it is no"),
        ("Host: other\n", "Host is set by migrate itself"),
        ("authorization: Basic eHg=\n", "authorization is set by migrate itself"),
        ("Sec-WebSocket-Key: x\n", "is set by migrate itself"),
        ("Node-Name: x\n", "is set by migrate itself"),
        ("X-A:\n", "is no plain text"),
        ("X-A: \x1b[31m\n", "is no plain text"),
        ("X-A: ü\n", "is no plain text"),
        ("X-A: " + "v" * 70_000, "far too long"),
    ],
)
def test_a_header_file_that_can_not_be_used(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageProblem, match=why):
        headers(tmp_path, text)
    with pytest.raises(UsageProblem, match="can't be read"):
        read_headers(tmp_path / "missing")


def test_a_proxy_of_the_environment_is_used_and_named(
    made: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Way(ca_file=made["ca.pem"])
    with (
        front(nodes, made.server()) as (port, heads),
        forward_proxy(port) as proxy,
    ):
        monkeypatch.setenv("https_proxy", f"http://bob:proxy-pw@127.0.0.1:{proxy.port}")
        one = jenkins("https://ci.test/", way)
        assert one.node_names() == ()
        assert [line.split(" ")[:2] for line in proxy.lines] == [["CONNECT", "ci.test:443"]]
        assert one.proxy is not None
        assert one.proxy.shown == f"127.0.0.1:{proxy.port} (https_proxy)"
        assert "proxy-pw" not in known().hide("proxy-pw")
        assert "Authorization: Basic" in heads[0]
        # The name leads nowhere without it.
        monkeypatch.setenv("no_proxy", ".test")
        straight = jenkins("https://ci.test/", way)
        assert straight.proxy is None
        with pytest.raises(Unreachable, match="host name"):
            straight.node_names()
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy")
    with pytest.raises(Unreachable, match=r"through the proxy 127.0.0.1:1 \(https_proxy\)"):
        jenkins("https://ci.test/", way).node_names()


def test_what_is_on_this_machine_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with front(nodes) as (port, _), forward_proxy(port) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert jenkins(f"http://127.0.0.1:{port}/").node_names() == ()
        assert jenkins(f"http://localhost:{port}/").node_names() == ()
    assert proxy.lines == []
