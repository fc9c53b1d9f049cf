"""What a person put back stays so until they say otherwise: a nightly ``--resume`` leaves it."""

from migrate.engine.run.options import RunOptions
from migrate.model.names import StageName
from migrate.model.run import Run, RunStep, StepState
from migrate.model.text import visible


def left_back(run: Run, options: RunOptions) -> frozenset[str]:
    """Steps of nodes that were rolled back and that this execution does not name (``--node``)."""
    return (
        frozenset()
        if options.nodes
        else frozenset(s.id for s in _rolled_back(run, StageName.NODES))
    )


def nodes_told(left: frozenset[str]) -> str:
    """Which they are, and how they are moved all the same."""
    names = ", ".join(visible(step) for step in sorted(left)[:5])
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    return f"rolled back, and left so: {names}{more} (--resume --node NAME moves it again)"


def port_told(run: Run, options: RunOptions) -> str:
    """Why the port is not closed again; empty: it may be."""
    if options.stage == StageName.CLOSE or not _rolled_back(run, StageName.CLOSE):
        return ""
    return "a rollback opened it again (--resume --stage close closes it)"


def _rolled_back(run: Run, stage: str) -> tuple[RunStep, ...]:
    return tuple(s for s in run.steps if s.stage == stage and s.state is StepState.ROLLED_BACK)
