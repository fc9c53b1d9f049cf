"""What the API server fills in before it stores an object."""

from typing import Any

_WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet")
KNOWN_FIELDS: dict[str, tuple[str, ...]] = {
    "ConfigMap": ("data", "binaryData", "immutable"),
    "Endpoints": ("subsets",),
    "Secret": ("data", "stringData", "type", "immutable"),
    "ServiceAccount": ("secrets", "imagePullSecrets", "automountServiceAccountToken"),
    "EndpointSlice": ("addressType", "endpoints", "ports"),
}
"""Top-level fields besides apiVersion, kind and metadata; else ``spec`` and ``status``."""


def unknown_fields(body: dict[str, Any]) -> list[str]:
    """Top-level fields that the type does not have (nested ones are not looked at)."""
    kind = str(body.get("kind", ""))
    if kind == "Event":
        return []
    known = {"apiVersion", "kind", "metadata", *KNOWN_FIELDS.get(kind, ("spec", "status"))}
    return [key for key in body if key not in known]


def fill(body: dict[str, Any]) -> dict[str, Any]:
    """Set the type's defaults in place, drop empty maps, and return the body."""
    kind = str(body.get("kind", ""))
    metadata = body.setdefault("metadata", {})
    for key in ("labels", "annotations", "finalizers", "ownerReferences"):
        if key in metadata and not metadata[key]:
            del metadata[key]
    if kind == "ConfigMap":
        for key in ("data", "binaryData"):
            if key in body and not body[key]:
                del body[key]
    elif kind == "Service":
        _service(body.setdefault("spec", {}))
    elif kind in _WORKLOADS:
        _workload(kind, body.setdefault("spec", {}))
    elif kind == "Pod":
        _pod(body.setdefault("spec", {}))
    elif kind == "Namespace":
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = metadata.get("name", "")
    elif kind == "EndpointSlice":
        for port in body.get("ports") or []:
            port.setdefault("protocol", "TCP")
    return body


def initial_status(kind: str) -> dict[str, Any] | None:
    """The status of a new object; None for types without one."""
    if kind in ("Service", "Ingress"):
        return {"loadBalancer": {}}
    if kind == "Namespace":
        return {"phase": "Active"}
    if kind == "Pod":
        return {"phase": "Pending", "qosClass": "BestEffort"}
    if kind in ("StatefulSet", "ReplicaSet"):
        return {"replicas": 0}
    if kind == "DaemonSet":
        return {
            "currentNumberScheduled": 0,
            "desiredNumberScheduled": 0,
            "numberMisscheduled": 0,
            "numberReady": 0,
        }
    return {} if kind == "Deployment" else None


def status(body: dict[str, Any]) -> None:
    """Defaults inside a status that was written."""
    if body.get("kind") == "Service":
        for ingress in body.get("status", {}).get("loadBalancer", {}).get("ingress", []):
            if "ip" in ingress:
                ingress.setdefault("ipMode", "VIP")


def _service(spec: dict[str, Any]) -> None:
    spec.setdefault("sessionAffinity", "None")
    kind = spec.setdefault("type", "ClusterIP")
    spec.setdefault("internalTrafficPolicy", "Cluster")
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    if kind in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def _workload(kind: str, spec: dict[str, Any]) -> None:
    if kind != "DaemonSet":
        spec.setdefault("replicas", 1)
    if kind == "Deployment":
        strategy = spec.setdefault("strategy", {"type": "RollingUpdate"})
        if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", "25%")
            rolling.setdefault("maxSurge", "25%")
        spec.setdefault("progressDeadlineSeconds", 600)
    elif kind == "StatefulSet":
        spec.setdefault("podManagementPolicy", "OrderedReady")
        update = spec.setdefault("updateStrategy", {"type": "RollingUpdate"})
        if update.get("type") == "RollingUpdate":
            update.setdefault("rollingUpdate", {}).setdefault("partition", 0)
        spec.setdefault(
            "persistentVolumeClaimRetentionPolicy",
            {"whenDeleted": "Retain", "whenScaled": "Retain"},
        )
    elif kind == "DaemonSet":
        update = spec.setdefault("updateStrategy", {"type": "RollingUpdate"})
        if update.get("type") == "RollingUpdate":
            rolling = update.setdefault("rollingUpdate", {})
            rolling.setdefault("maxSurge", 0)
            rolling.setdefault("maxUnavailable", 1)
    if kind != "ReplicaSet":
        spec.setdefault("revisionHistoryLimit", 10)
    _pod(spec.setdefault("template", {}).setdefault("spec", {}))


def _pod(spec: dict[str, Any]) -> None:
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        container.setdefault("resources", {})
        container.setdefault("terminationMessagePath", "/dev/termination-log")
        container.setdefault("terminationMessagePolicy", "File")
        image = str(container.get("image", ""))
        tag = image.rpartition(":")[2] if ":" in image.rpartition("/")[2] else "latest"
        container.setdefault("imagePullPolicy", "Always" if tag == "latest" else "IfNotPresent")
        for port in container.get("ports") or []:
            port.setdefault("protocol", "TCP")
        if container.get("ports") == []:
            del container["ports"]
        for variable in container.get("env") or []:
            reference = variable.get("valueFrom", {}).get("fieldRef")
            if reference is not None:
                reference.setdefault("apiVersion", "v1")
