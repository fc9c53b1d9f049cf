"""The report of a run: the ticket attachment. Outcome first; what a person must do is loudest."""

import textwrap
from collections import Counter

from migrate.model.errors import ExitCode
from migrate.model.names import StageName
from migrate.model.run import Run, RunStep, StepState
from migrate.report import commands, summary
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
    Para,
    Pre,
    Strong,
    Table,
    Tone,
    filled,
    joined,
    line,
    plural,
)

TONES = {
    StepState.PENDING: Tone.MUTED,
    StepState.RUNNING: Tone.WARN,
    StepState.DONE: Tone.GOOD,
    StepState.NOTHING: Tone.GOOD,
    StepState.FAILED: Tone.BAD,
    StepState.PUT_BACK: Tone.WARN,
    StepState.STUCK: Tone.BAD,
    StepState.DRIFTED: Tone.WARN,
    StepState.BLOCKED: Tone.WARN,
    StepState.MANUAL: Tone.WARN,
    StepState.ROLLED_BACK: Tone.MUTED,
}
_STATE_TONES = {"finished": Tone.GOOD, "failed": Tone.BAD, "rolled-back": Tone.WARN}
_LOUD: tuple[tuple[StepState, Tone, str], ...] = (
    (StepState.STUCK, Tone.BAD, "A person must act now"),
    (StepState.FAILED, Tone.BAD, "Failed before anything was changed"),
    (StepState.PUT_BACK, Tone.WARN, "Failed, and put back as it was"),
    (StepState.MANUAL, Tone.WARN, "Waits for a person"),
    (StepState.DRIFTED, Tone.WARN, "Not as planned, left alone"),
    (StepState.BLOCKED, Tone.WARN, "Blocked, left alone"),
)
"""Loudest first."""
_SENTENCE = 160
"""Characters of a run's own sentence on one screen."""
_NAMED = 12
"""Subjects of one row that are named."""
WAVES_TELL = StageName.NODES
"""The stage with waves of several steps. In the others each step is a wave named after it."""


def document(run: Run) -> Document:
    """The whole report."""
    blocks: list[Block] = [_outcome(run), summary.of_run(run, _next(run))]
    for state, tone, title in _LOUD:
        blocks += _loud([s for s in run.steps if s.state is state], tone, title)
    blocks.append(_facts(run))
    blocks += [Heading(2, line("Counts")), _counts(run)]
    blocks += [Heading(2, line("Steps")), *_steps(run)]
    if run.accepted:
        blocks += [Heading(2, line("Risks that were accepted")), _bullets(run.accepted)]
    if run.notes:
        blocks += [Heading(2, line("Notes")), _bullets(run.notes)]
    blocks += [Heading(2, line("Phases of each step")), *_phases(run)]
    blocks += [Heading(2, line("Next")), Pre(_next(run))]
    return Document(f"Run {run.run_id} of plan {run.plan_name}", tuple(blocks))


def brief(run: Run) -> Document:
    """What fits on a screen: the outcome, who waits for what, what comes next."""
    blocks: list[Block] = [_outcome(run, most=_SENTENCE), summary.of_run(run, _next(run))]
    for state, _, title in _LOUD:
        steps = [s for s in run.steps if s.state is state]
        if steps:
            blocks += [Heading(2, line(f"{title}: {plural(len(steps), 'step')}")), _short(steps)]
    told = f"{commands.status(run.folder)} --details    # each step with what to do, and its phases"
    blocks += [Heading(2, line("Next")), Pre(f"{_next(run)}\n{told}")]
    return Document(f"Run {run.run_id} of plan {run.plan_name}", tuple(blocks))


def _short(steps: list[RunStep]) -> Block:
    """A line for each; what many wait for alike is said once."""
    alike: dict[str, list[RunStep]] = {}
    for step in steps:
        alike.setdefault(step.message or step.title, []).append(step)
    rows: list[tuple[Line, ...]] = []
    for message, mine in alike.items():
        names = [Code(step.subject) for step in mine[:_NAMED]]
        more = f" and {len(mine) - _NAMED} more" if len(mine) > _NAMED else ""
        rows.append(
            (line(str(len(mine))), (*joined([line(n) for n in names]), more), line(message))
        )
    return Table(("Steps", "Subject", "Why"), tuple(rows))


def counts_sentence(run: Run) -> str:
    """``12 steps: 9 done, 1 stuck, 2 pending``; the parts add up."""
    seen = Counter(step.state for step in run.steps)
    told = [f"{seen[state]} {state.value}" for state in StepState if seen[state]]
    return f"{plural(len(run.steps), 'step')}: {', '.join(told) or 'none'}"


def _outcome(run: Run, most: int | None = None) -> Block:
    stuck = any(s.state is StepState.STUCK for s in run.steps)
    tone = Tone.BAD if stuck else _STATE_TONES.get(run.state, Tone.WARN)
    code = "" if run.exit_code is None else f" Exit code {run.exit_code}{_meaning(run.exit_code)}."
    told = run.summary.strip() or "it goes on, or its process is gone: the journal has no end"
    if most is not None and len(told) > most:
        told = textwrap.shorten(told, most, placeholder=" ...")
    if not told.endswith((".", "!", "?")):
        told += "."
    title = line(Badge(run.state, tone), " ", told, code)
    return Callout(tone, title, (Para(line(counts_sentence(run) + ".")),))


def _facts(run: Run) -> Block:
    return Fields(
        (
            ("Controller", line(Code(run.controller_url))),
            ("Plan", line(Code(run.plan_name), " id ", Code(run.plan_id))),
            ("Started", line(run.started)),
            ("Ended", line(run.finished or "no end in the journal")),
            ("By", line(f"{run.user} on {run.host}, migrate {run.tool_version}")),
        )
    )


def _meaning(code: int) -> str:
    meanings = {
        ExitCode.OK: "done or nothing to do",
        ExitCode.FAILED: "failed",
        ExitCode.BLOCKED: "blocked, nothing changed",
        ExitCode.PARTIAL: "stopped part-way, resumable",
        ExitCode.DRIFT: "drift, nothing changed",
        ExitCode.PUT_BACK: "failed and put back",
        ExitCode.CANCELLED: "cancelled",
    }
    return f" ({meanings[ExitCode(code)]})" if code in meanings else ""


def _loud(steps: list[RunStep], tone: Tone, title: str) -> list[Block]:
    if not steps:
        return []
    inner: list[Block] = []
    for step in steps:
        inner.append(
            Para(
                line(Code(step.subject), ": ", step.message or step.title, " (", Code(step.id), ")")
            )
        )
        if step.needs:
            inner += [Para(line(Strong("What to do"))), Pre(step.needs)]
    return [Callout(tone, line(f"{title}: {plural(len(steps), 'step')}"), tuple(inner))]


def _counts(run: Run) -> Block:
    stages = list(dict.fromkeys(step.stage for step in run.steps))
    states = [state for state in StepState if any(s.state is state for s in run.steps)]
    rows: list[tuple[Line, ...]] = []
    for name in [*stages, ""]:
        mine = [s for s in run.steps if s.stage == name or not name]
        numbers = [str(sum(1 for s in mine if s.state is state)) for state in states]
        label = line(name) if name else line(Strong("all"))
        rows.append((label, *(line(n) for n in numbers), line(str(len(mine)))))
    return Table(("Stage", *(state.value for state in states), "sum"), tuple(rows))


def _steps(run: Run) -> list[Block]:
    if not run.steps:
        return [Para(line("The run has no steps."))]
    rows: list[tuple[Line, ...]] = [
        (
            line(f"{step.stage}: {step.wave}" if step.stage == WAVES_TELL else step.stage),
            line(Code(step.subject)),
            line(step.kind),
            line(Badge(step.state.value, TONES[step.state])),
            line(_clock(step.started)),
            line(_clock(step.finished)),
            line(step.message),
        )
        for step in run.steps
    ]
    columns = ("Stage, wave", "Subject", "Step", "State", "Started", "Ended", "What was seen")
    return [filled(columns, rows)]


def _clock(at: str) -> str:
    """``22:14:03`` of an ISO time; the date is in the run's facts."""
    return at[11:19] if len(at) >= 19 and at[10:11] == "T" else at


def _phases(run: Run) -> list[Block]:
    rows: list[tuple[Line, ...]] = [
        (
            line(Code(step.subject)),
            line(phase.action),
            line(phase.at),
            line(phase.outcome or "no outcome in the journal"),
            line(phase.detail),
        )
        for step in run.steps
        for phase in step.phases
    ]
    if not rows:
        return [Para(line("No change was begun."))]
    return [filled(("Subject", "Phase", "At (UTC)", "Outcome", "Detail"), rows)]


def _bullets(texts: tuple[str, ...]) -> Block:
    return Bullets(tuple(line(text) for text in texts))


def _next(run: Run) -> str:
    told = run.next_command
    if told.startswith("migrate report"):
        # The terminal sends here; here is what comes after the reading.
        going_back = any(step.state is StepState.ROLLED_BACK for step in run.steps)
        on = commands.rollback_run(run.folder, run.run_id) if going_back else ""
        told = f"{on or commands.resume(run.folder)}    # once what failed was dealt with"
    rows = [told] if told else []
    if not rows and run.state == "finished":
        rows.append("migrate verify")
    changed = any(step.phases for step in run.steps)
    if changed and run.state not in ("rolled-back", "running"):
        rows.append(f"{commands.rollback_run(run.folder, run.run_id)}    # to go back")
    return "\n".join(rows or [commands.status(run.folder)])
