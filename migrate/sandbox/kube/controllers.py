"""The little of kube-controller-manager and kubelet that the sandbox needs.

Each workload gets one Pod at 127.0.0.1 (a new one when its template changes), each Service with
a selector gets an EndpointSlice and Endpoints of the Pods that it selects, as the real
controllers do. So a Service that is removed and comes back has endpoints again, and a named
targetPort leads nowhere once the container port of that name is gone.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.registry import MERGE, Registry
from migrate.sandbox.kube.resources import of_kind

POD_ADDRESS = "127.0.0.1"
SERVICE_LABEL = "kubernetes.io/service-name"
_MANAGER = "kube-controller-manager"
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_MANAGED_BY_US = "endpointslice-controller.k8s.io"
_HASH = "pod-template-hash"
_WORKLOADS = ("Deployment", "DaemonSet", "StatefulSet")


class Controllers:
    """Brings Pods, EndpointSlices and statuses in line with the rest; idempotent.

    ``runs``: says of a pod whether a kubelet runs it and reports on it; all others are Running
    and Ready from the start.
    """

    def __init__(
        self, registry: Registry, runs: Callable[[dict[str, Any]], bool] = lambda _: False
    ) -> None:
        self._registry = registry
        self._runs = runs

    def sync(self) -> None:
        """One pass over everything. Writes nothing when all is in line."""
        with self._registry.store.lock:
            for kind in _WORKLOADS:
                for workload in self._registry.store.items(of_kind(kind)):
                    self._pods(workload)
                    self._workload_status(workload)
            pods = self._registry.store.items(of_kind("Pod"))
            services = self._registry.store.items(of_kind("Service"))
            for service in services:
                self._endpoints(service, pods)
            self._collect(services)

    def _pods(self, workload: dict[str, Any]) -> None:
        metadata, spec = workload["metadata"], workload["spec"]
        template = spec["template"]
        digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
        existing = self._owned(metadata)
        wanted = 1 if spec.get("replicas", 1) else 0
        current = [p for p in existing if p["metadata"]["labels"].get(_HASH) == digest]
        for pod in existing:
            if pod not in current[:wanted]:
                self._delete("Pod", metadata["namespace"], pod["metadata"]["name"])
        if wanted and not current:
            self._create_pod(workload, digest)

    def _owned(self, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            pod
            for pod in self._registry.store.items(of_kind("Pod"), metadata["namespace"])
            if any(o["uid"] == metadata["uid"] for o in pod["metadata"].get("ownerReferences", []))
        ]

    def _create_pod(self, workload: dict[str, Any], digest: str) -> None:
        metadata = workload["metadata"]
        template = workload["spec"]["template"]
        suffix = "0" if workload["kind"] == "StatefulSet" else f"{digest[:8]}-{digest[-5:]}"
        name = f"{metadata['name']}-{suffix}"
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "labels": {**template.get("metadata", {}).get("labels", {}), _HASH: digest},
                "ownerReferences": [
                    {
                        "apiVersion": workload["apiVersion"],
                        "kind": workload["kind"],
                        "name": metadata["name"],
                        "uid": metadata["uid"],
                        "controller": True,
                        "blockOwnerDeletion": True,
                    }
                ],
            },
            "spec": {**template["spec"], "nodeName": "sandbox-node"},
        }
        self._create("Pod", metadata["namespace"], body)
        if self._runs(body):
            return
        status = {
            "phase": "Running",
            "podIP": POD_ADDRESS,
            "podIPs": [{"ip": POD_ADDRESS}],
            "hostIP": POD_ADDRESS,
            "conditions": [{"type": "Ready", "status": "True"}],
        }
        self._status("Pod", metadata["namespace"], name, status)

    def _workload_status(self, workload: dict[str, Any]) -> None:
        metadata, spec = workload["metadata"], workload["spec"]
        wanted = 1 if spec.get("replicas", 1) else 0
        count = min(wanted, sum(is_ready(pod) for pod in self._owned(metadata)))
        status: dict[str, Any] = {"observedGeneration": metadata.get("generation", 1)}
        if workload["kind"] == "DaemonSet":
            # Old pods are gone before new ones are made, so that all there are are updated.
            for key in (
                "currentNumberScheduled",
                "desiredNumberScheduled",
                "updatedNumberScheduled",
            ):
                status[key] = wanted
            for key in ("numberReady", "numberAvailable"):
                status[key] = count
        else:
            for key in ("replicas", "updatedReplicas"):
                status[key] = wanted
            for key in ("readyReplicas", "availableReplicas"):
                status[key] = count
        self._status(workload["kind"], metadata["namespace"], metadata["name"], status)

    def _endpoints(self, service: dict[str, Any], pods: list[dict[str, Any]]) -> None:
        metadata, spec = service["metadata"], service["spec"]
        selector = spec.get("selector")
        if not selector:
            return
        chosen = [
            pod
            for pod in pods
            if pod["metadata"]["namespace"] == metadata["namespace"]
            and selector.items() <= pod["metadata"].get("labels", {}).items()
            and pod.get("status", {}).get("phase") == "Running"
        ]
        ports = []
        for port in spec.get("ports", []):
            number = target_port(port, chosen[0]) if chosen else None
            if number is not None:
                entry = {"port": number, "protocol": port.get("protocol", "TCP")}
                ports.append({"name": port["name"], **entry} if port.get("name") else entry)
        self._slice(service, chosen if ports else [], ports)
        self._legacy_endpoints(service, chosen if ports else [], ports)

    def _slice(
        self, service: dict[str, Any], pods: list[dict[str, Any]], ports: list[dict[str, Any]]
    ) -> None:
        metadata = service["metadata"]
        name = f"{metadata['name']}-{hashlib.sha256(metadata['uid'].encode()).hexdigest()[:5]}"
        body = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "labels": {
                    SERVICE_LABEL: metadata["name"],
                    _MANAGED_BY: _MANAGED_BY_US,
                },
                "ownerReferences": [_owner(service)],
            },
            "addressType": "IPv4",
            "endpoints": [
                {
                    "addresses": [pod["status"]["podIP"]],
                    "conditions": {"ready": True, "serving": True, "terminating": False},
                    "targetRef": _reference(pod),
                }
                for pod in pods
            ],
            "ports": ports,
        }
        self._put("EndpointSlice", metadata["namespace"], body)

    def _legacy_endpoints(
        self, service: dict[str, Any], pods: list[dict[str, Any]], ports: list[dict[str, Any]]
    ) -> None:
        metadata = service["metadata"]
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "ownerReferences": [_owner(service)],
            },
        }
        if pods:
            addresses = [
                {"ip": pod["status"]["podIP"], "targetRef": _reference(pod)} for pod in pods
            ]
            body["subsets"] = [{"addresses": addresses, "ports": ports}]
        self._put("Endpoints", metadata["namespace"], body)

    def _collect(self, services: list[dict[str, Any]]) -> None:
        """Garbage collection: endpoints whose Service is gone go too."""
        alive = {service["metadata"]["uid"] for service in services}
        for kind in ("EndpointSlice", "Endpoints"):
            for item in self._registry.store.items(of_kind(kind)):
                owners = item["metadata"].get("ownerReferences", [])
                if owners and not any(owner["uid"] in alive for owner in owners):
                    self._delete(kind, item["metadata"]["namespace"], item["metadata"]["name"])

    def _put(self, kind: str, namespace: str, body: dict[str, Any]) -> None:
        target = Target(of_kind(kind), namespace, body["metadata"]["name"])
        live = self._registry.store.read(target.key)
        if live is None:
            self._create(kind, namespace, body)
            return
        ours = {k: v for k, v in body.items() if k != "metadata"}
        theirs = {k: v for k, v in live.items() if k != "metadata"}
        owners = body["metadata"].get("ownerReferences")
        if ours != theirs or owners != live["metadata"].get("ownerReferences"):
            self._registry.update(target, body, Write(manager=_MANAGER))

    def _create(self, kind: str, namespace: str, body: dict[str, Any]) -> None:
        self._registry.create(of_kind(kind), namespace, body, Write(manager=_MANAGER))

    def _delete(self, kind: str, namespace: str, name: str) -> None:
        target = Target(of_kind(kind), namespace, name)
        self._registry.delete(target, {}, Write(manager=_MANAGER))

    def _status(self, kind: str, namespace: str, name: str, status: dict[str, Any]) -> None:
        target = Target(of_kind(kind), namespace, name)
        write = Write(manager=_MANAGER, subresource="status")
        self._registry.patch(target, MERGE, {"status": status}, write)


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether its status says so."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def target_port(port: dict[str, Any], pod: dict[str, Any]) -> int | None:
    """The container port number that a Service port leads to; None for a name without one."""
    wanted = port.get("targetPort", port.get("port"))
    if isinstance(wanted, int):
        return wanted
    for container in pod["spec"].get("containers", []):
        for entry in container.get("ports", []):
            same = entry.get("protocol", "TCP") == port.get("protocol", "TCP")
            if entry.get("name") == wanted and same:
                return int(entry["containerPort"])
    return None


def _reference(pod: dict[str, Any]) -> dict[str, Any]:
    metadata = pod["metadata"]
    return {
        "kind": "Pod",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
    }


def _owner(service: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "name": service["metadata"]["name"],
        "uid": service["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
