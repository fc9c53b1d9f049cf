"""M012: the agent port is random."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    port = inventory.controller.agent_port
    if port.mode == "random":
        now = f", now {port.advertised}" if port.advertised else ""
        yield Hit(
            "controller",
            f"the agent port is random{now}",
            f"slaveAgentPort is 0; X-Jenkins-JNLP-Port is {port.advertised or 'not given'}",
            "Jenkins takes a new port at each start, so nothing in front of it can be set up for "
            "it; a forwarding found today may be for another service tomorrow.",
            "The port can be switched off as usual at the end. A rollback switches it back to "
            "random, which then is another number.",
        )


RULE = Rule(
    id="M012",
    name="port-random",
    title="The agent port is random",
    severity=Severity.WARNING,
    find=_find,
    meaning="slaveAgentPort is 0: Jenkins chooses a port at each start.",
    why="Agents find it by the header X-Jenkins-JNLP-Port, so it works inside one network. After "
    "a rollback the number differs, and whatever was opened for the old one does not help.",
    by_hand="curl -s -u USER:TOKEN JENKINS_URL/api/json?tree=slaveAgentPort",
    fix="Nothing for the move. To be able to go back exactly, set a fixed port first (Manage "
    "Jenkins, Security, TCP port for inbound agents).",
    sources=(jenkins("core/src/main/java/jenkins/model/Jenkins.java 1204-1280"),),
)
