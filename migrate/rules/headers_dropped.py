"""M022: a proxy drops the agents' request headers."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

_FIX = (
    "Let the request headers Node-Name, Secret-Key, X-Remoting-Capability and Connection-Cookie "
    "through to Jenkins on /wsagents/, then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("headers-dropped",),
        summary="a proxy drops the headers by which an agent says who it is",
        cause="Jenkins answered that Node-Name, Secret-Key or X-Remoting-Capability is missing, "
        "though they were sent.",
        fix=_FIX,
    )


RULE = Rule(
    id="M022",
    name="headers-dropped",
    title="A proxy drops the agents' request headers",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="A request to /wsagents/ with a made-up node name was answered as if it had none.",
    why="Without these headers Jenkins refuses every agent with 400.",
    by_hand="curl -si -H 'Node-Name: no-such' -H 'Secret-Key: 0' -H 'X-Remoting-Capability: 0' "
    "JENKINS_URL/wsagents/ should say 'no such agent'.",
    fix=_FIX,
    sources=(
        jenkins("core/src/main/java/jenkins/agents/WebSocketAgents.java"),
        "measured with nginx 1.31.3 before Jenkins 2.426.2: header-names-dropped",
    ),
)
