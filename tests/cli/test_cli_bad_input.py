"""Bad input: one sentence with the cause, the next command, the right exit code, no change."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_lab import Cli, lab

from migrate.sandbox.installation import Sandbox

APPLY = ("apply", "plans/t", "--yes", "--confirm", "localhost", "--soak", "0")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Cli]]:
    with lab(tmp_path_factory.mktemp("bad")) as (sandbox, cli):
        done = cli("plan", "--name", "t", "--probe-hold", "1", "-q")
        assert done.code == 0, done.err
        before = state(sandbox)
        yield sandbox, cli
        # What every test of this module promises.
        assert state(sandbox) == before
        assert not list(cli.folder.glob("plans/*/runs/*"))


@pytest.fixture
def cli(running: tuple[Sandbox, Cli]) -> Cli:
    return running[1]


def state(sandbox: Sandbox) -> dict[str, object]:
    """What a command could have changed."""
    names = [spec.name for spec in sandbox.scenario.nodes]
    return {
        "configs": {name: sandbox.jenkins.config_xml(name) for name in names},
        "online": {name: sandbox.jenkins.is_online(name) for name in names},
        "entries": sandbox.kube.get("ConfigMap", "ingress-nginx", "tcp-services"),
    }


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Answering:
    """A server on loopback that gives every connection the same bytes."""

    def __init__(self, answer: bytes, context: ssl.SSLContext | None = None) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.server.getsockname()[1])
        self._answer, self._context = answer, context
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                try:
                    if self._context is not None:
                        connection = self._context.wrap_socket(connection, server_side=True)
                    connection.recv(65536)
                    connection.sendall(self._answer)
                except OSError:
                    continue

    def close(self) -> None:
        self.server.close()


WEB_PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


@pytest.mark.parametrize("command", [("scan",), ("doctor",), ("plan", "--name", "x"), ("verify",)])
def test_a_controller_that_is_away(cli: Cli, closed_port: int, command: tuple[str, ...]) -> None:
    url = f"http://127.0.0.1:{closed_port}/"
    done = cli(*command, JENKINS_URL=url)
    assert (done.code, done.out) == (3, "")
    assert "connection is refused" in done.problem
    assert url in done.problem
    assert done.next_command == f"migrate doctor --jenkins-url {url}"


def test_a_host_without_an_address(cli: Cli) -> None:
    done = cli("scan", JENKINS_URL="https://no-such-host.invalid/")
    assert done.code == 3
    assert "host name is not known" in done.problem


def test_something_that_is_no_jenkins(cli: Cli) -> None:
    server = Answering(WEB_PAGE)
    done = cli("scan", JENKINS_URL=f"http://127.0.0.1:{server.port}/")
    server.close()
    assert done.code in (1, 2, 3)
    assert "Jenkins" in done.problem


def test_a_wrong_token(cli: Cli) -> None:
    for command in (("scan",), APPLY):
        done = cli(*command, JENKINS_API_TOKEN="not-this-one-9d27")
        assert (done.code, done.out) == (3, "")
        assert "refuses user 'admin' with this token" in done.problem
        assert "not-this-one-9d27" not in done.err + done.out


def test_no_token(cli: Cli) -> None:
    done = cli("scan", JENKINS_API_TOKEN=None)
    assert done.code == 2
    assert done.problem == "there is no API token for the user admin"
    assert "--token-file FILE" in done.next_command
    assert "****" not in done.err


def test_a_token_and_nobody_whose_it_is(cli: Cli) -> None:
    done = cli("scan", JENKINS_USER_ID=None)
    assert done.code == 2
    assert "no user that it belongs to" in done.problem
    assert "JENKINS_USER_ID" in done.next_command


@pytest.mark.parametrize(
    ("content", "cause"),
    [(None, "No such file"), (b"\xff\xfe", "not text"), (b"", "is empty")],
)
def test_a_token_file_that_holds_no_token(
    cli: Cli, tmp_path: Path, content: bytes | None, cause: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    done = cli("scan", "--token-file", str(file), JENKINS_API_TOKEN=None)
    assert done.code == 2
    assert cause in done.problem
    assert "--token-file" in done.next_command


@pytest.mark.parametrize(
    "url", ["ftp://host/", "jenkins.example.com", "http://[::1", "http://host:port/", "https://"]
)
def test_a_url_that_is_none(cli: Cli, url: str) -> None:
    done = cli("scan", "--jenkins-url", url)
    assert done.code == 2
    assert "must begin with https://" in done.problem


def test_a_secret_in_the_url_is_refused_and_not_shown(cli: Cli) -> None:
    done = cli("scan", JENKINS_URL="http://ann:hunter2-7f@localhost:1/")
    assert done.code == 2
    assert "user or a password" in done.problem
    assert "hunter2-7f" not in done.err


def test_no_url_at_all(cli: Cli) -> None:
    done = cli("scan", JENKINS_URL=None)
    assert (done.code, done.problem) == (2, "no controller is named")


def test_https_where_only_http_is_spoken(cli: Cli, running: tuple[Sandbox, Cli]) -> None:
    done = cli("scan", JENKINS_URL=running[0].root_url.replace("http://", "https://"))
    assert done.code == 3
    assert "does not speak TLS" in done.problem


def test_a_certificate_that_nobody_vouches_for(cli: Cli, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Answering(WEB_PAGE, context)
    done = cli("scan", JENKINS_URL=f"https://localhost:{server.port}/")
    server.close()
    assert done.code == 3
    assert "cannot be trusted" in done.problem
    assert "--ca-file" in done.problem


def test_a_ca_file_that_is_missing(cli: Cli) -> None:
    done = cli("scan", "--ca-file", "/nonexistent/ca.pem")
    assert done.code == 2
    assert "/nonexistent/ca.pem" in done.problem


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"a: [", b"apiVersion: v1\n"])
def test_a_kubeconfig_that_is_none(cli: Cli, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "kubeconfig"
    if content is not None:
        file.write_bytes(content)
    for extra, words in (
        ({"KUBECONFIG": str(file)}, ()),
        ({"KUBECONFIG": None}, ("--kubeconfig", str(file))),
    ):
        done = cli("scan", *words, **extra)
        assert (done.code, done.out) == (2, "")
        assert str(file) in done.problem


def test_a_context_that_is_missing(cli: Cli) -> None:
    done = cli("scan", "--context", "production")
    assert done.code == 2
    assert "has no context production; it has sandbox" in done.problem
    assert "--context NAME" in done.next_command


def test_no_kubeconfig_is_no_failure_of_a_scan_and_is_one_of_a_plan_for_a_cluster(cli: Cli) -> None:
    assert cli("scan", "-q", KUBECONFIG=None).code == 0
    done = cli(*APPLY, KUBECONFIG=None)
    assert done.code == 2
    assert "cluster" in done.problem
    assert "--kubeconfig" in done.next_command


def test_no_rights_on_config_maps(cli: Cli, running: tuple[Sandbox, Cli]) -> None:
    sandbox = running[0]
    kubeconfig = str(sandbox.kube.kubeconfig("restricted"))
    seen = cli("scan", "-o", "json", "-q", KUBECONFIG=kubeconfig)
    assert seen.code == 0
    skips = json.loads(seen.out)["inventory"]["skips"]
    missing = next(skip for skip in skips if "ConfigMap" in skip["subject"])
    assert "no permission to read the ConfigMap" in missing["reason"]
    assert (
        "resources: [configmaps], resourceNames: [tcp-services], verbs: [get]" in missing["needed"]
    )
    kubeconfig = str(sandbox.kube.kubeconfig("readonly"))
    done = cli("apply", "plans/t", "--dry-run", "-q", KUBECONFIG=kubeconfig)
    assert done.code == 3, done.out
    assert "Traceback" not in done.err
    assert "no permission to patch ConfigMap ingress-nginx/tcp-services" in done.out
    assert done.err.endswith("\nnext: migrate doctor\n")


def test_what_cannot_be_known_is_not_called_lacking(cli: Cli, running: tuple[Sandbox, Cli]) -> None:
    """Agent/Configure shows only by a change: the operator of the sandbox has it."""
    operator = running[0].environment("operator")
    done = cli("doctor", "-q", **operator)
    assert done.code == 0
    rights = {
        row.split()[1]: row.split()[0] for row in done.out.splitlines() if "gent/" in row[:15]
    }
    assert rights["Agent/Connect"] == "has"
    assert rights["Agent/Configure"] == "maybe"
    assert "lacks Overall/Administer" in done.out
    # One line for the launches of all nodes, however many there are.
    told = "launch: this user lacks Overall/Administer"
    assert sum(told in row for row in done.out.splitlines()) == 1
    told = json.loads(cli("doctor", "-q", "-o", "json", **operator).out)["permissions"]
    assert (told["Agent/Connect"], told["Agent/Configure"]) == (True, None)


def test_a_pattern_that_matches_nothing_is_told(cli: Cli) -> None:
    done = cli("plan", "--name", "typo", "--exclude", "linux1", "--probe-hold", "1")
    assert done.code == 0
    assert "note: --exclude: no node is 'linux1' (did you mean 'linux-1'?)" in done.err


def test_a_rehearsal_keeps_to_the_nodes_asked_for(cli: Cli) -> None:
    done = cli("apply", "plans/t", "--dry-run", "--node", "linux-1")
    assert done.code == 0
    moves = [row for row in done.out.splitlines() if row.startswith("would change: ")]
    assert moves == ["would change: move linux-1 to WebSocket"]
    assert "Steps: 1 no change, 1 would change." in done.out


def test_a_plan_cut_in_half(cli: Cli) -> None:
    whole = (cli.folder / "plans/t/plan.json").read_text()
    for part in (2, 3, 10):
        folder = cli.folder / f"plans/cut-{part}"
        folder.mkdir()
        (folder / "plan.json").write_text(whole[: len(whole) // part])
        done = cli("apply", f"plans/cut-{part}", "--yes")
        assert (done.code, done.out) == (2, "")
        assert f"cut-{part}/plan.json" in done.problem
        assert done.next_command == f"migrate plan --name cut-{part} --overwrite"
        assert cli("show", f"plans/cut-{part}").code == 2


def test_a_plan_edited_by_hand(cli: Cli) -> None:
    shutil.copytree(cli.folder / "plans/t", cli.folder / "plans/edited")
    file = cli.folder / "plans/edited/plan.json"
    text = file.read_text()
    assert '"probe_hold":1,' in text
    file.write_text(text.replace('"probe_hold":1,', '"probe_hold":2,'))
    done = cli("apply", "plans/edited", "--yes")
    assert done.code == 2
    assert "was changed since migrate wrote it" in done.problem
    shown = cli("show", "plans/edited")
    assert shown.code == 0
    assert "was changed since migrate wrote it" in shown.err


def test_a_plan_for_another_controller(cli: Cli, closed_port: int) -> None:
    done = cli(*APPLY[:3], JENKINS_URL=f"http://127.0.0.1:{closed_port}/")
    assert done.code == 3
    assert "the plan is for http://localhost:" in done.problem
    assert "nothing was changed" in done.problem
    assert done.next_command.startswith("migrate apply plans/t --jenkins-url http://localhost:")


def test_the_name_of_another_host_does_not_confirm(cli: Cli) -> None:
    done = cli("apply", "plans/t", "--yes", "--confirm", "other.example.com")
    assert done.code == 2
    assert "'other.example.com'" in done.problem
    assert "'localhost'" in done.problem


def test_without_a_terminal_the_flag_that_answers_is_named(cli: Cli) -> None:
    done = cli("apply", "plans/t")
    assert done.code == 2
    assert "no terminal" in done.problem
    assert "--yes" in done.next_command


CONFIGS: dict[str, str | bytes] = {
    "not yaml": "a: [",
    "not text": b"\xff\xfe",
    "no controllers": "controllers: [a]",
    "an entry that is none": "controllers: {a: 5}",
    "an unknown key": "controllers: {a: {url: 'http://x/', token: abc}}",
    "a wrong type": "controllers: {a: {url: 5}}",
    "a wrong switch": "controllers: {a: {url: 'http://x/', no_cluster: 'no'}}",
    "two to choose from": "controllers: {a: {url: 'http://x/'}, b: {url: 'http://y/'}}",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_file_that_cannot_be_used(cli: Cli, tmp_path: Path, name: str) -> None:
    file = tmp_path / "config.yaml"
    content = CONFIGS[name]
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = cli("scan", "--config", str(file))
    assert done.code == 2
    assert str(file) in done.problem
    assert done.next_command.startswith("migrate scan --config")


def test_a_controller_that_no_config_file_names(cli: Cli, tmp_path: Path) -> None:
    assert cli("scan", "--controller", "a").code == 2
    file = tmp_path / "config.yaml"
    file.write_text("controllers: {a: {url: 'http://x/'}}")
    done = cli("scan", "--config", str(file), "--controller", "b")
    assert done.code == 2
    assert "none is called b" in done.problem


USAGE = {
    "unknown command": ("migrat",),
    "unknown option": ("scan", "--frobnicate"),
    "missing argument": ("apply",),
    "missing option": ("plan",),
    "number out of range": ("apply", "plans/t", "--concurrency", "0"),
    "no number": ("verify", "--timeout", "soon"),
    "unknown format": ("scan", "-o", "xml"),
    "unknown stage": ("apply", "plans/t", "--stage", "moving"),
    "no time": ("apply", "plans/t", "--soak", "a while"),
    "no budget": ("apply", "plans/t", "--max-failures", "some"),
    "unknown reaction": ("apply", "plans/t", "--on-failure", "panic"),
    "unknown way to read": ("scan", "--read-by", "guessing"),
    "plan name": ("plan", "--name", "../x"),
    "wave size": ("plan", "--name", "x", "--waves", "some"),
    "no pair": ("plan", "--name", "x", "--driver", "inband"),
    "unknown driver": ("plan", "--name", "x", "--driver", "*=telepathy"),
    "unknown launch": ("plan", "--name", "x", "--launch", "*=magic"),
    "address": ("plan", "--name", "x", "--agent-address", "somewhere"),
    "unknown page": ("explain", "M999"),
    "unknown fault": ("sandbox", "demo", "--fault", "earthquake"),
    "fault without a story there": (
        *("sandbox", "demo", "--scenario", "fleet"),
        *("--fault", "dead-agent"),
    ),
    "unknown scenario": ("sandbox", "up", "--scenario", "moon"),
    "node that no plan has": ("apply", "plans/t", "--yes", "--node", "linx-1"),
    "node that no controller has": ("plan", "--name", "x", "--include", "linx-*"),
    "plan that is not there": ("show", "plans/none"),
    "plan that was never applied": ("status", "plans/t"),
    "resume of nothing": ("apply", "plans/t", "--yes", "--resume"),
    "run that is not there": ("report", "20200101-000000"),
    "rollback of nothing": ("rollback", "plans/t"),
    "mark of nothing": ("mark", "plans/t", "by-name", "done", "--reason", "x"),
    "mark as something else": ("mark", "plans/t", "by-name", "well", "--reason", "x"),
    "lock of nothing": ("unlock", "plans/none"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage(cli: Cli, name: str) -> None:
    done = cli(*USAGE[name])
    assert (done.code, done.out) == (2, "")
    assert done.problem
    assert done.next_command
