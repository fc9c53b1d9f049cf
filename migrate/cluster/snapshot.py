"""One read of the cluster: each kind listed once, what may not be read becomes a Skip."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from migrate.cluster.errors import ForbiddenHere, NotServed
from migrate.cluster.kinds import KINDS, Kind, kind_of
from migrate.model.inventory import Skip
from migrate.model.ports import ClusterPort

Json = dict[str, Any]


class ClusterReader(ClusterPort, Protocol):
    """What the scan needs beyond the steps' port."""

    @property
    def namespace(self) -> str:
        """The context's namespace."""

    def objects(
        self, kind: str, namespace: str | None = None, *, place: Kind | None = None
    ) -> Iterator[Json]:
        """Objects of a kind; ``namespace`` None: of all namespaces."""

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Served API groups and their versions, the preferred one first."""

    def plurals(self, group: str, version: str) -> frozenset[str]:
        """Names of the resources in one version of a group."""

    def server_version(self) -> str:
        """``v1.31.4``."""


@dataclass
class Snapshot:
    """Objects by kind, and how far each kind could be read."""

    objects: dict[str, list[Json]] = field(default_factory=dict)
    everywhere: set[str] = field(default_factory=set)
    """Kinds read in all namespaces."""
    somewhere: set[tuple[str, str]] = field(default_factory=set)
    """(kind, namespace) read one by one."""
    skips: list[Skip] = field(default_factory=list)

    def of(self, kind: str) -> list[Json]:
        """The objects of a kind that could be read."""
        return self.objects.get(kind, [])

    def knows(self, kind: str, namespace: str) -> bool:
        """Whether an object that is not here does not exist."""
        return kind in self.everywhere or (kind, namespace) in self.somewhere


SLIM: dict[str, Callable[[Json], Json]] = {}
"""By kind: keeps of an object what the scan looks at, so that big clusters fit in memory."""


def read(client: ClusterReader, kinds: tuple[str, ...], namespaces: tuple[str, ...]) -> Snapshot:
    """List ``kinds`` in the whole cluster, or where that is forbidden in ``namespaces``.

    Raises what is no matter of permissions: no credentials, not reachable, not Kubernetes.
    """
    out = Snapshot()
    for kind in kinds:
        read_kind(client, kind, namespaces, out)
    return out


def read_kind(
    client: ClusterReader,
    kind: str,
    namespaces: tuple[str, ...],
    out: Snapshot,
    place: Kind | None = None,
) -> bool:
    """Add a kind to ``out``; False when this cluster does not serve it.

    ``place``: where it lives, for kinds that this tool does not know by itself.
    """
    place = place or kind_of(kind)
    try:
        out.objects[kind] = _listed(client, kind, None, place)
        out.everywhere.add(kind)
        return True
    except NotServed:
        return False
    except ForbiddenHere as refused:
        try:
            found, denied = _one_by_one(client, kind, namespaces, out, place)
        except NotServed:
            return False
        out.objects[kind] = found
        out.skips.append(_skip(kind, refused, out, denied, place))
        return True


def _one_by_one(
    client: ClusterReader, kind: str, namespaces: tuple[str, ...], out: Snapshot, place: Kind
) -> tuple[list[Json], list[str]]:
    found: list[Json] = []
    denied: list[str] = []
    if not place.namespaced:
        return found, denied
    for namespace in namespaces:
        try:
            found += _listed(client, kind, namespace, place)
            out.somewhere.add((kind, namespace))
        except ForbiddenHere:
            denied.append(namespace)
    return found, denied


def _listed(client: ClusterReader, kind: str, namespace: str | None, place: Kind) -> list[Json]:
    slim = SLIM.get(kind)
    return [slim(obj) if slim else obj for obj in client.objects(kind, namespace, place=place)]


def _skip(kind: str, refused: ForbiddenHere, out: Snapshot, denied: list[str], place: Kind) -> Skip:
    # A custom resource is named with its group: a Gateway is of one API or of another.
    plural = place.plural if kind in KINDS else place.resource
    read_in = sorted(ns for k, ns in out.somewhere if k == kind)
    reason = f"no permission to list {plural} in the whole cluster"
    if read_in:
        reason += f"; read in {', '.join(read_in)} only"
    elif denied:
        reason += f", nor in {', '.join(denied)}"
    return Skip("cluster", plural, reason, refused.rule)


def _slim_pod(pod: Json) -> Json:
    meta, spec, status = pod.get("metadata") or {}, pod.get("spec") or {}, pod.get("status") or {}
    keep_meta = ("name", "namespace", "labels", "annotations", "ownerReferences", "uid")
    keep_container = ("name", "image", "command", "args", "env", "envFrom", "ports")
    containers = [{k: c[k] for k in keep_container if k in c} for c in spec.get("containers") or []]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {k: meta[k] for k in keep_meta if k in meta},
        "spec": {
            "containers": containers,
            "hostNetwork": spec.get("hostNetwork", False),
            "serviceAccountName": spec.get("serviceAccountName", ""),
            "volumes": [v for v in spec.get("volumes") or [] if "configMap" in v],
        },
        "status": {
            "phase": status.get("phase", ""),
            "hostIP": status.get("hostIP", ""),
            "podIPs": [ip["ip"] for ip in status.get("podIPs") or [] if "ip" in ip]
            or [ip for ip in (status.get("podIP"),) if ip],
            "ready": any(
                c.get("type") == "Ready" and c.get("status") == "True"
                for c in status.get("conditions") or []
            ),
        },
    }


def _slim_slice(item: Json) -> Json:
    meta = item.get("metadata") or {}
    keep = {k: meta[k] for k in ("name", "namespace", "labels") if k in meta}
    return {
        "metadata": keep,
        "ports": item.get("ports") or [],
        "endpoints": item.get("endpoints") or [],
    }


def _slim_maker(obj: Json) -> Json:
    """Of what makes pods and has an old revision for each change: those that are over hold no
    more than who made them."""
    meta = obj.get("metadata") or {}
    if any(o.get("controller") for o in meta.get("ownerReferences") or []) and not (
        obj.get("spec") or {}
    ).get("replicas"):
        return {"kind": obj.get("kind"), "metadata": _kept(meta)}
    return _without_status(obj)


def _kept(meta: Json) -> Json:
    names = ("name", "namespace", "labels", "annotations", "ownerReferences", "uid")
    return {k: meta[k] for k in names if k in meta}


def _without_status(obj: Json) -> Json:
    return {k: v for k, v in obj.items() if k != "status"}


SLIM |= {
    "Pod": _slim_pod,
    "EndpointSlice": _slim_slice,
    "Deployment": _without_status,
    "DaemonSet": _without_status,
    "StatefulSet": _without_status,
    "ReplicaSet": _slim_maker,
    "ReplicationController": _slim_maker,
}
