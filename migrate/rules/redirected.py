"""M025: agents would be redirected, and they follow no redirect."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_FIX = (
    "Set the Jenkins URL (Manage Jenkins, System, Jenkins Location) to the address that the "
    "redirect points to, give agents that one, and scan with it: migrate scan --jenkins-url URL"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("redirect",),
        summary="this address redirects, and agents do not follow redirects",
        cause="The proxy sends every request to another address, mostly from http to https.",
        fix=_FIX,
    )


RULE = Rule(
    id="M025",
    name="redirected",
    title="The address redirects",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="GET /login or /wsagents/ was answered with a redirect that is not a login.",
    why="The WebSocket handshake follows no redirect: the agent says 'Response code was not 101: "
    "308'.",
    by_hand="curl -si JENKINS_URL/wsagents/ | head -3",
    fix=_FIX,
    sources=(
        remoting("src/main/java/hudson/remoting/Engine.java: no redirect following is set"),
        "measured with nginx 1.31.3: http-to-https-redirect, 308 on every path",
    ),
)
