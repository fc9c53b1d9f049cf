"""What others do to the cluster while a run goes on, on request: faults by name."""

import time
from typing import Any

from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.registry import MERGE, Registry

_ANNOTATION = "example.com/touched-by"


class Meddler:
    """Writes an annotation on each object once, right before the first write of it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._done: set[Target] = set()

    def before(self, target: Target) -> None:
        """Called before a write that a request asks for."""
        if target in self._done or self._registry.store.read(target.key) is None:
            return
        self._done.add(target)
        patch = {"metadata": {"annotations": {_ANNOTATION: "another-administrator"}}}
        self._registry.patch(target, MERGE, patch, Write(manager="another-administrator"))


class Owner:
    """What a GitOps controller does: it has its ConfigMap as it was again, soon after a change.

    Here: when the next object is written, so that a test need not wait for its next look.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._wanted: dict[Target, Any] = {}

    def before(self, target: Target) -> None:
        """Called before a write that a request asks for."""
        for known, data in list(self._wanted.items()):
            if known != target:
                del self._wanted[known]
                patch = {"data": data}
                self._registry.patch(known, MERGE, patch, Write(manager="argocd-controller"))
        body = self._registry.store.read(target.key)
        if body is not None and body.get("kind") == "ConfigMap" and not self._had(target):
            self._wanted[target] = dict(body.get("data") or {})

    def _had(self, target: Target) -> bool:
        managers = (self._registry.store.read(target.key) or {}).get("metadata", {})
        return any(
            entry.get("manager") == "argocd-controller"
            for entry in managers.get("managedFields") or ()
        )


FAULTS = frozenset({"conflict", "forbidden", "api-away", "rbac-withdrawn", "owner-reverts"})
"""``conflict``: somebody else writes each object right before its first write; ``forbidden``:
nobody may write; ``api-away``: the first patch is done, but its answer is lost and the API
server stays away for some seconds; ``rbac-withdrawn``: after the first patch nobody may write.
Leases do not count as a first patch. ``owner-reverts``: the owner of a ConfigMap has it as it was
again once it was changed."""

AWAY_SECONDS = 4.0
WRITES = frozenset({"create", "patch", "update", "delete"})


class Outage:
    """``api-away``: which exchanges get no answer."""

    def __init__(self) -> None:
        self._until: float | None = None

    def drops(self, method: str, path: str) -> bool:
        """Whether the connection of this exchange ends without an answer."""
        if self._until is None and first_patch(method, path):
            self._until = time.monotonic() + AWAY_SECONDS
        return self._until is not None and time.monotonic() < self._until

    @property
    def away(self) -> bool:
        """Whether nothing is done at all now."""
        return self._until is not None and time.monotonic() < self._until


def first_patch(method: str, path: str) -> bool:
    """Whether this is a write of what the plan changes; ``path`` with its query."""
    return method == "PATCH" and "/leases/" not in path and "dryRun" not in path
