"""A lock on the controller: a mark in its JVM, which every machine that works on it sees.

It takes Overall/Administer (script console), changes nothing that Jenkins itself looks at, is
gone with a restart (the next heartbeat sets it again), and its times are the controller's.
"""

import json
from typing import Any

from migrate.engine.locks.file_lock import Holder
from migrate.engine.locks.remote_lock import FRESH, TTL, LockGone, Seen, taken
from migrate.model.ports import ControllerPort
from migrate.model.serialize import from_data, to_data

SCRIPT = "run-lock"


class ControllerMark:
    """``RemoteLock`` by the script ``run-lock``."""

    def __init__(self, jenkins: ControllerPort) -> None:
        self._jenkins = jenkins

    @property
    def name(self) -> str:
        """Where it is."""
        return f"mark on the controller {self._jenkins.url}"

    def look(self) -> Seen | None:
        """Who holds it."""
        return _seen(self._run("look", Holder("", "", 0, "", "")))

    def lives(self, seen: Seen) -> bool:
        """By the controller's own clock."""
        return seen.age < FRESH and seen.left > 0

    def take(self, mine: Holder) -> None:
        """In one call, so that two machines can't both have it."""
        seen = _seen(self._run("take", mine))
        if seen is None or seen.token != mine.token:
            raise taken(self, seen or Seen(None, "", 0.0, TTL))

    def renew(self, mine: Holder) -> None:
        """Also sets it again after a restart of the controller, when nobody else has by then."""
        seen = _seen(self._run("renew", mine))
        if seen is None or seen.token != mine.token:
            told = f"was taken over by {seen.told()}" if seen else "was cleared by somebody"
            raise LockGone(f"the {self.name} {told}")

    def release(self, token: str) -> None:
        """Remove it."""
        self._run("release", Holder("", "", 0, "", "", token))

    def _run(self, action: str, mine: Holder) -> Any:
        arguments = {
            "action": action,
            "token": mine.token,
            "note": json.dumps(to_data(mine)),
            "seconds": int(TTL),
        }
        return self._jenkins.run_script(SCRIPT, arguments)


def _seen(answer: Any) -> Seen | None:
    if not isinstance(answer, dict) or not answer.get("token"):
        return None
    try:
        holder = from_data(json.loads(str(answer.get("note", ""))), Holder)
    except ValueError:
        holder = None
    return Seen(
        holder, str(answer["token"]), float(answer.get("age", 0)), float(answer.get("left", 0))
    )
