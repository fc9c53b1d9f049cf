"""One node's share of a step that moves several nodes."""

from dataclasses import dataclass

from msgspec.structs import replace

from migrate.model.journal.base import Acted, BackupRef, Entry
from migrate.model.records import Record
from migrate.steps.base import StepLog


@dataclass(frozen=True)
class NodeLog:
    """A step's journal as one node's parts of it see it: each record names the node."""

    log: StepLog
    node: str

    def write(self, entry: Entry) -> None:
        """Append for this node."""
        self.log.write(replace(entry, node=self.node) if isinstance(entry, Acted) else entry)

    def records(self) -> tuple[Record, ...]:
        """This node's records."""
        return tuple(r for r in self.log.records() if node_of_entry(r.entry) == self.node)

    def of_run(self) -> tuple[Record, ...]:
        """The run's records."""
        return self.log.of_run()

    def save(self, name: str, body: bytes) -> BackupRef:
        """Keep a backup."""
        return self.log.save(name, body)

    def load(self, ref: BackupRef) -> bytes:
        """Read a backup."""
        return self.log.load(ref)


def node_of_entry(entry: Entry) -> str:
    """The node that an entry names; empty for none."""
    return entry.node if isinstance(entry, Acted) else ""
