"""What a person chose for one execution of a plan."""

from collections.abc import Callable
from dataclasses import dataclass

from migrate.engine.budget import Budget

NO_FAILURES = Budget("0")
STAGES = ("preflight", "nodes", "close", "verify")


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
    """``rollback`` puts a failed node back; ``hold`` leaves it marked, for a person to look at."""
    accept_offline: tuple[str, ...] = ()
    soak: float = 86400.0
    """Seconds between the last verified node and closing the port."""
    confirm: Callable[[], bool] = lambda: False
    """Asks for the controller's host name (or has it from ``--confirm``) before closing."""

    def wants(self, stage: str) -> bool:
        """Whether this execution includes the stage."""
        if self.nodes and stage in ("close", "verify"):
            return False
        if self.stage is not None:
            return (
                stage in ("preflight", self.stage) if self.stage == "nodes" else stage == self.stage
            )
        if self.until is not None:
            return STAGES.index(stage) <= STAGES.index(self.until)
        return True

    @property
    def partial(self) -> bool:
        """Whether the person asked for a part of the plan only."""
        return bool(self.nodes or self.stage or self.until)
