"""Who makes a pod: up from its ownerReferences to the object that a person edits. Pure.

A Deployment's pods belong to a ReplicaSet, a DeploymentConfig's to a ReplicationController, a
CronJob's to a Job: what is in between is never the thing to change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migrate.cluster.snapshot import Snapshot

Json = dict[str, Any]

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "Rollout": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Job": ("spec", "template"),
}
"""Kinds that make pods, and where each has its pod template."""
_DEPLOYER = "openshift.io/deployment-config.name"
"""Annotation and owner of an OpenShift ReplicationController (apps.openshift.io/v1)."""

_HASHES = (("rollouts-pod-template-hash", "Rollout"), ("pod-template-hash", "Deployment"))
"""Labels of pods by which a ReplicaSet's name tells who made it (argo-rollouts
utils/replicaset; kubernetes pkg/controller/deployment)."""


@dataclass(frozen=True)
class Maker:
    """What makes pods."""

    kind: str
    namespace: str
    name: str
    obj: Json | None
    """As read; None where only a reference names it."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Sorts and compares."""
        return self.namespace, self.kind, self.name


class Makers:
    """The objects of a snapshot that make pods, and who is at the top of each."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._read: dict[tuple[str, str, str], Json] = {}
        for kind in TEMPLATES:
            for obj in snapshot.of(kind):
                meta = obj.get("metadata") or {}
                at = (str(meta.get("namespace", "")), kind, str(meta.get("name", "")))
                self._read[at] = obj

    def top(self, obj: Json) -> Maker | None:
        """The last object upwards of a pod or of what makes it; None: nothing controls it."""
        meta = obj.get("metadata") or {}
        namespace = str(meta.get("namespace", ""))
        found: Maker | None = None
        seen: set[tuple[str, str, str]] = set()
        own = meta
        while (above := _above(meta)) is not None and (namespace, *above) not in seen:
            kind, name = above
            seen.add((namespace, kind, name))
            read = self._read.get((namespace, kind, name))
            hashed = _by_hash(own, name) if read is None and kind == "ReplicaSet" else None
            if hashed is not None:
                kind, name = hashed
                read = self._read.get((namespace, kind, name))
            found = Maker(kind, namespace, name, read)
            meta = (read or {}).get("metadata") or {}
        return found

    def forms(self) -> Iterator[tuple[Maker, Json]]:
        """(what is at the top, a pod template) of everything that was read, the tops first."""
        below = []
        for (namespace, kind, name), obj in sorted(self._read.items()):
            top = self.top(obj)
            if top is None:
                maker = Maker(kind, namespace, name, obj)
                yield maker, self._form(maker)
            else:
                below.append((top, template(kind, obj)))
        yield from below

    def _form(self, maker: Maker) -> Json:
        if maker.kind == "Rollout" and referenced(maker):
            place = (maker.namespace, "Deployment", referenced(maker))
            return template("Deployment", self._read.get(place))
        return template(maker.kind, maker.obj)


def template(kind: str, obj: Json | None) -> Json:
    """The pod template of an object; empty when it has none of its own."""
    found: Any = obj or {}
    for part in TEMPLATES.get(kind, ("spec", "template")):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, dict) else {}


def referenced(rollout: Maker) -> str:
    """The Deployment whose pod template a Rollout takes (spec.workloadRef); empty: its own."""
    reference = ((rollout.obj or {}).get("spec") or {}).get("workloadRef")
    if not isinstance(reference, Mapping) or reference.get("kind") != "Deployment":
        return ""
    return str(reference.get("name", ""))


def _above(meta: Mapping[str, Any]) -> tuple[str, str] | None:
    """(kind, name) of the controller in these metadata."""
    notes: Mapping[str, str] = meta.get("annotations") or {}
    if notes.get(_DEPLOYER):
        return "DeploymentConfig", notes[_DEPLOYER]
    for reference in meta.get("ownerReferences") or []:
        # The kubelet is the controller of a static pod, which has no other maker.
        if reference.get("controller") and reference.get("kind") != "Node":
            return str(reference.get("kind", "")), str(reference.get("name", ""))
    return None


def _by_hash(meta: Mapping[str, Any], name: str) -> tuple[str, str] | None:
    """What made a ReplicaSet that could not be read: it is called MAKER-HASH."""
    labels: Mapping[str, str] = meta.get("labels") or {}
    for label, kind in _HASHES:
        ending = f"-{labels.get(label, '')}"
        if len(ending) > 1 and name.endswith(ending):
            return kind, name.removesuffix(ending)
    return None
