"""The Groovy scripts, run by a real Groovy 2.4."""

import hashlib
import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from groovy_runner import Sent, needs_groovy, run_all, run_groovy
from tcp_ports import ANSWERS, ports

from migrate.jenkins.errors import ScriptFailed
from migrate.jenkins.launch import launch_from
from migrate.model.inventory import LaunchKind, ProxySettings
from migrate.model.probe_requests import Target
from migrate.probe import host_ports, host_script

pytestmark = [pytest.mark.groovy, needs_groovy]

SECRET = "0123456789abcdef" * 4
NEW_JAR = b"PK the new jar" * 5000
NEW_SUM = hashlib.sha256(NEW_JAR).hexdigest()


class _Front(http.server.BaseHTTPRequestHandler):
    """A controller's three probe answers; ``refuses`` makes it a proxy that drops Upgrade."""

    protocol_version = "HTTP/1.1"
    refuses: ClassVar[bool] = False
    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers)))
        if self.path == "/ctx/login":
            return self._answer(200, b"login")
        if self.path == "/ctx/cli/ws":
            return self._answer(400 if self.refuses else 101, b"")
        if self.path == "/ctx/wsagents/":
            return self._answer(400, b"<title>Error 400 no such agent</title>")
        if self.path == "/agent.jar":
            return self._answer(200, NEW_JAR)
        if self.path == "/moved.jar":
            return self._answer(302, b"", {"Location": "/agent.jar"})
        return self._answer(404, b"")

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        if status != 101:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def front() -> Iterator[str]:
    _Front.seen.clear()
    _Front.refuses = False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def describe(command: str, jar: Path | None = None) -> Sent:
    quoted = command.replace("\\", "\\\\").replace("'", "\\'")
    before = f"System.setProperty('sun.java.command', '{quoted}')"
    if jar:
        before += f"\nSystem.setProperty('java.class.path', '{jar}')"
    return "describe-launch", {}, before


def described(tmp_path: Path, command: str, jar: Path | None = None) -> tuple[Any, str]:
    return run_all([describe(command, jar)], tmp_path)[0]


KINDS = {
    f"/srv/a/agent.jar -jnlpUrl http://j/computer/a/jenkins-agent.jnlp -secret {SECRET}"
    " -workDir /srv/a": LaunchKind.JNLP_URL,
    "/srv/a/agent.jar -url http://j/ -name node-g -secret @/s -webSocket": LaunchKind.URL_NAME,
    f"hudson.remoting.jnlp.Main -headless -url http://j/ -workDir /a {SECRET} node-b": (
        LaunchKind.JNLP_MAIN
    ),
    "/opt/swarm-client.jar -master http://j/ -username bob -password hunter22": LaunchKind.SWARM,
    "/opt/other.jar serve": LaunchKind.UNKNOWN,
}


def test_describe_launch_kinds(tmp_path: Path) -> None:
    answers = run_all([describe(command) for command in KINDS], tmp_path)
    launches = [launch_from(result) for result, _ in answers]
    assert [launch.kind for launch in launches] == list(KINDS.values())
    for launch, (_, output) in zip(launches, answers, strict=True):
        assert SECRET not in output
        assert "hunter22" not in output
        assert launch.java_version
        assert launch.pid


def test_describe_launch_masks_every_secret_before_it_is_printed(tmp_path: Path) -> None:
    token = "11" + "a1" * 16
    command = (
        f"hudson.remoting.jnlp.Main -headless -url http://bob:pw0rd@j/ -jnlpCredentials bob:{token}"
        " -proxyCredentials p:r0xy -webSocketHeader X-Token=s3cr3tvalue -auth=u:h1dden"
        " not-hex-but-still-the-secret node-b"
    )
    result, output = described(tmp_path, command)
    secrets = (token, "pw0rd", "r0xy", "s3cr3tvalue", "h1dden", "not-hex-but-still-the-secret")
    assert [s for s in secrets if s in output] == []
    assert "X-Token=****" in result["command"]
    assert result["command"].endswith("**** node-b")
    assert result["options"] == [
        "-headless",
        "-url",
        "-jnlpCredentials",
        "-proxyCredentials",
        "-webSocketHeader",
        "-auth",
    ]


def test_describe_launch_keeps_the_name_of_a_secret_file(tmp_path: Path) -> None:
    result, _ = described(tmp_path, "/a/agent.jar -url http://j/ -name x -secret @/etc/secret")
    assert "-secret @/etc/secret" in result["command"]


def test_describe_launch_finds_the_jar_and_its_digest(tmp_path: Path) -> None:
    jar = tmp_path / "agent.jar"
    jar.write_bytes(b"jar")
    result, _ = described(tmp_path, f"{jar} -jnlpUrl http://j/x.jnlp", jar)
    launch = launch_from(result)
    assert launch.jar == str(jar)
    assert launch.jar_sha256 == hashlib.sha256(b"jar").hexdigest()
    assert launch.jar_writable is True
    assert launch.restarter is None


def test_describe_launch_sees_the_restarter(tmp_path: Path) -> None:
    result, _ = run_groovy("describe-launch", {}, tmp_path, stubs=True)
    assert result["restarter"] is True
    env = {"WINSW_EXECUTABLE": f"{tmp_path}/agent.exe"}
    result, _ = run_groovy("describe-launch", {"env": env}, tmp_path, stubs=True)
    assert (result["supervisor"], result["restart"]) == ("winsw", None)
    before = "hudson.remoting.Engine.winsw = true"
    result, _ = run_groovy("describe-launch", {"env": env}, tmp_path, before=before, stubs=True)
    assert (result["restarter"], result["restart"]) == (True, "service")


def test_echo(tmp_path: Path) -> None:
    text = "é '''${1/0}''' \\ \" \n\u2028 $x"
    result, _ = run_groovy("echo", {"text": text}, tmp_path)
    assert result == {"text": text, "remoting_version": None}
    result, _ = run_groovy("echo", {"text": "x"}, tmp_path, stubs=True)
    assert result["remoting_version"] == "3160.vd76b_9ddd10cc"


def upgrade(tmp_path: Path, url: str, jar: Path, want: str = NEW_SUM) -> Any:
    arguments = {"url": url, "sha256": want, "jar": str(jar)}
    return run_groovy("upgrade-jar", arguments, tmp_path)[0]


def test_upgrade_restore_remove(tmp_path: Path, front: str) -> None:
    folder = tmp_path / "é $HOME 'x'"
    folder.mkdir()
    jar = folder / "agent.jar"
    jar.write_bytes(b"old")
    jar.chmod(0o640)
    old = hashlib.sha256(b"old").hexdigest()

    done = upgrade(tmp_path, front + "agent.jar", jar)
    backup = Path(done["backup"])
    assert (done["before_sha256"], done["after_sha256"]) == (old, NEW_SUM)
    assert jar.read_bytes() == NEW_JAR
    assert jar.stat().st_mode & 0o777 == 0o640
    assert backup.name == f"agent.jar.migrate-{old[:12]}"
    assert backup.read_bytes() == b"old"
    assert sorted(f.name for f in folder.iterdir()) == ["agent.jar", backup.name]

    again = upgrade(tmp_path, front + "nothing-there", jar)
    assert (again["before_sha256"], again["after_sha256"]) == (NEW_SUM, NEW_SUM)
    assert again["backup"] == str(backup)

    arguments = {"jar": str(jar), "backup": str(backup), "sha256": old}
    restored, _ = run_groovy("restore-jar", arguments, tmp_path)
    assert restored == {"after_sha256": old}
    assert jar.read_bytes() == b"old"
    assert backup.exists()
    restored, _ = run_groovy("restore-jar", {**arguments, "backup": None}, tmp_path)
    assert restored == {"after_sha256": old}

    removed, _ = run_groovy("remove-file", {"path": str(backup)}, tmp_path)
    assert removed == {"removed": True}
    removed, _ = run_groovy("remove-file", {"path": str(backup)}, tmp_path)
    assert removed == {"removed": False}
    with pytest.raises(ScriptFailed, match="not a file of this tool"):
        run_groovy("remove-file", {"path": str(jar)}, tmp_path)
    assert jar.exists()


def test_upgrade_of_a_link_replaces_the_file_behind_it(tmp_path: Path, front: str) -> None:
    real = tmp_path / "agent-1.jar"
    real.write_bytes(b"old")
    link = tmp_path / "agent.jar"
    link.symlink_to(real)
    upgrade(tmp_path, front + "agent.jar", link)
    assert link.is_symlink()
    assert real.read_bytes() == NEW_JAR


@pytest.mark.parametrize(
    ("path", "want", "told"),
    [
        ("agent.jar", "0" * 64, "has SHA-256"),
        ("nothing", NEW_SUM, "answered 404"),
        ("moved.jar", NEW_SUM, "answered 302"),
    ],
)
def test_a_failed_upgrade_changes_nothing(
    tmp_path: Path, front: str, path: str, want: str, told: str
) -> None:
    folder = tmp_path / "agent"
    folder.mkdir()
    jar = folder / "agent.jar"
    jar.write_bytes(b"old")
    with pytest.raises(ScriptFailed, match=told):
        upgrade(tmp_path, front + path, jar, want)
    assert list(folder.iterdir()) == [jar]
    assert jar.read_bytes() == b"old"


def test_restore_refuses_another_jar(tmp_path: Path) -> None:
    jar, backup = tmp_path / "agent.jar", tmp_path / "agent.jar.migrate-x"
    jar.write_bytes(b"new")
    backup.write_bytes(b"not the old one")
    arguments = {"jar": str(jar), "backup": str(backup), "sha256": "1" * 64}
    with pytest.raises(ScriptFailed, match="another SHA-256"):
        run_groovy("restore-jar", arguments, tmp_path)
    assert jar.read_bytes() == b"new"


def test_probe_from_host(tmp_path: Path, front: str) -> None:
    arguments = host_script.arguments(Target(front + "ctx"), 5)
    result, _ = run_groovy("probe-from-host", arguments, tmp_path)
    assert result["login"] == {"status": 200, "error": None}
    assert result["cli_ws"]["status"] == 101
    assert result["wsagents"]["status"] == 400
    assert "no such agent" in result["wsagents"]["body"]
    headers = next(h for path, h in _Front.seen if path == "/ctx/wsagents/")
    assert headers["Node-Name"].startswith("migrate-no-such-node-")
    assert headers["Upgrade"] == "websocket"
    assert headers["X-Remoting-Capability"].startswith("rO0AB")
    _Front.refuses = True
    result, _ = run_groovy("probe-from-host", arguments, tmp_path)
    assert result["cli_ws"]["status"] == 400


def test_probe_from_host_where_nothing_listens(tmp_path: Path, front: str) -> None:
    port = front.rsplit(":", 1)[1].strip("/")
    result, _ = run_groovy(
        "probe-from-host", host_script.arguments(Target(f"https://127.0.0.1:{port}/"), 2), tmp_path
    )
    assert result.pop("via") is None
    assert [part["status"] for part in result.values()] == [None, None, None]
    assert all(part["error"] for part in result.values())


def test_try_ports(tmp_path: Path) -> None:
    with ports() as (listener, hangs_up, silent, refused):
        places = [("127.0.0.1", port) for port in (listener, hangs_up, silent, refused)]
        places.append(("no-such-host.invalid", 50000))
        asked = host_ports.arguments(places, 0.5)
        result, _ = run_groovy(host_ports.SCRIPT, asked, tmp_path)
        told = [answer.code for answer in host_ports.judge_host_ports(places, result)]
    assert told == [*ANSWERS, "unreachable"]
    assert run_groovy(host_ports.SCRIPT, host_ports.arguments([], 1), tmp_path)[0] == []


def test_describe_launch_reads_what_decides_on_a_proxy(tmp_path: Path) -> None:
    before = "\n".join(
        f"System.setProperty('{name}', '{value}')"
        for name, value in {
            "sun.java.command": "/srv/a/agent.jar -jnlpUrl http://j/computer/a/jenkins-agent.jnlp",
            "https.proxyHost": "proxy.corp.example",
            "https.proxyPort": "3128",
            "http.nonProxyHosts": "*.corp.example|10.*",
            "http.proxyPassword": "hidden-1",
        }.items()
    )
    env = {
        "http_proxy": "http://bob:p@ss:w0rd/x@proxy.corp.example:3128/",
        "HTTPS_PROXY": "mallory:hidden-2@proxy.corp.example:3128",
        "no_proxy": "localhost,.corp.example",
        "OTHER": "hidden-3",
    }
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/ctx/"
        open_, output = run_groovy(
            "describe-launch", {"env": env, "url": url}, tmp_path, before=before
        )
    assert [word for word in ("p@ss", "w0rd", "bob:", "mallory", "hidden") if word in output] == []
    assert launch_from(open_).proxy == ProxySettings(
        properties={
            "http.nonProxyHosts": "*.corp.example|10.*",
            "https.proxyHost": "proxy.corp.example",
            "https.proxyPort": "3128",
        },
        environment={
            "HTTPS_PROXY": "proxy.corp.example:3128",
            "http_proxy": "http://proxy.corp.example:3128/",
            "no_proxy": "localhost,.corp.example",
        },
        credentials=True,
        direct=True,
    )
    closed, nothing = (
        launch_from(result).proxy
        for result, _ in run_all(
            [("describe-launch", {"env": found, "url": url}, "") for found in (env, {})], tmp_path
        )
    )
    assert closed is not None
    assert closed.direct is False
    assert nothing == ProxySettings()


def test_another_secret_is_masked_and_not_taken_for_the_agents(tmp_path: Path) -> None:
    """Not in clear: the agent's own secret is in a file."""
    result, output = described(
        tmp_path,
        "/a/agent.jar -url http://j/ -name x -secret @/etc/secret -proxyCredentials p:r0xy",
    )
    assert "r0xy" not in output
    assert launch_from(result).secret_in_clear is False
