"""M023: something closes a quiet WebSocket too early."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

_FIX = (
    "Raise the timeout of the layer in front of Jenkins above 60 s (nginx: proxy_read_timeout and "
    "proxy_send_timeout; HAProxy: timeout tunnel; ALB: idle_timeout; OpenShift: "
    "haproxy.router.openshift.io/timeout), then run: migrate doctor --hold 40"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("idle-timeout",),
        summary="a WebSocket through this address is closed before Jenkins' first ping",
        cause="Jenkins pings each 30 s; a proxy or load balancer gives up earlier.",
        fix=_FIX,
    )


RULE = Rule(
    id="M023",
    name="idle-timeout",
    title="A quiet WebSocket is closed too early",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The probe's socket was opened and then closed by the far side before it had been "
    "held as long as asked.",
    why="Agents would drop and come back all day, and builds on them fail.",
    by_hand="Hold a WebSocket open (websocat JENKINS_URL/cli/ws) for 35, 70 and 110 seconds.",
    fix=_FIX,
    sources=(
        jenkins("core/.../websocket/WebSocketSession.java: jenkins.websocket.pingInterval 30 s"),
        "measured with nginx 1.31.3: proxy_read_timeout 5s closes the socket after 5.0 s",
    ),
)
