"""M031: the agent port is off already."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    if inventory.controller.agent_port.mode == "off":
        count = len(inventory.cluster.exposures) if inventory.cluster else 0
        rest = f"; {count} openings in the cluster still lead to it" if count else ""
        yield Hit(
            "controller",
            f"the agent port is off already{rest}",
            "slaveAgentPort is -1",
            "Somebody closed it, or it was never opened.",
            "Close what is left in the cluster: migrate plan --name NAME"
            if count
            else "Nothing to do about the port.",
        )


RULE = Rule(
    id="M031",
    name="port-off",
    title="The agent port is off already",
    severity=Severity.INFO,
    find=_find,
    meaning="slaveAgentPort is -1.",
    why="The last step of the plan is done already; openings in front of it may remain.",
    by_hand="curl -si JENKINS_URL/tcpSlaveAgentListener/ is 404.",
    fix="Nothing for the port itself.",
    sources=(jenkins("core/src/main/java/hudson/TcpSlaveAgentListener.java"),),
)
