"""What a person chose for one execution of a plan."""

from collections.abc import Callable
from dataclasses import dataclass

from migrate.engine.admission.budget import Budget
from migrate.engine.admission.hooks import Hooks
from migrate.engine.admission.throttle import Throttle
from migrate.engine.admission.window import Limits
from migrate.model.names import StageName
from migrate.model.next_command import Given
from migrate.model.patterns import matches
from migrate.model.plan_steps import EditFile, MoveWorkload, PlanStep, node_of

NO_FAILURES = Budget("0")
ANY_TIME = Limits()
NO_HOOKS = Hooks(None)
STAGES = tuple(StageName)


def nodes_of(step: PlanStep) -> frozenset[str]:
    """The nodes that a step is about; a workload's step is about all of its."""
    also = step.nodes if isinstance(step, MoveWorkload | EditFile) else ()
    return frozenset(name for name in (node_of(step), *also) if name)


def is_of(step: PlanStep, patterns: tuple[str, ...]) -> bool:
    """Whether the step is about a node that a pattern names."""
    return any(matches(name, pattern) for pattern in patterns for name in nodes_of(step))


@dataclass(frozen=True)
class RunOptions:
    """Flags of ``migrate apply``."""

    stage: str | None = None
    """Only this stage."""
    until: str | None = None
    """This stage and those before it."""
    nodes: tuple[str, ...] = ()
    """Only these nodes (patterns); then nothing is closed."""
    concurrency: int = 10
    max_failures: Budget = NO_FAILURES
    on_failure: str = "rollback"
    """``rollback`` puts a failed node back; ``leave`` leaves it marked, for a person to look at."""
    accept_offline: tuple[str, ...] = ()
    soak: float = 86400.0
    """Seconds between the last verified node and closing the port."""
    limits: Limits = ANY_TIME
    """Windows and deadline."""
    throttles: tuple[Throttle, ...] = ()
    """Beside ``migrate pause`` and the hook ``may-start``."""
    max_wait: float | None = None
    """Seconds to be held without a break before the run stops; None: for ever."""
    hooks: Hooks = NO_HOOKS
    given: Given = ()
    """Connection options of the command line, for the next commands of its report."""
    confirm: Callable[[], bool] = lambda: False
    """Asks for the controller's host name (or has it from ``--confirm``) before closing."""

    def recorded(self) -> dict[str, str]:
        """What the journal keeps of them."""
        return {
            "stage": self.stage or "",
            "until": self.until or "",
            "nodes": ", ".join(self.nodes),
            "concurrency": str(self.concurrency),
            "max_failures": self.max_failures.text,
            "on_failure": self.on_failure,
            "accept_offline": ", ".join(self.accept_offline),
            "soak": f"{self.soak:.0f} s",
            "limits": self.limits.told(),
            "max_wait": "" if self.max_wait is None else f"{self.max_wait:.0f} s",
        }

    def wants(self, stage: str) -> bool:
        """Whether this execution includes the stage."""
        if self.nodes and stage in (StageName.CLOSE, StageName.VERIFY):
            return False
        if self.stage is not None:
            return (
                stage in (StageName.PREFLIGHT, self.stage)
                if self.stage == StageName.NODES
                else stage == self.stage
            )
        if self.until is not None:
            return STAGES.index(stage) <= STAGES.index(self.until)
        return True

    def takes(self, step: PlanStep) -> bool:
        """Whether a step of the nodes stage is among those asked for."""
        return not self.nodes or is_of(step, self.nodes)

    @property
    def partial(self) -> bool:
        """Whether the person asked for a part of the plan only."""
        return bool(self.nodes or self.stage or self.until)
