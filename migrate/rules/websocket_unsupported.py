"""M002: the controller answers, and has no WebSocket support."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

_FIX = (
    "Run Jenkins in its own Jetty (java -jar jenkins.war, the official image or package), not in "
    "Tomcat or another servlet container; then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("websocket-unsupported", "controller-too-old"),
        summary="the controller has no /wsagents/: WebSocket is not supported by its servlet "
        "container",
        cause="Jenkins registers /wsagents/ only where its own Jetty offers WebSocket.",
        fix=_FIX,
    )


RULE = Rule(
    id="M002",
    name="websocket-unsupported",
    title="WebSocket is not supported by the servlet container",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="Jenkins itself answered, and GET /wsagents/ is a 404 from it. The URL exists only if "
    "WebSockets.isSupported() is true.",
    why="No agent can connect over WebSocket to this controller, whatever the proxy does.",
    by_hand="curl -si JENKINS_URL/wsagents/ shows 400 'This endpoint is only for use from "
    "agent.jar in WebSocket mode' where it is supported, and 404 with an X-Jenkins header where "
    "it is not.",
    fix=_FIX,
    sources=(
        jenkins("core/src/main/java/jenkins/agents/WebSocketAgents.java"),
        jenkins("core/src/main/java/jenkins/websocket/WebSockets.java, isSupported()"),
        "jenkins-infra/jenkins.io#4019: 'WebSocket support is not enabled' on Tomcat",
    ),
)
