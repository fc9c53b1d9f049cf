"""M004: /login or the agents' paths ask for a login."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_FIX = (
    "Exempt /login, /wsagents/, /jnlpJars/ and /computer/*/jenkins-agent.jnlp (and "
    "/tcpSlaveAgentListener/ until the port is closed) from the login in front of Jenkins; "
    "/login must answer 200. Then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("auth-in-front",),
        summary="something in front of Jenkins asks for a login, and agents cannot give one",
        cause="A single sign-on or authenticating proxy answers 401, 403 or a redirect before "
        "Jenkins is reached. Rules made for TCP agents exempt /tcpSlaveAgentListener/ only.",
        fix=_FIX,
    )


RULE = Rule(
    id="M004",
    name="login-blocked",
    title="/login does not answer 200, or a login stands in front of Jenkins",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="GET /login or /wsagents/ without any credential was answered by a login layer "
    "instead of Jenkins.",
    why="The first thing that a WebSocket agent does is GET /login, and it goes on only after a "
    "200: otherwise it says '.../login is not ready: 401' for ever. -webSocketHeader does not "
    "help, since it is not sent with that request.",
    by_hand="curl -si JENKINS_URL/login and curl -si JENKINS_URL/wsagents/ : 200, and 400 "
    "'This endpoint is only for use from agent.jar in WebSocket mode'.",
    fix=_FIX,
    sources=(
        remoting("src/main/java/hudson/remoting/Engine.java, pingSuccessful"),
        "jenkinsci/remoting#771 and the rework in 3283.v92c105e0f819",
    ),
)
