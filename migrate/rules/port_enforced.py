"""M013: a system property enforces the agent port."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

_FIX = (
    "Change the controller's start: -Djenkins.model.Jenkins.slaveAgentPort=-1 (or without "
    "slaveAgentPortEnforce), and restart it. The plan hands this out as a manual step."
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    if inventory.controller.agent_port.enforced:
        yield Hit(
            "controller",
            "a system property enforces the agent port: closing it needs a restart",
            "-Djenkins.model.Jenkins.slaveAgentPortEnforce=true",
            "With the property, Jenkins applies its port at each load and ignores any change with "
            "a warning in its log.",
            _FIX,
        )


RULE = Rule(
    id="M013",
    name="port-enforced",
    title="A system property enforces the agent port",
    severity=Severity.WARNING,
    find=_find,
    meaning="The controller runs with -Djenkins.model.Jenkins.slaveAgentPortEnforce=true.",
    why="setSlaveAgentPort is ignored then, so the last step of the migration can't be done while "
    "the controller runs.",
    by_hand="Manage Jenkins, System Information, or the controller's command line.",
    fix=_FIX,
    sources=(
        jenkins("core/src/main/java/jenkins/model/Jenkins.java, SLAVE_AGENT_PORT_ENFORCE (2.24+)"),
    ),
)
