"""Steps that move nodes, made of how each is moved. Pure."""

import hashlib

from migrate.model.cluster_facts import AgentWorkload
from migrate.model.inventory import Controller, Inventory, LaunchKind, Node
from migrate.model.plan import Choices
from migrate.model.plan_steps import (
    JarUpgrade,
    KubeTarget,
    Manual,
    MoveNode,
    MoveWorkload,
    NodeByHand,
    PlanStep,
)
from migrate.model.text import visible
from migrate.planner.choose import Choice
from migrate.planner.runbook.facts import agents_url, gather
from migrate.planner.runbook.instructions import instructions
from migrate.planner.runbook.script import script


def _launch(choice: Choice) -> str:
    return (choice.launch.kind if choice.launch else LaunchKind.UNKNOWN).value


def _asserted(choice: Choice) -> bool:
    return bool(choice.launch and choice.launch.asserted)


def _fingerprint(node: Node) -> dict[str, str]:
    seen = {"transport": node.transport.value}
    if node.config_sha256:
        seen["config_sha256"] = node.config_sha256
    return seen


def move_step(
    node: Node, inventory: Inventory, choice: Choice, sharers: tuple[Node, ...]
) -> MoveNode:
    """Its driver moves the node; ``sharers`` are started from the same agent.jar."""
    offer = choice.offer
    upgrade, reason = _upgrade(inventory.controller, node, choice, sharers), offer.reason
    if upgrade and sharers:
        told = f"{visible(upgrade.jar or '')} on {visible(upgrade.host or '')}"
        also = ", ".join(visible(other.name) for other in sharers)
        reason += f"; {told} also serves {also}, and is replaced once"
    title = f"move {visible(node.name)} to WebSocket"
    if not node.online:
        title = f"set the flag of {visible(node.name)}, which is not connected"
    elif upgrade:
        title += f", with agent.jar {offer.upgrade_to}"
    return MoveNode(
        id=f"node/{node.name}",
        subject=f"node {node.name}",
        title=title,
        fingerprint=_fingerprint(node),
        node=node.name,
        driver=choice.driver,
        driver_reason=reason,
        note=offer.note,
        launch=_launch(choice),
        launch_asserted=_asserted(choice),
        transport=node.transport,
        remoting=node.remoting_version,
        offline=not node.online,
        busy=node.busy,
        mark=node.offline_mark,
        upgrade=upgrade,
        set_flag=not node.web_socket,
        drop_tunnel=node.tunnel or None,
        reach=offer.reach,
        launch_edit=offer.launch_edit,
    )


def _upgrade(
    controller: Controller, node: Node, choice: Choice, sharers: tuple[Node, ...]
) -> JarUpgrade | None:
    launch = choice.launch
    if choice.offer.upgrade_to is None or launch is None:
        return None
    return JarUpgrade(
        from_version=node.remoting_version,
        from_sha256=launch.jar_sha256,
        to=choice.offer.upgrade_to,
        sha256=controller.jar_sha256,
        jar=launch.jar,
        url=f"{agents_url(controller)}jnlpJars/agent.jar",
        host=launch.host if sharers else None,
        shared_with=tuple(other.name for other in sharers),
    )


def workload_step(group: list[tuple[Node, Choice]], workload: AgentWorkload) -> MoveWorkload:
    """One step for all nodes of a workload: they share its pod template."""
    nodes = [node for node, _ in group]
    first, choice = group[0]
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
        driver=choice.driver,
        driver_reason=choice.offer.reason,
        note=choice.offer.note,
        launch=_launch(choice),
        launch_asserted=_asserted(choice),
        transport=first.transport,
        remoting=first.remoting_version,
        offline=not any(node.online for node in nodes),
        busy=sum(node.busy for node in nodes),
        mark=first.offline_mark,
        drop_tunnel="JENKINS_TUNNEL" if workload.tunnel else None,
        nodes=tuple(node.name for node in nodes),
        target=KubeTarget(
            kind=workload.kind,
            namespace=workload.namespace,
            name=workload.name,
            uid=workload.uid or None,
        ),
        container=workload.container,
    )


def manual_step(
    node: Node,
    inventory: Inventory,
    choices: Choices,
    choice: Choice,
    alike: frozenset[str],
) -> PlanStep:
    """A person moves the node, by a runbook; ``alike`` are ``same_files`` of all nodes."""
    facts = gather(node, inventory.controller, choices, choice, alike)
    text = script(facts)
    return Manual(
        id=f"node/{node.name}",
        subject=f"node {node.name}",
        title=f"by hand: move {visible(node.name)} to WebSocket",
        fingerprint=_fingerprint(node),
        reason=choice.offer.reason,
        instructions=instructions(facts),
        undo=_undo(facts.file, facts.windows),
        node=NodeByHand(
            name=node.name,
            note=choice.offer.note,
            launch=_launch(choice),
            launch_asserted=_asserted(choice),
            transport=node.transport,
            remoting=node.remoting_version,
            offline=not node.online,
            busy=node.busy,
            mark=node.offline_mark,
            by_hand=choice.offer.by_hand,
            host=facts.host or None,
            supervisor=facts.supervisor,
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
