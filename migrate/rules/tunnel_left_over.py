"""M006: a node has a tunnel, which WebSocket forbids."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.nodes import MOVED_BY_HAND, inbound, launch_kind, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins, measured, remoting


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        if not node.tunnel:
            continue
        evidence = (
            f"config.xml has <tunnel>{node.tunnel}</tunnel> and <webSocket>"
            f"{'true' if node.web_socket else 'false'}</webSocket>"
        )
        if node.web_socket and launch_kind(node, choices) not in MOVED_BY_HAND:
            yield Hit(
                subject(node),
                "has both WebSocket and a tunnel set: its agent dies at the next start",
                evidence,
                "The JNLP file then holds -webSocket and -tunnel, which agent.jar refuses; from "
                "3176 on it even exits with status 0, so that systemd's Restart=on-failure "
                "does not start it again.",
                "Move it with this tool, which removes the tunnel, or empty 'Tunnel connection "
                "through' in the node's configuration now.",
                Severity.WARNING,
            )
        else:
            yield Hit(
                subject(node),
                "has a tunnel, which is removed together with the switch",
                evidence,
                "A tunnel belongs to TCP only; agent.jar refuses it beside -webSocket.",
                "Nothing to do: the plan removes it in the same write as it sets webSocket, and "
                "keeps it for the way back.",
            )


RULE = Rule(
    id="M006",
    name="tunnel-left-over",
    title="A node has a tunnel",
    severity=Severity.INFO,
    find=_find,
    meaning="The launcher in the node's config.xml has a <tunnel>.",
    why="With webSocket set as well, the agent gets -webSocket and -tunnel and exits at its next "
    "start. Jenkins checks it in its form only (and not at all from 2.437 on), never on REST.",
    by_hand="curl -s -u USER:TOKEN JENKINS_URL/computer/NAME/config.xml | grep -i tunnel",
    fix="The move removes the tunnel and keeps it in the run's backup, so that a rollback sets "
    "it again.",
    sources=(
        remoting("src/main/java/hudson/remoting/Launcher.java: -webSocket forbids -tunnel"),
        jenkins("core/src/main/java/hudson/slaves/JNLPLauncher.java, doCheckWebSocket (to 2.436)"),
        measured("exit status 1 with 4.11.2, 3063 and 3160, 0 with 3206"),
    ),
    levels="A warning when webSocket is set beside the tunnel already.",
)
