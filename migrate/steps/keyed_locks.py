"""Locks by name, for what several steps of one run share on the outside."""

import threading


class KeyedLocks:
    """One lock for each key, made when it is first asked for."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}

    def of(self, key: str) -> threading.RLock:
        """The lock of this key."""
        with self._making:
            return self._locks.setdefault(key, threading.RLock())
