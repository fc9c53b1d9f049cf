"""What ``apply --dry-run`` prints."""

from collections import Counter

from migrate.cli.console import result, say_next
from migrate.cli.session import Session
from migrate.engine.run.options import RunOptions
from migrate.engine.run.rehearsal import Rehearsal, rehearse
from migrate.model.errors import ExitCode
from migrate.model.text import visible

DRY_RUN_CODES = {"drifted": ExitCode.DRIFT, "blocked": ExitCode.BLOCKED}


def show_rehearsal(session: Session, run_options: RunOptions) -> ExitCode:
    """Look at every step and print what it would do; returns the worst verdict's exit code."""
    worst = ExitCode.OK
    stage = ""
    seen: dict[tuple[str, ...], str] = {}
    verdicts: Counter[str] = Counter()
    for item in rehearse(session.plan, session.ctx, run_options):
        verdicts[item.verdict] += 1
        if item.stage != stage:
            stage = item.stage
            result(f"== {stage}")
        result(f"{item.verdict}: {visible(item.step.title.removeprefix(f'{item.verdict}: '))}")
        if item.detail:
            result(f"    {visible(item.detail)}")
        if item.diff:
            result("\n".join(f"    {line}" for line in _once(item, seen).splitlines()))
        # A blocked node is left alone and named; the rest of the plan goes on without it.
        if item.verdict == "drifted" or (item.verdict == "blocked" and item.stage != "nodes"):
            worst = DRY_RUN_CODES[item.verdict]
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    result(f"Steps: {told or 'none'}.")
    result("Nothing was changed.")
    if worst is not ExitCode.OK:
        drifted = worst is ExitCode.DRIFT
        say_next("migrate plan --name NEW-NAME" if drifted else "migrate doctor", run_options.given)
    return worst


def _once(item: Rehearsal, seen: dict[tuple[str, ...], str]) -> str:
    """The diff, or whose it repeats: a fleet's nodes mostly change alike."""
    changed = tuple(
        line
        for line in item.diff.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- "))
    )
    first = seen.setdefault(changed, item.step.subject) if changed else item.step.subject
    return item.diff if first == item.step.subject else f"(the same change as that of {first})"
