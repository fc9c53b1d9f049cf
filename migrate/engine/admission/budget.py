"""How many failures a stage may have before no further node starts."""

from dataclasses import dataclass

from migrate.model.amounts import Share, share
from migrate.model.errors import UsageProblem


@dataclass(frozen=True)
class Budget:
    """``N`` or ``P%`` of the stage's nodes. A node that is unreachable counts as failed."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """``UsageProblem`` for anything but a number or a percentage up to 100."""
        if share(text) is None:
            raise UsageProblem(
                f"--max-failures takes a number or a percentage, not {text!r}",
                next_command="migrate apply PLAN --max-failures 2    # or 5%",
            )
        return cls(text.strip())

    def allowed(self, total: int) -> int:
        """Failures that are still within it; a percentage is rounded down."""
        return self._share.down(total)

    @property
    def _share(self) -> Share:
        return share(self.text) or Share(0, percent=False)

    def told(self, failed: int, total: int) -> str:
        """The arithmetic, for a person."""
        allowed = self.allowed(total)
        word = "exceeded" if failed > allowed else "kept"
        return f"{failed} failed of {total}, allowed {allowed} ({self.text}): budget {word}"
