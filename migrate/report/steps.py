"""Steps of a plan as tables; params that this version does not know are shown all the same."""

import json
from typing import Any

from migrate.model.plan_steps import PlanStep, VerifyClosed
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
_SHOWN_MOVE = {
    "node", "driver", "driver_reason", "not_better",
    "launch", "transport", "remoting", "upgrade", "drop_tunnel", "set_flag", "busy",
    "offline", "mark", "host", "supervisor", "reason", "instructions", "script", "powershell",
    "undo", "runbook", "url", "launch_asserted", "rejoin_hint", "script_sha256", "secret", "user",
    "object_kind", "namespace", "name", "container", "nodes", "cloud", "before", "pods",
    "source", "path", "clouds", "port", "places", "diff", "read_back", "would_be",
    "launch_edit", "reach",
}  # fmt: skip
_SHOWN_OBJECT = {
    "object_kind", "namespace", "name", "key", "value", "port", "node_port", "owner", "reason",
    "instructions", "undo", "mode", "read_back", "restarts_controller",
}  # fmt: skip


def word(value: Any) -> str:
    """A param's value in one line."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _others(step: PlanStep, shown: set[str]) -> list[str]:
    """Params that no column shows."""
    return [f"{k}={word(v)}" for k, v in sorted(step.params.items()) if k not in shown and word(v)]


def upgrade_target(step: PlanStep) -> str:
    """The version that agent.jar gets; empty when it stays."""
    upgrade = step.params.get("upgrade")
    return word(upgrade.get("to") if isinstance(upgrade, dict) else upgrade)


def _runs(reach: Any) -> list[str]:
    """What will run here or on the host."""
    if not isinstance(reach, dict):
        return []
    if reach.get("driver") == "ssh":
        return [f"ssh {word(reach.get('host'))}: {word(reach.get('unit'))} is restarted"]
    if reach.get("driver") == "command":
        return ["the program of drivers: command: in --config is called"]
    return []


def _notes(step: PlanStep) -> str:
    p = step.params
    notes = []
    if p.get("drop_tunnel"):
        notes.append(f"tunnel {word(p['drop_tunnel'])} is removed")
    notes += _runs(p.get("reach"))
    edit = p.get("launch_edit")
    if isinstance(edit, dict) and edit:
        files = edit.get("files") or ["its launch, by the program"]
        notes.append(f"edits {word(files[-1])}")
        if edit.get("secret_file"):
            notes.append(f"its secret moves to {word(edit['secret_file'])}")
    if p.get("set_flag") is False:
        notes.append("its flag is set already")
    if p.get("busy"):
        notes.append("was busy" if p["busy"] is True else f"{plural(p['busy'], 'build')} ran")
    if p.get("offline"):
        notes.append("offline: only with --include-offline")
    if p.get("object_kind"):
        notes.append(f"{p['object_kind']} {word(p.get('namespace'))}/{word(p.get('name'))}")
    if p.get("clouds"):
        notes.append(f"sets cloud {', '.join(map(word, p['clouds']))}, once it is deployed")
    if p.get("pods"):
        notes.append(f"{plural(p['pods'], 'pod')} ran")
    mark = p.get("mark")
    if mark:
        by = mark.get("by") if isinstance(mark, dict) else mark
        notes.append(f"marked offline by {word(by) or 'a person'}; the mark stays")
    return "; ".join([*notes, *_others(step, _SHOWN_MOVE)])


def _why(step: PlanStep) -> str:
    p = step.params
    reason = word(p.get("driver_reason") or p.get("reason"))
    better = word(p.get("not_better"))
    told = f"{word(p.get('driver')) or step.kind}: {reason or 'no reason is kept in the plan'}"
    return told + (f". Why not a better one: {better}" if better else "")


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
        p = step.params
        remoting, target = word(p.get("remoting")), upgrade_target(step)
        asserted = " (asserted)" if p.get("launch_asserted") else ""
        rows.append(
            (
                line(wave),
                line(Code(word(p.get("node")) or step.subject.removeprefix("node "))),
                line(word(p.get("driver")) or step.kind),
                line(number[_why(step)]),
                line(word(p.get("launch")), asserted),
                line(f"{remoting or '?'} to {target}" if target else remoting),
                line(_notes(step)),
            )
        )
    return rows, reasons


def _owner(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(word(value.get(key)) for key in ("kind", "name") if value.get(key))
    return word(value)


def objects_table(steps: list[tuple[str, PlanStep]]) -> Block:
    """What is closed, from outside inwards."""
    rows: list[tuple[Line, ...]] = []
    for number, (_, step) in enumerate(steps, start=1):
        p = step.params
        kind, where = word(p.get("object_kind")), "/".join(
            word(p[k]) for k in ("namespace", "name") if p.get(k)
        )  # fmt: skip
        port = word(p.get("port"))
        if p.get("node_port"):
            port += f" (node port {word(p['node_port'])})"
        rows.append(
            (
                line(str(number)),
                line(step.kind),
                line(Code(f"{kind} {where}".strip())) if kind or where else line("controller"),
                line(Code(word(p["key"]))) if word(p.get("key")) else (),
                line(Code(word(p["value"]))) if word(p.get("value")) else (),
                line(port),
                line(_owner(p.get("owner"))),
                line("; ".join([step.title, *_others(step, _SHOWN_OBJECT)])),
            )
        )
    columns = ("No", "Step", "Object", "Key", "Value", "Port", "Owner", "What is done")
    return filled(columns, rows)


_PARAM_NAMES = {
    ("probe-websocket", "hold"): "Seconds to hold the connection",
    ("probe-websocket", "url"): "Address that agents use",
}


def generic(wave: str, step: PlanStep) -> list[Block]:
    """A step of any kind: its title and every param."""
    pairs: list[tuple[str, Line]] = [("Step", line(Code(step.id), f" ({step.kind}, {wave})"))]
    places = step.places if isinstance(step, VerifyClosed) else ()
    pairs += [
        (_PARAM_NAMES.get((step.kind, key), key), line(Code(word(v))))
        for key, v in sorted(step.params.items())
        if word(v) and not (places and key == "places")
    ]
    blocks: list[Block] = [Heading(3, line(step.title)), Fields(tuple(pairs))]
    if places:
        blocks += [Para(line("Tried, each of them:")), Bullets(tuple(map(_place, places)))]
    return blocks


def _place(place: Place) -> Line:
    note = f": {place.note}" if place.note else ""
    return line(Code(place.at), f" ({place.named}){note}")


def file_part(step: PlanStep) -> list[Block]:
    """An edit of a file: which, where in it, and the change itself."""
    p = step.params
    places = "; ".join(map(word, p.get("places") or ()))
    pairs: list[tuple[str, Line]] = [
        ("Step", line(Code(step.id))),
        ("File", line(Code(word(p.get("path"))), f" below {word(p.get('source'))}")),
        ("Why there", line(word(p.get("reason")))),
        ("SHA-256 before", line(Code(step.fingerprint.get("sha256", "")))),
        ("SHA-256 after", line(Code(step.fingerprint.get("after_sha256", "")))),
    ]
    if places:
        pairs.insert(2, ("Place in it", line(places)))
    return [Heading(3, line(step.title)), Fields(tuple(pairs)), Pre(word(p.get("diff")))]


_MANUAL_FIELDS = (
    ("Why by hand", "reason"),
    ("Host", "host"),
    ("Started by", "supervisor"),
    ("Secret read from", "secret"),
    ("SHA-256 of its script", "script_sha256"),
)


def manual_part(step: PlanStep) -> list[Block]:
    """A manual step: where, why, what to do, how to tell the tool."""
    p = step.params
    pairs: list[tuple[str, Line]] = [("Step", line(Code(step.id)))]
    pairs += [
        (label, line(word(p[key])))
        for label, key in (
            ("Why by hand", "reason"),
            ("Host", "host"),
            ("Started by", "supervisor"),
        )
        if word(p.get(key))
    ]
    out: list[Block] = [
        Heading(3, line(Code(step.subject), f": {step.title}")),
        Fields(tuple(pairs)),
    ]
    text = word(p.get("instructions"))
    if text:
        out.append(Pre(text))
    else:
        out.append(Para(line("No instructions are kept in the plan; see its runbook.")))
    return out
