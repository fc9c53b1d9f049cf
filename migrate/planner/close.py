"""The close and verify stages: what lets the TCP port be reached, from the outside inwards."""

from msgspec import structs

from migrate.model.cluster_facts import Exposure, ExposureKind, Owner
from migrate.model.inventory import Inventory, Skip
from migrate.model.names import StageName
from migrate.model.plan import Choices, Stage, Wave
from migrate.model.plan_steps import (
    CloseControllerPort,
    KubeTarget,
    Manual,
    Piece,
    PlanStep,
    RemoveAgentService,
    RemoveContainerPort,
    RemoveServicePort,
    RemoveStep,
    RemoveTcpService,
    VerifyClosed,
)
from migrate.model.sources import NOTHING_LOCATED, Located, SourceEdit
from migrate.model.text import visible
from migrate.model.ways import places_of, ways_in
from migrate.planner.offers.base import is_administrator
from migrate.planner.owned import at_the_source, controller_source
from migrate.planner.proxy import closed
from migrate.planner.sources import deploy_of, edit_of_port, edit_step

STEP_KINDS: dict[ExposureKind, type[RemoveStep]] = {
    ExposureKind.TCP_SERVICES_ENTRY: RemoveTcpService,
    ExposureKind.EDGE_SERVICE_PORT: RemoveServicePort,
    ExposureKind.EDGE_CONTAINER_PORT: RemoveContainerPort,
    ExposureKind.AGENT_SERVICE: RemoveAgentService,
    ExposureKind.AGENT_SERVICE_PORT: RemoveServicePort,
    ExposureKind.CONTROLLER_CONTAINER_PORT: RemoveContainerPort,
}
_CONTAINER_PORTS = (ExposureKind.EDGE_CONTAINER_PORT, ExposureKind.CONTROLLER_CONTAINER_PORT)
_ORDER = tuple(ExposureKind)


def plan_close(
    inventory: Inventory, choices: Choices, located: Located = NOTHING_LOCATED
) -> tuple[list[Stage], list[Skip]]:
    """(stages ``close`` and ``verify``, what stays open on purpose with the reason)."""
    waves: list[Wave] = []
    skips: list[Skip] = []
    restarting: list[Exposure] = []
    if by_hand := closed(located):
        waves.append(Wave("nginx", tuple(by_hand)))
    for exposure in _outermost_first(inventory):
        if exposure.kind in _CONTAINER_PORTS and not has_host_port(exposure):
            skips.append(_declaration_only(exposure))
            continue
        if exposure.kind is ExposureKind.NETWORK_POLICY:
            skips.append(_rule_only(exposure))
            continue
        if exposure.kind is ExposureKind.CONTROLLER_CONTAINER_PORT:
            restarting.append(exposure)
            continue
        step = _exposure_step(exposure, choices)
        waves.append(Wave(step.id.removeprefix("close/"), (step,)))
    # What the scan could not decide stays open, and the plan says so in its own place.
    skips += [skip for skip in inventory.skips if skip.leaves_open]
    edit = edit_of_port(located)
    port_step, port_skip = _controller_port(inventory, choices, edit)
    if port_step is not None:
        if edit is not None:
            waves.append(Wave("files", (edit_step(edit),)))
        waves.append(Wave(ExposureKind.CONTROLLER_PORT.value, (port_step,)))
    if port_skip is not None:
        skips.append(port_skip)
    if choices.restart_controller:
        # Last: what it cuts off is closed for agents by then, and proven so far.
        steps = [_exposure_step(exposure, choices) for exposure in restarting]
        waves += [Wave(step.id.removeprefix("close/"), (step,)) for step in steps]
    else:
        needless = port_step is None or isinstance(port_step, CloseControllerPort)
        skips += [_restart_not_asked(exposure, needless=needless) for exposure in restarting]
    if not waves:
        return [], skips
    close = Stage(
        StageName.CLOSE, "Close the TCP agent port, from the outside inwards", tuple(waves)
    )
    verify = Stage(
        StageName.VERIFY,
        "Prove from outside that the port is closed and that every node is there",
        (Wave("verify", (_verify_step(inventory, choices),)),),
    )
    return [close, verify], skips


def _outermost_first(inventory: Inventory) -> list[Exposure]:
    if inventory.cluster is None:
        return []
    found = {
        _id(exposure): exposure
        for exposure in inventory.cluster.exposures
        if exposure.kind is not ExposureKind.CONTROLLER_PORT
    }
    return sorted(found.values(), key=lambda e: (_ORDER.index(e.kind), _id(e)))


def has_host_port(exposure: Exposure) -> bool:
    """Whether a container port opens a port of its host, and so is a way in of its own."""
    return "hostport" in exposure.value.lower()


def _declaration_only(exposure: Exposure) -> Skip:
    workload = f"{exposure.object_kind} {exposure.namespace}/{exposure.name}"
    return Skip(
        f"{workload} [{exposure.key}]",
        "container port",
        f"the port {exposure.port} in its pod template only declares what is open elsewhere, and "
        "taking it out would restart its pods; take it out when they are changed next",
    )


def _restart_not_asked(exposure: Exposure, *, needless: bool) -> Skip:
    reason = "taking it out restarts Jenkins itself"
    if needless:
        reason += ", and once the controller's own port is off nothing listens behind it"
    else:
        reason += "; it stays a way in for as long as the controller's own port is on"
    return Skip(
        _subject(exposure),
        "container port",
        reason,
        "migrate plan --restart-controller: takes it out last, in the window",
    )


def _rule_only(exposure: Exposure) -> Skip:
    return Skip(
        _subject(exposure),
        "network policy",
        f"it {exposure.value or 'lets the port in'}, and nothing listens there once the port is "
        "closed; a rule that is left over does no harm",
        f"take {exposure.key or 'the rule'} out at its source when the soak is over",
    )


def _id(exposure: Exposure) -> str:
    parts = (exposure.kind.value, exposure.namespace, exposure.name, exposure.key)
    return "close/" + "/".join(part for part in parts if part)


def _subject(exposure: Exposure) -> str:
    key = f"[{exposure.key}]" if exposure.key else ""
    return f"{exposure.object_kind} {exposure.namespace}/{exposure.name}{key}"


def _owner_text(owner: Owner) -> str:
    return visible(f"{owner.kind} {owner.name}".strip()) + f" ({visible(owner.evidence)})"


def _exposure_step(exposure: Exposure, choices: Choices) -> PlanStep:
    owner = exposure.owner
    subject = _subject(exposure)
    piece = Piece(
        target=KubeTarget(
            kind=exposure.object_kind,
            namespace=exposure.namespace,
            name=exposure.name,
            uid=exposure.uid or None,
        ),
        key=exposure.key,
        value=exposure.value,
        port=exposure.port,
        node_port=exposure.node_port,
        owner=_owner_text(owner) if owner else None,
    )
    fingerprint = {"value": exposure.value, "port": str(exposure.port)}
    kind = STEP_KINDS.get(exposure.kind)
    reverted = owner is not None and owner.reverts and not choices.allow_live_edit
    by_hand = kind is None or bool(exposure.obstacle) or reverted
    title = _title(exposure)
    if by_hand:
        pass
    elif owner is not None and owner.reverts:
        title += f"; {_owner_text(owner)} will put it back unless its source is changed, too"
    elif owner is not None:
        title += f"; take it out of the manifest that was applied, too ({visible(owner.evidence)})"
    removing = _removing(exposure, piece, title, fingerprint)
    if removing is not None and not by_hand:
        return removing
    reason = exposure.obstacle or "this tool does not edit such an object"
    if owner is not None and reverted:
        reason = f"{_owner_text(owner)} would put it back"
    return Manual(
        id=_id(exposure),
        subject=subject,
        title=f"by hand: {title}",
        fingerprint=fingerprint,
        reason=reason,
        instructions=at_the_source(exposure, _id(exposure)),
        undo="put the old value back at the source",
        piece=piece if removing is None else None,
        would_be=removing,
    )


def _removing(
    exposure: Exposure, piece: Piece, title: str, fingerprint: dict[str, str]
) -> RemoveStep | None:
    kind = STEP_KINDS.get(exposure.kind)
    if kind is None:
        return None
    made = kind(
        id=_id(exposure),
        subject=_subject(exposure),
        title=title,
        fingerprint=fingerprint,
        piece=piece,
    )
    if isinstance(made, RemoveContainerPort):
        restarts = exposure.kind is ExposureKind.CONTROLLER_CONTAINER_PORT
        return structs.replace(made, restarts_controller=restarts)
    return made


def _title(exposure: Exposure) -> str:
    place = visible(f"{exposure.object_kind} {exposure.namespace}/{exposure.name}")
    titles = {
        ExposureKind.TCP_SERVICES_ENTRY: f"take {exposure.key}: {exposure.value} out of {place}",
        ExposureKind.EDGE_SERVICE_PORT: f"take port {exposure.port} out of {place}",
        ExposureKind.AGENT_SERVICE: f"delete {place}, which serves the agent port alone",
        ExposureKind.AGENT_SERVICE_PORT: f"take port {exposure.port} out of {place}",
        ExposureKind.TCP_ROUTE: f"take the TCP route ({exposure.value}) out of {place}",
    }
    default = f"take container port {exposure.key or exposure.port} out of {place}"
    if exposure.kind is ExposureKind.CONTROLLER_CONTAINER_PORT:
        default += ": this RESTARTS JENKINS itself"
    return visible(titles.get(exposure.kind, default))


def _controller_port(
    inventory: Inventory, choices: Choices, edit: SourceEdit | None
) -> tuple[PlanStep | None, Skip | None]:
    controller = inventory.controller
    port = controller.agent_port
    if port.mode == "off":
        return None, Skip("controller", "close", "its TCP agent port is off already")
    step_id = f"close/{ExposureKind.CONTROLLER_PORT.value}"
    fingerprint = {} if port.configured is None else {"configured": str(port.configured)}
    reason = _port_by_hand(inventory, choices)
    title = f"turn off the controller's TCP agent port ({port.mode} {port.configured})"
    if port.configured is None:
        title = "turn off the controller's TCP agent port"
    turned_off = CloseControllerPort(
        id=step_id,
        subject="controller",
        title=title,
        fingerprint=fingerprint,
        port=port.configured,
        mode=port.mode,
        owner=_owner_text(controller.port_owner) if controller.port_owner else None,
    )
    if not reason:
        return turned_off, None
    deploy = deploy_of(edit, "slaveAgentPort -1") if edit is not None else None
    by_hand = Manual(
        id=step_id,
        subject="controller",
        title=f"by hand: {title}",
        fingerprint=fingerprint,
        reason=deploy.reason if deploy else reason,
        instructions=deploy.instructions if deploy else controller_source(controller),
        undo=deploy.undo if deploy else "set the old port again at the same place",
        read_back=deploy is not None,
        would_be=turned_off,
    )
    return by_hand, None


def _port_by_hand(inventory: Inventory, choices: Choices) -> str:
    controller = inventory.controller
    if controller.agent_port.enforced:
        return (
            "-Djenkins.model.Jenkins.slaveAgentPortEnforce=true makes Jenkins ignore every change "
            "of its agent port"
        )
    if controller.port_owner is not None and not choices.allow_live_edit:
        return f"{_owner_text(controller.port_owner)} would set the port again"
    if controller.agent_port.configured is None:
        return "the agent port could not be read (Overall/Read), so it could not be put back"
    if not is_administrator(controller):
        return "setting the agent port takes Overall/Administer"
    return ""


def _verify_step(inventory: Inventory, choices: Choices) -> PlanStep:
    controller = inventory.controller
    ways = ways_in(
        controller.url, controller.agent_port, inventory.cluster, choices.agent_addresses
    )
    places = places_of(ways, inventory.probes)
    told = places[0].at if places else ""
    told += f" and {len(places) - 1} more" if len(places) > 1 else ""
    return VerifyClosed(
        id="verify/closed",
        subject="controller",
        title=visible(
            f"be refused at {told}, no listener, every node there"
            if places
            else "no listener, every node there"
        ),
        places=places,
    )
