"""One node's share of a step that moves several nodes."""

from dataclasses import dataclass
from typing import Any

from migrate.model.records import Record
from migrate.steps.base import BackupRef, StepLog


@dataclass(frozen=True)
class NodeLog:
    """A step's journal as one node's parts of it see it: each record names the node."""

    log: StepLog
    node: str

    def write(self, kind: str, action: str, data: dict[str, Any]) -> None:
        """Append for this node."""
        self.log.write(kind, action, {**data, "node": self.node})

    def records(self) -> tuple[Record, ...]:
        """This node's records."""
        return tuple(r for r in self.log.records() if r.data.get("node") == self.node)

    def of_run(self) -> tuple[Record, ...]:
        """The run's records."""
        return self.log.of_run()

    def save(self, name: str, body: bytes) -> BackupRef:
        """Keep a backup."""
        return self.log.save(name, body)

    def load(self, ref: BackupRef) -> bytes:
        """Read a backup."""
        return self.log.load(ref)
