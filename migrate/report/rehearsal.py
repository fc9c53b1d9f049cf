"""The report of a dry run: an audit's attachment. What a run would stop at is loudest."""

from itertools import groupby

from migrate.model.errors import ExitCode
from migrate.model.rehearsal import Rehearsal, RehearsedStep
from migrate.report import commands
from migrate.report.document import (
    Badge,
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    Fields,
    Heading,
    Line,
    Pre,
    Tone,
    filled,
    line,
    plural,
)

TONES = {
    "would change": Tone.GOOD,
    "no change": Tone.MUTED,
    "by hand": Tone.WARN,
    "cannot tell": Tone.WARN,
    "blocked": Tone.BAD,
    "drifted": Tone.BAD,
}
_LOUD = (
    ("drifted", Tone.BAD, "Not as planned"),
    ("blocked", Tone.BAD, "Blocked"),
    ("by hand", Tone.WARN, "For a person"),
    ("cannot tell", Tone.WARN, "Cannot be told before it is done"),
)


def document(rehearsal: Rehearsal) -> Document:
    """The whole report."""
    good = rehearsal.exit_code == ExitCode.OK
    tone = Tone.GOOD if good else Tone.BAD
    people = sum(step.verdict == "by hand" for step in rehearsal.steps)
    told = "A run would go through" if good else "A run would stop"
    if good and people:
        told = f"A run would go on until {plural(people, 'step')} for a person"
    blocks: list[Block] = [
        Callout(tone, line(f"{told}. {rehearsal.sentence}. Nothing was changed.")),
    ]
    for verdict, loud, title in _LOUD:
        blocks += _loud([s for s in rehearsal.steps if s.verdict == verdict], loud, title)
    blocks.append(
        Fields(
            (
                ("Plan", line(Code(rehearsal.plan_name), f" {rehearsal.plan_id}")),
                ("Controller", line(Code(rehearsal.controller_url))),
                ("Rehearsed", line(f"{rehearsal.at}, by {rehearsal.user} on {rehearsal.host}")),
                ("Inventory", line(f"SHA-256 {rehearsal.inventory_sha256 or 'none'}")),
                ("Tool", line(f"migrate {rehearsal.tool_version}")),
            )
        )
    )
    for stage, steps in groupby(rehearsal.steps, key=lambda step: step.stage):
        blocks += [Heading(2, line(f"Stage {stage}")), _table(list(steps))]
    blocks += _diffs(rehearsal.steps)
    blocks += [Heading(2, line("Next")), Pre(_next(rehearsal))]
    return Document(f"Rehearsal of plan {rehearsal.plan_name}, {rehearsal.at}", tuple(blocks))


def _loud(steps: list[RehearsedStep], tone: Tone, title: str) -> list[Block]:
    if not steps:
        return []
    items = tuple(line(Code(s.subject), f": {s.detail or s.title}") for s in steps)
    return [Callout(tone, line(f"{title}: {plural(len(steps), 'step')}"), (Bullets(items),))]


def _table(steps: list[RehearsedStep]) -> Block:
    rows: list[tuple[Line, ...]] = [
        (
            line(Badge(s.verdict, TONES.get(s.verdict, Tone.WARN))),
            line(Code(s.id)),
            line(s.title.removeprefix(f"{s.verdict}: ")),
            line(s.detail),
            line(s.wave if s.wave != s.id else ""),
        )
        for s in steps
    ]
    return filled(("Verdict", "Step", "What", "Detail", "Wave"), rows)


def _diffs(steps: tuple[RehearsedStep, ...]) -> list[Block]:
    """Each diff once, with the steps that share it."""
    groups: dict[str, list[RehearsedStep]] = {}
    for step in steps:
        if step.diff:
            groups.setdefault(_changed(step.diff), []).append(step)
    out: list[Block] = [Heading(2, line("Diffs"))] if groups else []
    for same in groups.values():
        more = f" and {len(same) - 1} more alike" if len(same) > 1 else ""
        out += [Heading(3, line(Code(same[0].subject), more)), Pre(same[0].diff)]
    return out


def _changed(diff: str) -> str:
    rows = (row for row in diff.splitlines() if row.startswith(("+", "-")))
    return "\n".join(row for row in rows if not row.startswith(("+++ ", "--- "))) or diff


def _next(rehearsal: Rehearsal) -> str:
    if rehearsal.exit_code == ExitCode.DRIFT:
        return "migrate plan --name NEW-NAME"
    if rehearsal.exit_code != ExitCode.OK:
        return "migrate doctor"
    return commands.apply(rehearsal.folder)
