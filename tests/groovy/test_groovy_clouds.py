"""The scripts list-clouds and set-cloud, run by a real Groovy against stand-ins."""

from pathlib import Path

import pytest
from groovy_runner import needs_groovy, run_all

from migrate.jenkins.clouds import read_clouds
from migrate.jenkins.errors import ScriptFailed

pytestmark = [pytest.mark.groovy, needs_groovy]

CLOUDS = """
import org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud as K
def jnlp = new K.Container(name: 'jnlp', args: '-tunnel j:1',
    envVars: [new K.Variable(key: 'JENKINS_TUNNEL', value: 'own:50000'),
              new K.Variable(key: 'PASSWORD', value: 'no')])
def pods = new K.Template(name: 'maven', label: 'mvn', containers: [jnlp],
    yamls: ['spec: {containers: [{env: [{name: JENKINS_WEB_SOCKET, value: "x"}]}]}'])
jenkins.model.Jenkins.get().clouds = [
    new K(name: "k\\u00e9 'x'", jenkinsTunnel: 'edge:50000', jenkinsUrl: 'http://j/',
        templates: [pods]),
    new K.OtherCloud(name: 'vms')]
jenkins.model.Jenkins.get().nodes = [new K.Slave(nodeName: 'maven-1', cloudName: "k\\u00e9 'x'"),
    new K.Slave(nodeName: 'z', cloudName: 'elsewhere')]
"""
NAME = "ké 'x'"
WANTED = {"name": NAME, "web_socket": True, "tunnel": None, "direct": False}


class Console:
    def __init__(self, result: object) -> None:
        self.result = result

    def run_script(self, script: str, arguments: object, *, node: str | None = None) -> object:
        return self.result


def test_clouds_are_read_set_and_read_back(tmp_path: Path) -> None:
    sent = [("list-clouds", {}, CLOUDS), ("set-cloud", WANTED, ""), ("list-clouds", {}, "")]
    (first, _), (done, _), (second, _) = run_all(sent, tmp_path, stubs=True)
    cloud, other = read_clouds(Console(first))
    assert (cloud.name, cloud.web_socket, cloud.tunnel) == (NAME, False, "edge:50000")
    assert (cloud.nodes, cloud.owner) == (("maven-1",), None)
    (template,) = cloud.templates
    assert template.env == {"JENKINS_TUNNEL": "own:50000", "JENKINS_WEB_SOCKET": "(in its YAML)"}
    assert template.args == "-tunnel j:1"
    assert (other.name, other.web_socket) == ("vms", None)
    assert done["before"] == {"web_socket": False, "tunnel": "edge:50000", "direct": False}
    assert done["after"] == {"web_socket": True, "tunnel": None, "direct": False}
    assert read_clouds(Console(second))[0].web_socket is True


def test_clouds_of_jcasc_and_unknown_clouds(tmp_path: Path) -> None:
    (tmp_path / "casc").mkdir()
    (tmp_path / "casc" / "a.yaml").write_text("jenkins:\n  clouds:\n    - kubernetes: {}\n")
    casc = CLOUDS + "jenkins.model.Jenkins.Plugins.sources = new File(HERE, 'casc')\n"
    ((result, _),) = run_all([("list-clouds", {}, casc)], tmp_path, stubs=True)
    owner = read_clouds(Console(result))[0].owner
    assert owner is not None and owner.kind == "jcasc"
    with pytest.raises(ScriptFailed, match="there are 0 clouds called nowhere"):
        run_all([("set-cloud", {**WANTED, "name": "nowhere"}, CLOUDS)], tmp_path, stubs=True)
