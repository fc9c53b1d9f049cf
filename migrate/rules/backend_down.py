"""M024: the proxy answers, and Jenkins behind it does not."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Look whether Jenkins runs, and whether the proxy's backend address and port are right; then "
    "run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("backend-down",),
        summary="the proxy cannot reach Jenkins",
        cause="A 502, 503 or 504 comes from the proxy itself: nothing answers behind it.",
        fix=_FIX,
    )


RULE = Rule(
    id="M024",
    name="backend-down",
    title="The proxy cannot reach Jenkins",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The address that agents use was answered 502, 503 or 504.",
    why="Agents ask /login before they connect, and wait until it is 200.",
    by_hand="curl -si JENKINS_URL/login",
    fix=_FIX,
    sources=("measured with nginx 1.31.3 and a stopped Jenkins: 502 on every path",),
)
