"""Somebody else who writes the same objects: makes real conflicts on request."""

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
