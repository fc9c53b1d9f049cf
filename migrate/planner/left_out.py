"""Nodes, and secrets of nodes, that the plan leaves as they are, and why. Pure."""

from migrate.model.finding import Finding, Severity
from migrate.model.inventory import (
    STAYS_ON_TCP,
    Inventory,
    Launch,
    LauncherKind,
    LaunchKind,
    Node,
    Skip,
    Transport,
)
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.model.text import visible
from migrate.planner import secrets
from migrate.planner.choose import Choice, known_launch
from migrate.planner.offers.base import COMMAND, KUBERNETES, MANUAL

PERMANENT = ("slave", "")
"""Root element of a permanent agent's config.xml (DumbSlave's alias, Jenkins.java)."""

STAY_ON_TCP = ("M049", "M050")
"""Rules whose blocker leaves a node out: a runbook could not move it either."""
_NOT_INBOUND = {
    LauncherKind.SSH: "the controller connects to it over SSH; it does not use the TCP agent port",
    LauncherKind.COMMAND: (
        "the controller starts it by a command; it does not use the TCP agent port"
    ),
    LauncherKind.BUILT_IN: "it runs inside the controller",
    LauncherKind.CLOUD: (
        "a cloud makes it from a template: the template decides its transport, not the node"
    ),
    LauncherKind.OTHER: "its launcher is not known to this tool, so nothing is changed on it",
}


def blockers_of(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
    """By node, what stands in the way of its move."""
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        name = finding.subject.removeprefix("node ")
        if finding.severity is Severity.BLOCKER and name != finding.subject:
            found[name] = (*found.get(name, ()), finding)
    return found


def left_out(node: Node, choices: Choices) -> Skip | None:
    """Why no step is made for this node; None when it has to move."""

    def skip(what: str, reason: str, needed: str = "") -> Skip:
        return Skip(f"node {node.name}", what, reason, needed)

    if node.launcher is LauncherKind.UNKNOWN:
        return skip(
            "launcher",
            "its configuration could not be read, so how it connects is not known",
            "Agent/Configure (or Agent/ExtendedRead) on this node",
        )
    if node.launcher is not LauncherKind.INBOUND:
        detail = f" ({node.launcher_class})" if node.launcher is LauncherKind.OTHER else ""
        return skip("move", _NOT_INBOUND[node.launcher] + detail)
    what = "move" if node.transport is Transport.WEBSOCKET else STAYS_ON_TCP
    if not any(matches(node.name, pattern) for pattern in choices.include):
        return skip(what, "no --include pattern names it; it keeps the port open while on TCP")
    if any(matches(node.name, pattern) for pattern in choices.exclude):
        return skip(what, "an --exclude pattern names it; it keeps the port open while on TCP")
    if node.transport is Transport.WEBSOCKET:
        return _already(node, choices)
    if node.node_class not in PERMANENT and not _by_hand_anyway(node, choices):
        return skip(
            "move",
            f"a plugin makes it ({node.node_class}) and writes its configuration itself: "
            "its transport is set in that plugin",
            "change the plugin's template, or move it by hand: "
            f"migrate plan --driver '{visible(node.name)}=manual'",
        )
    return None


def stays_on_tcp(node: Node, blockers: tuple[Finding, ...]) -> Skip | None:
    """For what nobody can move as it is, by hand neither."""
    for finding in blockers:
        if finding.id in STAY_ON_TCP and node.transport is not Transport.WEBSOCKET:
            reason = f"{finding.id}: it {finding.summary}; it keeps the port open while on TCP"
            return Skip(f"node {node.name}", STAYS_ON_TCP, reason, finding.fix)
    return None


def _by_hand_anyway(node: Node, choices: Choices) -> bool:
    launch = known_launch(node, choices)
    asked = any(
        matches(node.name, pattern) and driver == MANUAL for pattern, driver in choices.drivers
    )
    return asked or (launch is not None and launch.kind is LaunchKind.SWARM)


def _already(node: Node, choices: Choices) -> Skip | None:
    subject = f"node {node.name}"
    if node.web_socket:
        note = ""
        if node.tunnel:
            note = (
                f"; its tunnel {node.tunnel} is left over: an agent started with -jnlpUrl ends at "
                "its next start until the tunnel is taken out"
            )
        return Skip(subject, "move", "on WebSocket already, and its flag is set" + note)
    launch = known_launch(node, choices)
    if launch is None:
        return Skip(
            subject,
            "move",
            "on WebSocket already, with its flag off: an agent with -webSocket on its own command "
            "line stays there, one that was started with -jnlpUrl would fall back to TCP at its "
            "next start",
            f"if it was started with -jnlpUrl: --launch '{visible(node.name)}=jnlp-url'",
        )
    if launch.kind is LaunchKind.JNLP_URL:
        return None  # The flag is all that keeps it there: without it the next start is TCP.
    return Skip(
        subject,
        "move",
        "on WebSocket already by its own command line; the node's flag has no effect on it",
    )


def owned_nodes(
    inventory: Inventory, findings: tuple[Finding, ...], choices: Choices
) -> tuple[Node, ...]:
    """Nodes that are on WebSocket or get there by this plan, and whose owner does not say so."""
    blockers = blockers_of(findings)
    return tuple(
        node
        for node in inventory.nodes
        if node.owner is not None
        and node.owner_says is not Transport.WEBSOCKET
        and (node.transport is Transport.WEBSOCKET or left_out(node, choices) is None)
        and stays_on_tcp(node, blockers.get(node.name, ())) is None
    )


def secret_stays(node: Node, choice: Choice | None, choices: Choices) -> Skip | None:
    """What the plan says of a secret in clear that it does not move; None where it does.

    ``choice``: None for a node that the plan does not move at all.
    """
    launch = node.launch
    if launch is None or not secrets.wanted(launch, choices):
        return None
    if choice is not None and choice.offer.secret_file:
        return None
    subject = f"secret of node {node.name}"
    return Skip(subject, "secret", f"it stays in clear: {_why_there(node, launch, choice)}")


def _why_there(node: Node, launch: Launch, choice: Choice | None) -> str:
    if choice is None:
        return "this plan does not move the node"
    why = secrets.obstacle(launch)
    if why:
        return why
    if choice.driver == MANUAL:
        return "a person moves this node; its runbook puts the secret into a file where it can"
    if choice.driver == COMMAND:
        return "the configured program edits the launch"
    if choice.driver == KUBERNETES:
        return "it stands in the pod template; give it by a Secret of the cluster"
    if not choice.offer.launch_edit:
        return (
            f"the driver {choice.driver} leaves this launch as it is, and neither ssh nor inband "
            f"can change it (migrate plan --driver '{visible(node.name)}=ssh' or =inband says why)"
        )
    return "no folder is known in which the agent's user could have a file of its own"
