"""The controller-side scripts, run by a real Groovy against stand-ins for Jenkins' classes."""

import base64
from pathlib import Path

import pytest
from groovy_runner import Sent, needs_groovy, run_all

from migrate.jenkins.agent_log import parse_log

pytestmark = [pytest.mark.groovy, needs_groovy]

NODES = """
import hudson.model.Computer
def labelled = { new Computer.Label(name: it) }
def own = labelled('node c \\u00e9')
def busyNode = new Computer.Node(xml: '<slave>\\u00e9</slave>', selfLabel: own,
    assignedLabels: [own, labelled('lab')], nodeDescription: 'a <x>')
Computer.ALL = [
    new Computer.MasterComputer(name: '', node: new Computer.Node(selfLabel: labelled('built-in'))),
    new Computer(name: 'node c \\u00e9', node: busyNode, channel: 'open',
        logFile: new File(HERE, 'slave.log'),
        executors: [new Computer.Executor(busy: true), new Computer.Executor()],
        oneOffExecutors: [new Computer.Executor(busy: true)],
        temporarilyOffline: true, offlineCauseReason: 'mine',
        offlineCause: new Computer.UserCause(id: 'bob')),
    new Computer(name: 'lost', node: new Computer.Node(), logFile: new File(HERE, 'nothing.log'),
        temporarilyOffline: true, offlineCauseReason: 'Connection was broken',
        offlineCause: new Computer.ChannelTermination()),
    new Computer(name: 'being removed'),
]
"""


def test_inventory(tmp_path: Path) -> None:
    long_line = "INFO: chatter é " * 8 + "\n"
    (tmp_path / "slave.log").write_text(
        "Inbound agent connected from 127.0.0.1\nRemoting version: 4.13\n"
        + "Agent successfully connected and online\n"
        + long_line * 1000
        + "ERROR: Connection terminated\n",
        encoding="utf-8",
    )
    ((result, _),) = run_all([("inventory", {}, NODES)], tmp_path, stubs=True)
    marked, lost = result.pop("nodes")
    assert result == {
        "version": "2.426.2",
        "root_url": "http://j/",
        "agent_port": 15000,
        "enforced": False,
        "inbound_url": None,
        "java_version": result["java_version"],
        "jar_version": "3160.vd76b_9ddd10cc",
        "minimum_remoting": "4.13",
        "minimum_lifted": True,
        "protocols": ["JNLP4-connect", "Ping"],
        "jcasc": False,
        "user": "admin",
        "permissions": [
            "Overall/Administer",
            "Overall/Read",
            "Agent/Configure",
            "Agent/Connect",
        ],
    }
    assert base64.b64decode(marked["config_xml"]).decode() == "<slave>é</slave>"
    assert (marked["name"], marked["labels"], marked["busy"]) == ("node c é", ["lab"], 2)
    assert (marked["online"], marked["mark"]) == (True, {"by": "bob", "reason": "mine"})
    log = parse_log(base64.b64decode(marked["log"]))
    assert (log.remoting_version, log.terminated) == ("4.13", True)
    assert len(log.text) < 70_000
    assert (lost["online"], lost["mark"]) == (False, {"by": "", "reason": ""})
    assert lost["log"] == ""


def test_inventory_tells_jcasc_and_an_enforced_port(tmp_path: Path) -> None:
    casc = tmp_path / "casc"
    (casc / "deep").mkdir(parents=True)
    (casc / "deep" / "a.yaml").write_text("jenkins:\n  slaveAgentPort: 50000\n")
    with_port = (
        "jenkins.model.Jenkins.Plugins.sources = new File(HERE, 'casc')\n"
        "System.setProperty('jenkins.model.Jenkins.slaveAgentPortEnforce', 'true')"
    )
    without = "jenkins.model.Jenkins.Plugins.sources = new File(HERE, 'casc/none')"
    sent: list[Sent] = [("inventory", {}, with_port), ("inventory", {}, without)]
    (first, _), (second, _) = run_all(sent, tmp_path, stubs=True)
    assert (first["jcasc"], first["enforced"]) == (True, True)
    assert second["jcasc"] is None


def test_set_agent_port(tmp_path: Path) -> None:
    sent = [("set-agent-port", {"port": -1}, ""), ("set-agent-port", {"port": 15000}, "")]
    (closed, _), (opened, _) = run_all(sent, tmp_path, stubs=True)
    assert closed == {"before": 15000, "after": -1}
    assert opened == {"before": -1, "after": 15000}
