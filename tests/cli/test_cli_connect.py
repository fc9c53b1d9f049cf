"""Where credentials may go, before anything is sent."""

import json
from pathlib import Path

import pytest

from migrate.cli.connect import Connection, connection
from migrate.cluster.errors import NoKubeconfig
from migrate.model.errors import ExitCode, UsageProblem


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("JENKINS_API_TOKEN", "KUBECONFIG", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "token"
    file.write_text("a-token-of-bob\n")
    return file


def made(url: str, token: Path | None, *, insecure_http: bool = False) -> Connection:
    user = "bob" if token else None
    return connection(url=url, user=user, token_file=token, insecure_http=insecure_http)


@pytest.mark.parametrize(
    "url",
    [
        "http://ci.example/",
        "http://10.0.0.1:8080/jenkins/",
        "http://localhost.example/",
        "http://0/",
    ],
)
def test_no_token_over_a_network_in_clear(token: Path, url: str) -> None:
    with pytest.raises(UsageProblem, match="is not encrypted") as caught:
        made(url, token).jenkins()
    assert caught.value.exit_code is ExitCode.USAGE
    assert f"https{url[4:]}" in caught.value.next_command
    assert "--insecure-http" in caught.value.next_command
    assert made(url, token, insecure_http=True).jenkins().url == url
    # Nothing to be read on the way.
    assert made(url, None).jenkins().url == url


@pytest.mark.parametrize(
    "url",
    ["https://ci.example/", "http://127.0.0.1:1/", "http://localhost/", "http://[::1]:8080/"],
)
def test_what_nobody_can_read_on_the_way(token: Path, url: str) -> None:
    assert made(url, token).jenkins().url == url


def test_a_header_of_an_access_proxy_is_a_credential(token: Path, tmp_path: Path) -> None:
    file = tmp_path / "headers"
    file.write_text("X-Access: s3cret-of-access\n")
    conn = connection(url="http://ci.example/", header_file=file)
    with pytest.raises(UsageProblem, match="is not encrypted"):
        conn.jenkins()


def kubeconfig(folder: Path, server: str, user: dict[str, str]) -> Path:
    file = folder / "kubeconfig"
    document = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    file.write_text(json.dumps(document))
    return file


@pytest.mark.parametrize("user", [{"token": "a-token"}, {"username": "u", "password": "a-word"}])
def test_no_token_of_a_cluster_either(token: Path, tmp_path: Path, user: dict[str, str]) -> None:
    file = kubeconfig(tmp_path, "http://10.0.0.1:8080", user)
    with pytest.raises(NoKubeconfig, match="is not encrypted"):
        connection(url="https://ci.example/", kubeconfig=file).cluster()
    for good in (
        connection(url="https://ci.example/", kubeconfig=file, insecure_http=True),
        connection(
            url="https://ci.example/",
            kubeconfig=kubeconfig(tmp_path, "http://127.0.0.1:8001", user),
        ),
        connection(
            url="https://ci.example/", kubeconfig=kubeconfig(tmp_path, "http://10.0.0.1:8080", {})
        ),
    ):
        client = good.cluster()
        assert client is not None and client.context == "x"


def test_a_key_without_its_certificate(token: Path) -> None:
    with pytest.raises(UsageProblem, match="no certificate"):
        connection(url="https://ci.example/", client_key=token)


def test_a_config_file_names_them_too(token: Path, tmp_path: Path) -> None:
    headers = tmp_path / "headers"
    headers.write_text("X-Access: s3cret-of-access\n")
    config = tmp_path / "config.yaml"
    config.write_text(
        "controllers:\n  a:\n    url: http://ci.example/\n    insecure_http: true\n"
        f"    header_file: {headers}\n    client_cert: /c.pem\n    client_key: /k.pem\n"
    )
    conn = connection(url=None, config=config)
    assert conn.insecure_http
    assert conn.way.headers == (("X-Access", "s3cret-of-access"),)
    assert (conn.way.client_cert, conn.way.client_key) == (Path("/c.pem"), Path("/k.pem"))
    config.write_text("controllers:\n  a:\n    url: x\n    insecure_http: maybe\n")
    with pytest.raises(UsageProblem, match="has an insecure_http that is neither"):
        connection(url=None, config=config)
