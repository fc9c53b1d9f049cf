"""The objects, their revisions and the events between them; safe to use from any thread."""

import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from migrate.sandbox.kube.resources import Resource

Key = tuple[str, str, str, str]
"""Group, plural, namespace (empty for cluster-wide), name."""


@dataclass(frozen=True)
class Event:
    """One change, as watches see it."""

    revision: int
    type: str
    """``ADDED``, ``MODIFIED`` or ``DELETED``."""
    key: Key
    body: dict[str, Any]


class Store:
    """Objects by key under one revision counter, with the whole history of changes."""

    def __init__(self, first_revision: int = 200) -> None:
        self.lock = threading.RLock()
        self.compacted = 0
        """Lists and watches from a revision below this one are refused."""
        self._revision = first_revision
        self._objects: dict[Key, dict[str, Any]] = {}
        self._history: list[Event] = []
        self._listeners: list[Callable[[Event], None]] = []

    @property
    def revision(self) -> int:
        """The revision of the last change."""
        return self._revision

    def read(self, key: Key) -> dict[str, Any] | None:
        """A copy of an object; None when there is none."""
        with self.lock:
            found = self._objects.get(key)
            return copy.deepcopy(found) if found is not None else None

    def write(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        """Store an object under the next revision and return a copy with it."""
        with self.lock:
            self._revision += 1
            kept = copy.deepcopy(body)
            kept["metadata"]["resourceVersion"] = str(self._revision)
            kind = "MODIFIED" if key in self._objects else "ADDED"
            self._objects[key] = kept
            self._record(Event(self._revision, kind, key, kept))
            return copy.deepcopy(kept)

    def remove(self, key: Key) -> dict[str, Any] | None:
        """Remove an object and return it as it was last."""
        with self.lock:
            found = self._objects.pop(key, None)
            if found is None:
                return None
            self._revision += 1
            gone = copy.deepcopy(found)
            gone["metadata"]["resourceVersion"] = str(self._revision)
            self._record(Event(self._revision, "DELETED", key, gone))
            return copy.deepcopy(found)

    def items(
        self, resource: Resource, namespace: str = "", *, revision: int | None = None
    ) -> list[dict[str, Any]]:
        """Copies of all objects of a type, in key order, now or at an older revision."""
        with self.lock:
            objects = self._objects if revision is None else self._at(revision)
            return [
                copy.deepcopy(objects[key])
                for key in sorted(objects)
                if key[:2] == (resource.group, resource.plural) and namespace in ("", key[2])
            ]

    def events(
        self, resource: Resource, namespace: str, after: int, to: int | None = None
    ) -> Iterator[Event]:
        """Changes of a type after a revision (up to ``to``, inclusive)."""
        with self.lock:
            history = list(self._history)
        for event in history:
            if (
                after < event.revision <= (to if to is not None else event.revision)
                and event.key[:2] == (resource.group, resource.plural)
                and namespace in ("", event.key[2])
            ):
                yield event

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``listener`` after each change (in the writer's thread, under the lock).

        Returns the function that ends it.
        """
        with self.lock:
            self._listeners.append(listener)

        def cancel() -> None:
            with self.lock:
                self._listeners.remove(listener)

        return cancel

    def compact(self) -> None:
        """Forget the history, as etcd's compaction and an API server restart do together."""
        with self.lock:
            self.compacted = self._revision

    def _record(self, event: Event) -> None:
        self._history.append(event)
        for listener in list(self._listeners):
            listener(event)

    def _at(self, revision: int) -> dict[Key, dict[str, Any]]:
        objects: dict[Key, dict[str, Any]] = {}
        for event in self._history:
            if event.revision > revision:
                break
            if event.type == "DELETED":
                objects.pop(event.key, None)
            else:
                objects[event.key] = event.body
        return objects
