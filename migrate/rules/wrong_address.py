"""M026: the address does not lead to Jenkins, or not under this path."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Compare the address with the Jenkins URL (Manage Jenkins, System, Jenkins Location), the "
    "context path (--prefix) and the proxy's paths; then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("wrong-path", "not-jenkins"),
        summary="this address does not lead to Jenkins' agent endpoint",
        cause="Another server or another path answers: the proxy cuts or adds a path prefix, or "
        "the host name belongs to something else.",
        fix=_FIX,
    )


RULE = Rule(
    id="M026",
    name="wrong-address",
    title="The address does not lead to Jenkins",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="/login or /wsagents/ was answered 404 or by something that is not Jenkins.",
    why="Agents build their WebSocket address from the Jenkins URL: PREFIX/wsagents/ must reach "
    "Jenkins under the same prefix.",
    by_hand="curl -si JENKINS_URL/wsagents/ should be a 400 with an X-Jenkins or Jetty body.",
    fix=_FIX,
    sources=(
        "jenkins.io, reverse proxy configuration, context path",
        "measured with nginx 1.31.3: wrong-prefix, 404 on every path",
    ),
)
