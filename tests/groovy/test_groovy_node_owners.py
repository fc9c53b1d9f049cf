"""The script node-owners, run by a real Groovy with the plugin's own YAML reader."""

from pathlib import Path

import pytest
from groovy_runner import needs_groovy, run_all

from migrate.jenkins.node_owners import Owners, read_owners
from migrate.model.inventory import Transport

SNAKEYAML = Path("/usr/share/java/snakeyaml.jar")
pytestmark = [
    pytest.mark.groovy,
    needs_groovy,
    pytest.mark.skipif(
        not SNAKEYAML.is_file(), reason="no snakeyaml here (Debian: libyaml-snake-java)"
    ),
]

BEFORE = """
class N { String nodeName }

def names = ['b1', 'b2', 'b3', 'b4', 'h1', "k\\u00e9"]
jenkins.model.Jenkins.get().nodes = names.collect { new N(nodeName: it) }
jenkins.model.Jenkins.get().rootDir = new File(HERE, 'home')
"""
CASC = "jenkins.model.Jenkins.Plugins.sources = new File(HERE, 'casc')\n"
YAML = """
jenkins:
  nodes:
    - permanent: {name: b1, launcher: {inbound: {tunnel: "e:1", webSocket: true}}}
    - permanent: {name: "b2", launcher: {jnlp: {webSocket: true}}}
    - permanent:
        name: b3
        launcher: inbound
    - permanent: {name: b4, launcher: {inbound: {webSocket: "${WS:-false}"}}}
    - permanent: {name: h1, launcher: {ssh: {host: h}}}
    - permanent: {name: "ké"}
    - permanent: {name: elsewhere}
unclassified: {secret: "hunter2"}
"""


class Console:
    def __init__(self, result: object) -> None:
        self.result = result

    def run_script(self, script: str, arguments: object, *, node: str | None = None) -> object:
        return self.result


def owners(folder: Path, before: str) -> Owners:
    ((result, output),) = run_all(
        [("node-owners", {}, before)], folder, stubs=True, libraries=(SNAKEYAML,)
    )
    assert "hunter2" not in output
    return read_owners(Console(result))


def test_jcasc_and_hooks_are_read(tmp_path: Path) -> None:
    (tmp_path / "casc" / "sub").mkdir(parents=True)
    (tmp_path / "casc" / "sub" / "a.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "casc" / "bad.yml").write_text("nodes: [\n")
    hooks = tmp_path / "home" / "init.groovy.d"
    hooks.mkdir(parents=True)
    (hooks / "a.groovy").write_text("addNode(new DumbSlave('h1', '', new JNLPLauncher(false)))")
    (hooks / "b.groovy").write_text("Jenkins.get().setSlaveAgentPort(50000)")
    (hooks / "c.groovy").write_text("names.each { add(new DumbSlave(it)) }")
    (hooks / "d.groovy").write_text("println Jenkins.get().getSlaveAgentPort()")
    found = owners(tmp_path, BEFORE + CASC)
    says = {name: source.says for name, source in found.nodes.items()}
    assert says == {
        "b1": Transport.TCP,
        "b2": Transport.WEBSOCKET,
        "b3": Transport.TCP,
        "b4": Transport.UNKNOWN,
        "ké": Transport.TCP,
        "h1": Transport.UNKNOWN,
    }
    assert found.nodes["b1"].owner.kind == "jcasc"
    assert found.nodes["h1"].owner.evidence == f"{hooks}/a.groovy runs at each start"
    assert found.port is not None and found.port.name == "b.groovy"
    told = " ".join(skip.reason for skip in found.skips)
    assert "casc/bad.yml could not be read" in told and "c.groovy makes nodes" in told
    assert "a.groovy makes" not in told and "d.groovy" not in told


def test_nothing_there_is_nobody(tmp_path: Path) -> None:
    found = owners(tmp_path, BEFORE)
    assert (dict(found.nodes), found.port, found.skips) == ({}, None, ())
