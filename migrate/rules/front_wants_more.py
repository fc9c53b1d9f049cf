"""M060: what is in front of Jenkins wants of agents what this tool brings."""

from collections.abc import Iterator

from migrate.agents.options import normal
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Verdict
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.nodes import subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_CODE = "front-wants-more"
_FIX = (
    "Let /login, /wsagents/ and /jnlpJars/ through in front without them; or, where /login is "
    "let through, start the agents with -webSocketHeader NAME=VALUE. Then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        (_CODE,),
        summary="agents would need the headers or the certificate that this tool brings",
        cause="The same request without them is answered otherwise.",
        fix=_FIX,
    )
    if not any(a.code == _CODE and a.verdict is not Verdict.PASS for a in inventory.probes):
        return
    for node in to_move(inventory):
        options = normal(node.launch.options) if node.launch else ()
        if "-webSocketHeader" not in options:
            yield Hit(
                subject(node),
                "brings no header of its own, which the front may want",
                f"options read on its host: {' '.join(options) or 'none'}",
                "The front answers a request without the headers or the certificate that this tool "
                "brings otherwise, and this agent has no -webSocketHeader.",
                _FIX,
            )


RULE = Rule(
    id="M060",
    name="front-wants-more",
    title="The front wants headers or a certificate that agents do not bring",
    severity=Severity.WARNING,
    find=_find,
    meaning="migrate was given --header-file or --client-cert for a proxy in front of Jenkins, and "
    "GET /login or an upgrade got another answer without them.",
    why="An agent that comes through the same proxy is refused as migrate would be without them. "
    "-webSocketHeader goes with the handshake alone: GET /login, which comes first, has no header "
    "of it, and no agent shows a client certificate.",
    by_hand="curl -si JENKINS_URL/login | head -1 from an agent's host, without any header.",
    fix=_FIX,
    sources=(
        remoting("#458, 4.9: -webSocketHeader NAME=VALUE, repeatable; needs -webSocket"),
        remoting("Engine.java, pingSuccessful: GET /login without these headers"),
    ),
    levels="A warning: agents may have a way of their own, past that proxy.",
)
