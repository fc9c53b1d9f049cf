"""What ``apply --dry-run`` prints, and keeps."""

from collections import Counter

from migrate import __version__
from migrate.cli.console import result, say, say_next
from migrate.cli.session import Session
from migrate.engine.locks.file_lock import me
from migrate.engine.run.options import RunOptions
from migrate.engine.run.rehearsal import Rehearsal, rehearse
from migrate.model.errors import ExitCode, UsageProblem
from migrate.model.known_secrets import known
from migrate.model.next_command import with_plans
from migrate.model.rehearsal import REHEARSAL_SCHEMA, RehearsedStep
from migrate.model.rehearsal import Rehearsal as RehearsalRecord
from migrate.model.serialize import from_data, to_data
from migrate.model.text import visible
from migrate.plan_store.private import is_shareable, write_own
from migrate.plan_store.rehearsals import sha256_of, write_rehearsal
from migrate.plan_store.shown import shown_path
from migrate.report.dispatch import render_rehearsal

DRY_RUN_CODES = {"drifted": ExitCode.DRIFT, "blocked": ExitCode.BLOCKED}


def show_rehearsal(session: Session, run_options: RunOptions) -> ExitCode:
    """Look at every step and print what it would do; returns the worst verdict's exit code."""
    worst = ExitCode.OK
    stage = ""
    seen: dict[tuple[str, ...], str] = {}
    verdicts: Counter[str] = Counter()
    items: list[Rehearsal] = []
    for item in rehearse(session.plan, session.ctx, run_options):
        verdicts[item.verdict] += 1
        items.append(item)
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
    _keep(session, run_options, items, worst)
    if worst is not ExitCode.OK:
        drifted = worst is ExitCode.DRIFT
        say_next("migrate plan --name NEW-NAME" if drifted else "migrate doctor", run_options.given)
    return worst


def _keep(
    session: Session, run_options: RunOptions, items: list[Rehearsal], worst: ExitCode
) -> None:
    """The record, for an audit. A rehearsal that can't be kept is one all the same."""
    now, inventory = session.ctx.clock.now(), session.ctx.inventory
    who = me(now, "dry-run")
    record = RehearsalRecord(
        REHEARSAL_SCHEMA,
        __version__,
        session.plan.choices.name,
        session.plan.plan_id,
        session.plan.target.controller_url,
        now,
        who.user,
        who.host,
        sha256_of(inventory) if inventory is not None else "",
        tuple(
            RehearsedStep(
                i.stage,
                i.wave,
                i.step.id,
                i.step.kind,
                i.step.subject,
                i.step.title,
                i.verdict,
                i.detail,
                i.diff,
            )
            for i in items
        ),
        int(worst),
        with_plans(run_options.given, shown_path(session.plan_folder.parent)),
    )
    hidden: RehearsalRecord = from_data(known().hide_in(to_data(record)), RehearsalRecord)
    try:
        folder = write_rehearsal(session.plan_folder, hidden, inventory)
        page = render_rehearsal(hidden, "html")
        write_own(folder / "report.html", page, shareable=is_shareable(session.plan_folder))
    except (OSError, UsageProblem) as error:
        told = error.strerror if isinstance(error, OSError) else error.cause
        say(f"the rehearsal could not be kept: {visible(str(told))}")
        return
    say(f"rehearsal: {shown_path(folder)}")


def _once(item: Rehearsal, seen: dict[tuple[str, ...], str]) -> str:
    """The diff, or whose it repeats: a fleet's nodes mostly change alike."""
    changed = tuple(
        line
        for line in item.diff.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- "))
    )
    first = seen.setdefault(changed, item.step.subject) if changed else item.step.subject
    return item.diff if first == item.step.subject else f"(the same change as that of {first})"
