"""M055: not as many WebSockets at once as were asked for."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Raise the cap above the number of agents behind one address (nginx: limit_conn), then run: "
    "migrate doctor --sockets 100"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("sockets-capped",),
        summary="the front does not let as many WebSockets stand at once",
        cause="A layer in front of Jenkins caps connections, perhaps for each address.",
        fix=_FIX,
    )


RULE = Rule(
    id="M055",
    name="sockets-capped",
    title="WebSockets are capped",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="Of the WebSockets that --sockets opened at once, only some stood.",
    why="The agents of a network often share one address; those above the cap stay offline, and "
    "which ones changes at each reconnect.",
    by_hand="Open many at once (websocat JENKINS_URL/cli/ws in a loop), and count.",
    fix=_FIX,
    sources=("nginx, ngx_http_limit_conn_module: limit_conn, 503 above it",),
)
