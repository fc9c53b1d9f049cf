"""One agent that a launch starts, however it is written there."""

from dataclasses import dataclass
from typing import Protocol

from migrate.agents.launch.base import FoundLaunch, Wanted
from migrate.agents.launch.site import Site
from migrate.model.inventory import LaunchKind
from migrate.splice.edit import SecretFile
from migrate.splice.text import NotEditable
from migrate.splice.words import Word


class Launched(Protocol):
    """One agent that a text starts, of whatever kind."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that may change."""

    @property
    def where(self) -> str:
        """Line, service or element."""

    @property
    def site(self) -> Site | None:
        """Where the words stand."""

    def found(self) -> FoundLaunch:
        """For the caller, secrets masked."""

    def secrets(self) -> tuple[str, ...]:
        """Every value that stands in the text in clear and must not be shown."""

    def rewritten(self, wanted: Wanted) -> "Rewrite":
        """The words that it should have; ``NotEditable`` where that is not clear."""

    def same_but_transport(self, other: "Launched") -> bool:
        """Whether ``other`` starts the same agent in all but the way it connects."""


@dataclass(frozen=True)
class Unclear:
    """An agent that a text starts in a way that this tool does not follow."""

    where: str
    reason: str
    node: str | None = None
    words: tuple[Word, ...] = ()
    site: Site | None = None

    def found(self) -> FoundLaunch:
        """For the caller: that there is one."""
        kind = LaunchKind.UNKNOWN
        return FoundLaunch(self.node, kind, "", (), False, False, self.where)

    def secrets(self) -> tuple[str, ...]:
        """Not known."""
        return ()

    def rewritten(self, wanted: Wanted) -> "Rewrite":
        """Never."""
        raise NotEditable(self.reason, wanted.path)

    def same_but_transport(self, other: "Launched") -> bool:
        """Nothing is known of it."""
        return self == other


@dataclass(frozen=True)
class Rewrite:
    """The words that a command should have."""

    values: tuple[str, ...]
    notes: tuple[str, ...] = ()
    secret: SecretFile | None = None
    reason: str = ""
