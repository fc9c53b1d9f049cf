"""M028: the address that agents use cannot be reached from here."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Check the name, the port and the firewall from this machine; if agents use another address, "
    "scan with that one: migrate scan --jenkins-url URL"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("unreachable",),
        summary="the address that agents use cannot be reached from here",
        cause="The name is not known here, the connection is refused, or it times out.",
        fix=_FIX,
    )


RULE = Rule(
    id="M028",
    name="unreachable",
    title="The agents' address cannot be reached",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="No HTTP answer came from the address, from where this tool runs.",
    why="What can't be tried can't be promised.",
    by_hand="curl -sv JENKINS_URL/login",
    fix=_FIX,
    sources=("the connection error, as probed",),
)
