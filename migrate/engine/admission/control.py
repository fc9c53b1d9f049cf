"""What a person tells a run from outside: pause, continue, mark."""

from difflib import get_close_matches

from migrate.engine.locks.file_lock import Holder, locked
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.engine.record.state import planned_steps
from migrate.engine.record.trust import check_journal
from migrate.model.errors import UsageProblem
from migrate.model.journal.run import Mark
from migrate.model.plan_steps import Manual, PlanStep, node_of
from migrate.plan_store.private import write_own
from migrate.steps.base import Clock


def pause(folder: RunFolder, text: str) -> None:
    """Wait before the next node. Read again right before each node."""
    write_own(folder.pause_file, text)


def go_on(folder: RunFolder) -> bool:
    """End a pause; False when there was none."""
    was = folder.pause_file.exists()
    folder.pause_file.unlink(missing_ok=True)
    return was


def mark(
    folder: RunFolder, name: str, *, done: bool, reason: str, clock: Clock, holder: Holder
) -> PlanStep:
    """Tell the journal what a person did by hand. ``name``: a step id, its tail, or a node."""
    with locked(folder.plan_folder, holder):
        journal = Journal(folder.journal_path, clock.now)
        try:
            check_journal(folder, journal.records())
            steps = [step for _, _, step in planned_steps(journal.records())]
            step = _find(steps, name)
            if done and isinstance(step, Manual) and step.read_back:
                raise UsageProblem(
                    f"{step.id} is done when the controller itself reads so, not by a mark",
                    next_command=f"migrate apply {folder.plan_word} --resume",
                )
            StepJournal(folder, journal, step.id).write(
                Mark(state="done" if done else "undone", reason=reason, by=holder.user)
            )
        finally:
            journal.close()
    return step


def _find(steps: list[PlanStep], name: str) -> PlanStep:
    found = [s for s in steps if name in (s.id, node_of(s))]
    if len(found) == 1:
        return found[0]

    near = get_close_matches(name, [s.id for s in steps], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise UsageProblem(
        f"the run has no step {name!r}{hint}",
        next_command="migrate status PLAN    # lists the steps",
    )
