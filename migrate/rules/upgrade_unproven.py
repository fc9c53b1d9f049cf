"""M034: no real handshake on /wsagents/ could be tried."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Give the user Agent/Create, Agent/Connect and Agent/Delete and run: migrate doctor "
    "--probe-node --hold 40 ; or go on without the proof: migrate apply PLAN "
    "--accept-unproven-upgrade"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("not-done", "already-connected"),
        summary="no handshake on /wsagents/ itself was proven",
        cause="The probe needs a node of its own, which this user may not create.",
        fix=_FIX,
    )


RULE = Rule(
    id="M034",
    name="upgrade-unproven",
    title="The handshake was not proven",
    severity=Severity.WARNING,
    find=_find,
    meaning="The probe with a node of its own was not done, or gave no answer that counts.",
    why="The probes without a secret show that paths and headers arrive. Only a handshake on "
    "/wsagents/ shows that Upgrade survives there.",
    by_hand="Create a node for the purpose, start an agent for it with -webSocket, delete it.",
    fix=_FIX,
    sources=("measured with nginx 1.31.3: Upgrade open for /wsagents/ alone fails on /cli/ws",),
)
