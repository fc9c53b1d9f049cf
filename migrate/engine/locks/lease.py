"""A lock in the cluster: a Lease (coordination.k8s.io/v1), every write guarded by its version."""

import hashlib
import json
from datetime import UTC, datetime

from migrate.cluster.errors import AlreadyExists, Conflict, ForbiddenHere, NotServed, ObjectGone
from migrate.engine.clock import wall
from migrate.engine.locks.file_lock import Holder
from migrate.engine.locks.remote_lock import FRESH, TTL, WATCH, LockGone, Seen, taken
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.ports import ClusterPort
from migrate.model.serialize import from_data, to_data
from migrate.steps.base import Clock

KIND = "Lease"
_NOTE = "jenkins-agent-migrate/holder"
_TRIES = 5
_LOOKS = 5.0
_CLOCKS_APART = 3600.0
"""Seconds by which a clock may be behind: a lease that expired more recently than that by ours is
watched for a heartbeat before it is taken over."""
_SAME_CLOCK = 5.0
"""Seconds that a heartbeat may lie ahead of our clock before the clocks count as different."""


def lease_name(controller_url: str) -> str:
    """The same for every plan and machine that works on one controller."""
    digest = hashlib.sha256(controller_url.rstrip("/").encode()).hexdigest()[:12]
    return f"jenkins-agent-migrate-{digest}"


class LeaseLock:
    """``RemoteLock`` by a Lease."""

    def __init__(self, cluster: ClusterPort, namespace: str, name: str, clock: Clock) -> None:
        self._cluster, self._namespace, self._object = cluster, namespace, name
        self._clock = clock

    @property
    def name(self) -> str:
        """``Lease ns/name``."""
        return f"Lease {self._namespace}/{self._object}"

    def look(self) -> Seen | None:
        """Who holds it, by its annotation and renewTime."""
        body = self._read()
        return None if body is None or not _token(body) else self._seen(body)

    def take(self, mine: Holder) -> None:
        """Create it, or take one that is free, expired, or its own from before a crash."""
        for _ in range(_TRIES):
            body = self._read()
            try:
                if body is None:
                    self._cluster.create(KIND, self._namespace, self._new(mine))
                    return
                if _token(body) and _token(body) != mine.token:
                    self._expired_or_raise(body)
                self._patch(body, mine, acquired=True)
            except (AlreadyExists, Conflict):
                # Somebody was quicker: look again at what is there now.
                continue
            return
        seen = self.look()
        raise taken(self, seen or Seen(None, "", 0.0, TTL))

    def renew(self, mine: Holder) -> None:
        """Set renewTime; ``LockGone`` when another token stands there or it was deleted."""
        for _ in range(_TRIES):
            body = self._read()
            if body is None or _token(body) != mine.token:
                raise LockGone(self._gone(body))
            try:
                self._patch(body, mine, acquired=False)
            except Conflict:
                continue
            return

    def release(self, token: str) -> None:
        """Delete it; where that is not permitted, leave it without a holder."""
        body = self._read()
        if body is None or _token(body) != token:
            return
        try:
            self._cluster.delete(KIND, self._namespace, self._object, uid=body["metadata"]["uid"])
        except ObjectGone:
            return
        except ForbiddenHere:
            self._send(body, [{"op": "replace", "path": "/spec/holderIdentity", "value": ""}])

    def _gone(self, body: KubeObject | None) -> str:
        if body is None or not _token(body):
            return f"the {self.name} was cleared by somebody"
        return f"the {self.name} was taken over by {self._seen(body).told()}"

    def _read(self) -> KubeObject | None:
        try:
            return self._cluster.get(KIND, self._namespace, self._object)
        except NotServed:
            raise
        except ObjectGone:
            return None

    def _seen(self, body: KubeObject) -> Seen:
        spec = body["spec"]
        note = (body["metadata"].get("annotations") or {}).get(_NOTE, "")
        try:
            holder = from_data(json.loads(note), Holder)
        except ValueError:
            holder = None
        renewed = datetime.fromisoformat(spec.get("renewTime") or "1970-01-01T00:00:00Z")
        age = (wall(self._clock) - renewed).total_seconds()
        left = float(spec.get("leaseDurationSeconds") or 0) - age
        return Seen(holder, _token(body), age, left, str(spec.get("renewTime") or ""))

    def lives(self, seen: Seen) -> bool:
        """By our clock; watched where its heartbeat lies ahead of that, as a dead run's would for
        as long as its clock was ahead."""
        if seen.age < -_SAME_CLOCK:
            return self._beats(seen) is not None
        return seen.age < FRESH and seen.left > 0

    def _expired_or_raise(self, body: KubeObject) -> None:
        seen = self._seen(body)
        if seen.left > 0 and seen.age >= -_SAME_CLOCK:
            raise taken(self, seen)
        if seen.left < -_CLOCKS_APART:
            return
        beating = self._beats(seen)
        if beating is not None:
            raise taken(self, beating)

    def _beats(self, seen: Seen) -> Seen | None:
        """The lock with a newer heartbeat than ``seen``; None when none came while it was watched,
        or nobody holds it any more."""
        until = self._clock.monotonic() + WATCH
        while self._clock.monotonic() < until:
            self._clock.sleep(_LOOKS)
            now = self.look()
            if now is None or now.beat != seen.beat or now.token != seen.token:
                return now
        return None

    def _spec(self, mine: Holder) -> KubeObject:
        return {
            "holderIdentity": mine.token,
            "leaseDurationSeconds": int(TTL),
            "renewTime": _micro(wall(self._clock)),
        }

    def _new(self, mine: Holder) -> KubeObject:
        spec = self._spec(mine)
        note = json.dumps(to_data(mine))
        return {
            "metadata": {"name": self._object, "annotations": {_NOTE: note}},
            "spec": {**spec, "acquireTime": spec["renewTime"], "leaseTransitions": 0},
        }

    def _patch(self, body: KubeObject, mine: Holder, *, acquired: bool) -> None:
        spec = {**body.get("spec", {}), **self._spec(mine)}
        if acquired:
            spec["acquireTime"] = spec["renewTime"]
            spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + 1
        annotations = {**(body["metadata"].get("annotations") or {})}
        annotations[_NOTE] = json.dumps(to_data(mine))
        self._send(
            body,
            [
                {"op": "add", "path": "/metadata/annotations", "value": annotations},
                {"op": "add", "path": "/spec", "value": spec},
            ],
        )

    def _send(self, body: KubeObject, patch: KubePatch) -> None:
        version = body["metadata"]["resourceVersion"]
        guard = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
        self._cluster.json_patch(KIND, self._namespace, self._object, [guard, *patch])


def _token(body: KubeObject) -> str:
    return str((body.get("spec") or {}).get("holderIdentity") or "")


def _micro(at: datetime) -> str:
    """MicroTime: exactly six digits of a second, or the API server answers 400."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
