"""The scenario behind-proxies: who is moved, who is named and left, and why the port stays open."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_cli import Cli
from e2e_installation import until
from e2e_sandbox import SandboxInstallation

from migrate.sandbox.behind_proxies import BEHIND_PROXIES, JAVA_OPTIONS

MOVED = {"plain-1", "plain-2", "proxy-by-java"}
ENV, WEST, NAMES = "proxy-by-env", "west-office", ("漢字", "Łódź")
_UNIT = "etc/systemd/system/jenkins-agent-proxy-by-env.service"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SandboxInstallation]:
    work = tmp_path / "work"
    work.mkdir()
    nodes = BEHIND_PROXIES.nodes
    made = SandboxInstallation(work, tmp_path / "home", nodes, frozenset(), scenario=BEHIND_PROXIES)
    yield made
    made.stop()


def test_agents_behind_proxies(there: SandboxInstallation) -> None:
    cli = Cli(there)
    planned = cli.plan("--accept-http").text
    assert "name that no WebSocket agent can send: it stays on TCP" in _one_line(planned)
    assert f"node {ENV}: gets out through http_proxy" in _one_line(planned)
    for name in (ENV, *NAMES):
        assert not (cli.folder / "plans/t/runbooks" / f"{name}.sh").exists()

    # Nothing stood in the way from where migrate runs; from its own host, something does.
    stopped = cli.apply(code=7).text
    assert f"node {WEST}: failed: from the agent's own host" in stopped
    assert "drops Upgrade on /cli/ws" in stopped
    left = {ENV, WEST, *NAMES}
    there.comes_to(dict.fromkeys(MOVED, "WebSocket") | dict.fromkeys(left, "JNLP4-connect"))
    networks = there.sandbox.networks
    assert networks is not None
    http = there.sandbox.edge.http_port
    assert f"CONNECT jenkins.sandbox.invalid:{http} HTTP/1.1" in networks.proxy.asked

    # With that one left out, too: nothing to move, and the port is not closed for those who stay.
    cli.plan("--accept-http", "--exclude", WEST, name="rest")
    refused = cli.apply(code=4, plan="plans/rest").text
    report = _one_line(cli.run("report", "plans/rest", "-o", "text").out)
    for text in (_one_line(refused), report):
        assert "The port stays open" in text
        for name in NAMES:
            assert f"{name} is still connected over TCP (M049" in text
        assert f"{ENV} is still connected over TCP (M050" in text
        assert f"{WEST} is still connected over TCP (an --exclude pattern names it" in text
    assert there.port_open()
    assert {n for n, t in there.transports().items() if t == "JNLP4-connect"} == {
        ENV,
        WEST,
        *NAMES,
    }

    # What the finding says to add is what the agent needs.
    _add_java_options(there)
    cli.plan("--accept-http", "--exclude", WEST, name="again")
    cli.apply(code=4, plan="plans/again")
    until(lambda: there.transport(ENV) == "WebSocket")
    assert there.port_open()


def _one_line(text: str) -> str:
    """Without the line breaks and marks of a terminal."""
    return " ".join(text.replace("\n!!", " ").replace("\n!", " ").split())


def _add_java_options(there: SandboxInstallation) -> None:
    """A person edits the unit, and restarts it."""
    host = there.sandbox.hosts["dmz-01"].folder
    unit = host / _UNIT
    text = unit.read_text()
    assert " -jar " in text
    unit.write_text(text.replace(" -jar ", f" {' '.join(JAVA_OPTIONS)} -jar "))
    before = there.sandbox.jenkins.agent_log(ENV)
    for words in (("daemon-reload",), ("restart", unit.name)):
        subprocess.run([host / "bin/systemctl", *words], check=True, timeout=60)
    until(lambda: there.sandbox.jenkins.agent_log(ENV) != before)
    until(lambda: there.sandbox.jenkins.is_online(ENV))
