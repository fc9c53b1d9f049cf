"""Steps of a plan as tables."""

import json
from typing import Any

from migrate.model.plan_steps import (
    AnnotateIngress,
    CloseControllerPort,
    EditFile,
    FilesEdit,
    Manual,
    MoveNode,
    MoveWorkload,
    NodeByHand,
    NodeStep,
    PlanStep,
    Step,
    SwitchCloud,
    VerifyClosed,
    acts_as,
    node_of,
    piece_of,
)
from migrate.model.reach import CommandReach, Reach, SshReach
from migrate.model.serialize import to_data
from migrate.model.ways import Place
from migrate.report.document import (
    Block,
    Bullets,
    Code,
    Fields,
    Heading,
    Line,
    Para,
    Pre,
    by_kind,
    filled,
    line,
    plural,
)

CLOSE_KINDS = (
    "remove-tcp-service",
    "remove-service-port",
    "remove-container-port",
    "remove-agent-service",
    "close-controller-port",
)


def word(value: Any) -> str:
    """A param's value in one line."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def upgrade_target(step: PlanStep) -> str:
    """The version that agent.jar gets; empty when it stays."""
    return step.upgrade.to if isinstance(step, MoveNode) and step.upgrade is not None else ""


def _runs(reach: Reach | None) -> list[str]:
    """What will run here or on the host."""
    if isinstance(reach, SshReach):
        return [f"ssh {reach.host}: {reach.unit} is restarted"]
    if isinstance(reach, CommandReach):
        return ["the program of drivers: command: in --config is called"]
    return []


def _edited(step: MoveNode) -> list[str]:
    """What is edited in its launch."""
    if step.launch_edit is None:
        return []
    edit = step.launch_edit
    file = edit.files[-1] if isinstance(edit, FilesEdit) else "its launch, by the program"
    secret = [f"its secret moves to {step.secret_file}"] if step.secret_file else []
    return [f"edits {file}", *secret]


def _node(step: PlanStep) -> NodeStep | NodeByHand | None:
    """What a step says of the node that it is about."""
    if isinstance(step, NodeStep):
        return step
    return step.node if isinstance(step, Manual) else None


def _notes(step: PlanStep) -> str:
    notes, node = list[str](), _node(step)
    if isinstance(step, NodeStep) and step.drop_tunnel:
        notes.append(f"tunnel {step.drop_tunnel} is removed")
    if isinstance(step, MoveNode):
        notes += [*_runs(step.reach), *_edited(step)]
        notes += [] if step.set_flag else ["its flag is set already"]
    if node is not None and node.busy:
        notes.append(f"{plural(node.busy, 'build')} ran")
    if node is not None and node.offline:
        notes.append("offline: only with --include-offline")
    if isinstance(step, MoveWorkload):
        notes.append(str(step.target))
    if node is not None and node.mark:
        notes.append(f"marked offline by {node.mark.by or 'a person'}; the mark stays")
    return "; ".join(notes)


def _why(step: PlanStep) -> str:
    driver = step.driver if isinstance(step, NodeStep) else step.kind
    reason = ""
    if isinstance(step, NodeStep | SwitchCloud):
        reason = step.driver_reason
    elif isinstance(step, Manual):
        reason = step.reason
    note = step.note if isinstance(step, NodeStep) else ""
    told = f"{driver}: {reason or 'no reason is kept in the plan'}"
    return told + (f"; {note}" if note else "")


_MOVE_COLUMNS = ("Wave", "Node", "Driver", "Why", "Launch", "Remoting", "Notes")


def moves_table(steps: list[tuple[str, PlanStep]]) -> list[Block]:
    """Nodes with their wave and driver, and below it each reason once."""
    rows, reasons = _moves(steps)
    return [filled(_MOVE_COLUMNS, rows), *_told(reasons)]


def moves_by_kind(steps: list[tuple[str, PlanStep]]) -> list[Block]:
    """The same for a fleet: how many nodes of each wave are moved alike."""
    rows, reasons = _moves(steps)
    return [by_kind(_MOVE_COLUMNS, rows, _MOVE_COLUMNS.index("Node")), *_told(reasons)]


def _told(reasons: list[str]) -> list[Block]:
    return [
        Para(line("Why these drivers:")),
        Bullets(tuple(line(reason) for reason in reasons), ordered=True),
    ]


def _moves(steps: list[tuple[str, PlanStep]]) -> tuple[list[tuple[Line, ...]], list[str]]:
    """A row for each node, and the reasons that the rows number."""
    reasons = list(dict.fromkeys(_why(step) for _, step in steps))
    number = {reason: str(place) for place, reason in enumerate(reasons, start=1)}
    rows: list[tuple[Line, ...]] = []
    for wave, step in steps:
        node, target = _node(step), upgrade_target(step)
        remoting = (node.remoting or "") if node is not None else ""
        asserted = " (asserted)" if node is not None and node.launch_asserted else ""
        rows.append(
            (
                line(wave),
                line(Code(node_of(step) or step.subject.removeprefix("node "))),
                line(step.driver if isinstance(step, NodeStep) else step.kind),
                line(number[_why(step)]),
                line(node.launch if node is not None else "", asserted),
                line(f"{remoting or '?'} to {target}" if target else remoting),
                line(_notes(step)),
            )
        )
    return rows, reasons


def objects_table(steps: list[tuple[str, PlanStep]]) -> Block:
    """What is closed, from outside inwards."""
    rows: list[tuple[Line, ...]] = []
    for number, (_, step) in enumerate(steps, start=1):
        rows.append((line(str(number)), line(step.kind), *_closed(step), line(step.title)))
    columns = ("No", "Step", "Object", "Key", "Value", "Port", "Owner", "What is done")
    return filled(columns, rows)


def _closed(step: PlanStep) -> tuple[Line, ...]:
    """Object, key, value, port and owner of what is closed."""
    asked, piece = acts_as(step), piece_of(step)
    if piece is None:
        port = (
            asked
            if isinstance(asked, CloseControllerPort)
            else CloseControllerPort(id="", subject="", title="")
        )
        number, owner = word(port.port), port.owner or ""
        setting = (line(Code("slaveAgentPort")), line(Code("-1")))
        return (line("controller"), *setting, line(number), line(owner))
    node_port = f" (node port {piece.node_port})" if piece.node_port else ""
    return (
        line(Code(str(piece.target))),
        line(Code(piece.key)) if piece.key else (),
        line(Code(piece.value)) if piece.value else (),
        line(f"{piece.port}{node_port}"),
        line(piece.owner or ""),
    )


_PARAM_NAMES = {
    ("probe-websocket", "hold"): "Seconds to hold the connection",
    ("probe-websocket", "url"): "Address that agents use",
}


_OF_EVERY_STEP = ("kind", *Step.__struct_fields__)


def generic(wave: str, step: PlanStep) -> list[Block]:
    """A step of any kind: its title and all that only its kind says."""
    pairs: list[tuple[str, Line]] = [("Step", line(Code(step.id), f" ({step.kind}, {wave})"))]
    places = step.places if isinstance(step, VerifyClosed) else ()
    pairs += [
        (_PARAM_NAMES.get((step.kind, key), key), line(Code(word(v))))
        for key, v in sorted(to_data(step).items())
        if word(v) and key not in _OF_EVERY_STEP and not (places and key == "places")
    ]
    blocks: list[Block] = [Heading(3, line(step.title)), Fields(tuple(pairs))]
    if places:
        blocks += [Para(line("Tried, each of them:")), Bullets(tuple(map(_place, places)))]
    return blocks


def _place(place: Place) -> Line:
    note = f": {place.note}" if place.note else ""
    return line(Code(place.at), f" ({place.named}){note}")


def front_part(step: AnnotateIngress) -> list[Block]:
    """Annotations of an Ingress: now, and then."""
    pairs: list[tuple[str, Line]] = [
        ("Step", line(Code(step.id))),
        ("Object", line(Code(str(step.target)))),
    ]
    pairs += [("Owner", line(step.owner))] if step.owner else []
    rows = [
        tuple(
            line(Code(text)) if text else line("(absent)") for text in (e.name, e.before, e.after)
        )
        for e in step.annotations
    ]
    table = filled(("Annotation", "Now", "Then"), rows)
    return [Heading(3, line(step.title)), Fields(tuple(pairs)), table]


def _value(text: str | None) -> Line:
    return line("(absent)") if text is None else line(Code(text))


def file_part(step: EditFile) -> list[Block]:
    """An edit of a file: which, where in it, and the change itself."""
    pairs: list[tuple[str, Line]] = [
        ("Step", line(Code(step.id))),
        ("File", line(Code(step.path), f" below {step.source}")),
        ("Why there", line(step.reason)),
        ("SHA-256 before", line(Code(step.fingerprint.get("sha256", "")))),
        ("SHA-256 after", line(Code(step.fingerprint.get("after_sha256", "")))),
    ]
    if step.places:
        pairs.insert(2, ("Place in it", line("; ".join(step.places))))
    return [Heading(3, line(step.title)), Fields(tuple(pairs)), Pre(step.diff)]


def manual_part(step: Manual) -> list[Block]:
    """A manual step: where, why, what to do, how to tell the tool."""
    node = step.node
    told = [("Why by hand", step.reason)]
    if node is not None:
        told += [("Host", node.host or ""), ("Started by", node.supervisor)]
    pairs: list[tuple[str, Line]] = [("Step", line(Code(step.id)))]
    pairs += [(label, line(text)) for label, text in told if text]
    out: list[Block] = [
        Heading(3, line(Code(step.subject), f": {step.title}")),
        Fields(tuple(pairs)),
    ]
    if step.instructions:
        out.append(Pre(step.instructions))
    else:
        out.append(Para(line("No instructions are kept in the plan; see its runbook.")))
    return out
