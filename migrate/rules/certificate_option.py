"""M041: certificate options that the agent's ping of /login ignores."""

from collections.abc import Iterator

from migrate.agents.options import PING_USES_CERT_FROM, TLS_OPTIONS_FROM, normal
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.nodes import subject, to_move, version_at_next_start
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        version = version_at_next_start(inventory, node, choices)
        options = normal(node.launch.options) if node.launch else ()
        used = [option for option in ("-cert", "-noCertificateCheck") if option in options]
        if used and version is not None and TLS_OPTIONS_FROM <= version < PING_USES_CERT_FROM:
            yield Hit(
                subject(node),
                f"trusts Jenkins by {' and '.join(used)}, which its reconnect ignores",
                f"options read on its host: {' '.join(options)}",
                "Remoting from 3184 to 3298 uses the option for the WebSocket, and not for the "
                "GET of /login before it reconnects.",
                "Give its Java the CA instead: -Djavax.net.ssl.trustStore=FILE before -jar; or "
                "use an agent.jar from 3299 on.",
            )


RULE = Rule(
    id="M041",
    name="certificate-option",
    title="A certificate option that the reconnect ignores",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent trusts Jenkins by -cert or -noCertificateCheck, with a remoting from 3184 "
    "to 3298.",
    why="It connects, and after its first disconnect it waits for /login for ever.",
    by_hand="The command line and the jar's version on the host.",
    fix="Put the CA into the Java trust store of the agent.",
    sources=(remoting("#786 (JENKINS-75409), 3299: the ping uses -cert"),),
)
