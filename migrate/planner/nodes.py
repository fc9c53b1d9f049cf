"""The node stage: which nodes have to move, and one step for each. Pure."""

import hashlib
from dataclasses import replace

from migrate.model.access import NO_ACCESS, Access
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.finding import Finding, Severity
from migrate.model.inventory import (
    STAYS_ON_TCP,
    Inventory,
    LauncherKind,
    LaunchKind,
    Node,
    Skip,
    Transport,
)
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.model.plan_steps import (
    JarUpgrade,
    KubeTarget,
    Manual,
    MoveNode,
    MoveWorkload,
    NodeByHand,
    NodeStep,
    PlanStep,
)
from migrate.model.reach import CommandReach, InbandReach, SshReach
from migrate.model.text import same_files, visible
from migrate.planner.choose import LAUNCH_NOT_KNOWN, choose, known_launch
from migrate.planner.driver_choice import KUBERNETES, MANUAL, DriverChoice
from migrate.planner.jar import jar_must_stay, shared_jars
from migrate.planner.reach import serving
from migrate.planner.runbook.facts import agents_url, gather
from migrate.planner.runbook.instructions import instructions
from migrate.planner.runbook.script import script
from migrate.planner.secrets import stays

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


def plan_nodes(
    inventory: Inventory,
    findings: tuple[Finding, ...],
    choices: Choices,
    access: Access = NO_ACCESS,
) -> tuple[list[NodeStep], list[PlanStep], list[Skip]]:
    """(steps that the tool runs, steps for people, nodes left out with the reason).

    ``access`` is what the operator configured for ssh and command; it decides which drivers can
    be used, and is not kept in the steps.
    Every node of the inventory is in exactly one of the three.
    """
    moves: list[NodeStep] = []
    by_hand: list[PlanStep] = []
    skips: list[Skip] = []
    blockers = _blockers(findings)
    unread = {skip.subject: skip.reason for skip in inventory.skips if skip.what == "launch"}
    workloads = serving(inventory)
    sharing = shared_jars(inventory.nodes)
    alike = same_files([node.name for node in inventory.nodes])
    in_pods: dict[tuple[str, str, str], list[tuple[Node, DriverChoice]]] = {}
    for node in inventory.nodes:
        skip = left_out(node, choices) or _stays_on_tcp(node, blockers.get(node.name, ()))
        if skip is not None:
            skips += [told for told in (skip, stays(node, None, choices)) if told]
            continue
        workload = workloads.get(node.name)
        found = blockers.get(node.name, ())
        chosen = choose(node, inventory.controller, choices, found, workload, access=access)
        sharers = sharing.get(node.name, ())
        kept = jar_must_stay(sharers, inventory.controller) if chosen.upgrade_to else ""
        if kept:
            older = replace(choices, upgrade=False)
            chosen = choose(node, inventory.controller, older, found, workload, access=access)
            note = f"its agent.jar {node.remoting_version} stays: {kept}"
            chosen = replace(chosen, not_better="; ".join(filter(None, [chosen.not_better, note])))
        if chosen.reason == LAUNCH_NOT_KNOWN and f"node {node.name}" in unread:
            why = f"{LAUNCH_NOT_KNOWN}: {visible(unread[f'node {node.name}'])}"
            chosen = replace(chosen, reason=why)
        left = stays(node, chosen, choices)
        skips += [left] if left else []
        if chosen.driver == KUBERNETES and workload is not None:
            place = (workload.namespace, workload.kind, workload.name)
            in_pods.setdefault(place, []).append((node, chosen))
        elif chosen.driver == MANUAL:
            by_hand.append(_manual_step(node, inventory, choices, chosen, alike))
        else:
            moves.append(_move_step(node, inventory, chosen, sharers))
    for group in in_pods.values():
        workload = workloads[group[0][0].name]
        together = {node.name for node, _ in group}
        apart = [name for name in workload.nodes if name not in together]
        if apart:
            # One pod template: editing it for one of its nodes moves the others, too.
            names = ", ".join(visible(name) for name in apart)
            reason = f"its pod template also serves {names}, which this plan does not move"
            for node, chosen in group:
                alone = DriverChoice(MANUAL, reason, "", chosen.launch, None)
                by_hand.append(_manual_step(node, inventory, choices, alone, alike))
        else:
            moves.append(_workload_step(group, workload))
    return moves, by_hand, skips


def _blockers(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
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


def _stays_on_tcp(node: Node, blockers: tuple[Finding, ...]) -> Skip | None:
    """For what nobody can move as it is, by hand neither."""
    for finding in blockers:
        if finding.id in STAY_ON_TCP and node.transport is not Transport.WEBSOCKET:
            reason = f"{finding.id}: it {finding.summary}; it keeps the port open while on TCP"
            return Skip(f"node {node.name}", STAYS_ON_TCP, reason, finding.fix)
    return None


def owned_nodes(
    inventory: Inventory, findings: tuple[Finding, ...], choices: Choices
) -> tuple[Node, ...]:
    """Nodes that are on WebSocket or get there by this plan, and whose owner does not say so."""
    blockers = _blockers(findings)
    return tuple(
        node
        for node in inventory.nodes
        if node.owner is not None
        and node.owner_says is not Transport.WEBSOCKET
        and (node.transport is Transport.WEBSOCKET or left_out(node, choices) is None)
        and _stays_on_tcp(node, blockers.get(node.name, ())) is None
    )


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


def _launch(chosen: DriverChoice) -> str:
    return (chosen.launch.kind if chosen.launch else LaunchKind.UNKNOWN).value


def _asserted(chosen: DriverChoice) -> bool:
    return bool(chosen.launch and chosen.launch.asserted)


def _fingerprint(node: Node) -> dict[str, str]:
    seen = {"transport": node.transport.value}
    if node.config_sha256:
        seen["config_sha256"] = node.config_sha256
    return seen


def _move_step(
    node: Node, inventory: Inventory, chosen: DriverChoice, sharers: tuple[Node, ...]
) -> MoveNode:
    controller = inventory.controller
    upgrade: JarUpgrade | None = None
    if chosen.upgrade_to is not None and chosen.launch is not None:
        upgrade = JarUpgrade(
            from_version=node.remoting_version,
            from_sha256=chosen.launch.jar_sha256,
            to=chosen.upgrade_to,
            sha256=controller.jar_sha256,
            jar=chosen.launch.jar,
            url=f"{agents_url(controller)}jnlpJars/agent.jar",
            host=chosen.launch.host if sharers else None,
            shared_with=tuple(other.name for other in sharers),
        )
        if sharers:
            told = f"{visible(chosen.launch.jar or '')} on {visible(chosen.launch.host or '')}"
            also = ", ".join(visible(other.name) for other in sharers)
            chosen = replace(
                chosen, reason=f"{chosen.reason}; {told} also serves {also}, and is replaced once"
            )
    title = f"move {visible(node.name)} to WebSocket"
    if not node.online:
        title = f"set the flag of {visible(node.name)}, which is not connected"
    elif upgrade:
        title += f", with agent.jar {chosen.upgrade_to}"
    return MoveNode(
        id=f"node/{node.name}",
        subject=f"node {node.name}",
        title=title,
        fingerprint=_fingerprint(node),
        node=node.name,
        driver=chosen.driver,
        driver_reason=chosen.reason,
        not_better=chosen.not_better,
        launch=_launch(chosen),
        launch_asserted=_asserted(chosen),
        transport=node.transport,
        remoting=node.remoting_version,
        offline=not node.online,
        busy=node.busy,
        mark=node.offline_mark,
        upgrade=upgrade,
        set_flag=not node.web_socket,
        drop_tunnel=node.tunnel or None,
        rejoin_hint=_rejoin(node, chosen),
        reach=chosen.reach,
        launch_edit=chosen.launch_edit,
    )


def _workload_step(group: list[tuple[Node, DriverChoice]], workload: AgentWorkload) -> MoveWorkload:
    """One step for all nodes of a workload: they share its pod template."""
    nodes = [node for node, _ in group]
    first, chosen = group[0]
    place = f"{workload.kind} {workload.namespace}/{workload.name}"
    fingerprint = {"transport": first.transport.value}
    if workload.container_sha256:
        fingerprint["container_sha256"] = workload.container_sha256
    names = ", ".join(visible(node.name) for node in nodes)
    return MoveWorkload(
        id=f"node/{first.name}",
        subject=f"node {first.name}" if len(nodes) == 1 else place,
        title=f"move {names} to WebSocket in {visible(place)}",
        fingerprint=fingerprint,
        node=first.name,
        driver=chosen.driver,
        driver_reason=chosen.reason,
        not_better=chosen.not_better,
        launch=_launch(chosen),
        launch_asserted=_asserted(chosen),
        transport=first.transport,
        remoting=first.remoting_version,
        offline=not any(node.online for node in nodes),
        busy=sum(node.busy for node in nodes),
        mark=first.offline_mark,
        drop_tunnel="JENKINS_TUNNEL" if workload.tunnel else None,
        rejoin_hint="a new pod takes its place",
        nodes=tuple(node.name for node in nodes),
        target=KubeTarget(
            kind=workload.kind,
            namespace=workload.namespace,
            name=workload.name,
            uid=workload.uid or None,
        ),
        container=workload.container,
    )


def _rejoin(node: Node, chosen: DriverChoice) -> str:
    if not node.online:
        return "comes back when somebody starts it"
    reach = chosen.reach
    if isinstance(reach, SshReach | InbandReach) and reach.unit:
        return f"is started again by {reach.unit}"
    if isinstance(reach, InbandReach):
        return "waits 10 s after the disconnect, and has its service started anew"
    if isinstance(reach, CommandReach):
        return "is started again by the program of drivers: command: in --config"
    return "waits 10 s after the disconnect, starts itself again and reads its JNLP file"


def _manual_step(
    node: Node,
    inventory: Inventory,
    choices: Choices,
    chosen: DriverChoice,
    alike: frozenset[str],
) -> PlanStep:
    facts = gather(node, inventory.controller, choices, chosen, alike)
    text = script(facts)
    return Manual(
        id=f"node/{node.name}",
        subject=f"node {node.name}",
        title=f"by hand: move {visible(node.name)} to WebSocket",
        fingerprint=_fingerprint(node),
        reason=chosen.reason,
        instructions=instructions(facts),
        undo=_undo(facts.file, facts.windows),
        node=NodeByHand(
            name=node.name,
            not_better=chosen.not_better,
            launch=_launch(chosen),
            launch_asserted=_asserted(chosen),
            transport=node.transport,
            remoting=node.remoting_version,
            offline=not node.online,
            busy=node.busy,
            mark=node.offline_mark,
            by_hand=chosen.by_hand,
            host=facts.host or None,
            user=facts.launch.user if facts.launch else None,
            supervisor=facts.supervisor,
            secret=f"@{facts.secret_file}" if facts.secret_file else None,
            runbook=f"runbooks/{facts.file}",
            script_sha256=hashlib.sha256(text.encode()).hexdigest(),
        ),
    )


def _undo(file: str, windows: bool) -> str:
    if windows:
        return "put the old command and the old agent.jar (*.migrate-...) back, and restart it"
    return (
        f"run on its host: sh runbooks/{file} undo (or put back by hand what was changed by hand)"
    )
