"""M009: options that the new agent.jar lacks, or that WebSocket forbids."""

from collections.abc import Iterator

from migrate.agents.options import forbidden, lost, unknown
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Node
from migrate.model.plan import Choices
from migrate.model.versions import Version
from migrate.rules.nodes import (
    MOVED_BY_HAND,
    launch_kind,
    subject,
    to_move,
    version_at_next_start,
)
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import measured, remoting


def _kept_jar(inventory: Inventory, node: Node, choices: Choices | None) -> Iterator[Hit]:
    """The plan leaves the jar as it is, because the new one lacks an option in use."""
    served = Version.maybe(inventory.controller.jar_version)
    current = Version.maybe(node.remoting_version)
    if served is None or current is None or current >= served or node.launch is None:
        return
    if choices is not None and not choices.upgrade:
        return
    gone = lost(node.launch.options, launch_kind(node, choices), served)
    if gone:
        yield Hit(
            subject(node),
            f"uses {' and '.join(gone)}, which the controller's agent.jar lacks: its jar stays",
            f"options read on its host: {' '.join(node.launch.options)}; agent.jar there is "
            f"{node.remoting_version}, the controller's is {inventory.controller.jar_version}",
            "A newer agent.jar ends with a usage message when it meets an option that was removed.",
            "Take the option out of the launch on its host, restart the agent, then run: migrate "
            "plan",
            Severity.WARNING,
        )


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        if node.launch is None or not node.launch.options:
            continue
        yield from _kept_jar(inventory, node, choices)
        kind = launch_kind(node, choices)
        version = version_at_next_start(inventory, node, choices)
        options = node.launch.options
        lacks = list(unknown(options, kind, version))
        problems = lacks + list(forbidden(options, version))
        if not problems:
            continue
        by_hand = kind in MOVED_BY_HAND and not lacks
        yield Hit(
            subject(node),
            "has launch options that would stop the agent at its next start"
            if lacks
            else "has launch options that WebSocket forbids",
            f"options read on its host: {' '.join(options)}; " + "; ".join(problems),
            "agent.jar stops at once with a usage message when options contradict each other or "
            "are unknown to it.",
            "Run its runbook, which leaves these options out."
            if by_hand
            else "Take these options out of the agent's launch on its host (unit file, service "
            "XML, script), restart the agent, then run: migrate plan --name NAME",
            Severity.WARNING if by_hand else Severity.BLOCKER,
        )


RULE = Rule(
    id="M009",
    name="launch-options",
    title="Launch options that WebSocket forbids or the new agent.jar lacks",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The agent's command line holds options that agent.jar refuses beside -webSocket "
    "(-tunnel, -direct, -credentials, -noKeepAlive, more than one -url; before 3184 also -cert, "
    "-noCertificateCheck and -proxyCredentials), or that the jar which starts next does not know.",
    why="The agent does not come back after its restart: the process ends with a usage message, "
    "and a supervisor starts it in a loop.",
    by_hand="Compare the command line on the host (ps -ef, the unit or service file) with "
    "java -jar agent.jar -help of the jar that will run.",
    fix="Remove these options from the launch. TLS options can stay with a jar from 3184 on.",
    sources=(
        remoting("src/main/java/hudson/remoting/Launcher.java, args4j 'forbids' and 'depends'"),
        remoting("4a316616: -slaveLog removed (3020); 3f5276e7: -cp removed (3190)"),
        remoting("207ec082 (3176): -url, -name and -webSocket beside -jar"),
        measured("3206 replaced by 3160 on disk: '\"-url\" is not a valid option', agent gone"),
    ),
    levels="A warning where the runbook drops them anyway, and where the plan leaves the old jar "
    "because the new one lacks an option.",
)
