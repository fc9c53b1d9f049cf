"""M054: the front treats an agent's requests otherwise than this tool's."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Look in the front for rules on User-Agent, and let the agents' paths out of them, then run: "
    "migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("front-differs",),
        summary="the front treats agents otherwise than this tool",
        cause="Agents ask /login as Java/VERSION and send no User-Agent with the handshake; under "
        "this tool's own name the same requests are answered otherwise.",
        fix=_FIX,
    )


RULE = Rule(
    id="M054",
    name="front-differs",
    title="The front treats agents otherwise",
    severity=Severity.WARNING,
    find=_find,
    meaning="GET /login or an upgrade of /cli/ws got one answer when it was sent as an agent sends "
    "it, and another when it was sent under this tool's own name.",
    why="A rule against bad bots that knows 'Java/' refuses every agent, while curl and browsers "
    "get through. An agent then waits for ever: '/login is not ready: 403'.",
    by_hand="curl -si -A Java/17.0.15 JENKINS_URL/login | head -1 and the same without -A.",
    fix=_FIX,
    sources=(
        "jenkinsci/jenkins#27372: nginx blocks the User-Agent of Java",
        "recorded from remoting 3352: User-Agent Java/17.0.15 with GET /login, none with the "
        "handshake",
    ),
)
