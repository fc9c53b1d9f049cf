"""The sandbox with a real kube-apiserver in the place of its own: the tool talks to the real one.

The sandbox's objects are made there, and what changes there is brought back into the sandbox's
store a moment later, where its edge (a real nginx) and its controllers follow it.
"""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import e2e_rbac
import requests
from e2e_kube import RealApi
from e2e_sandbox import SandboxInstallation

from migrate.sandbox.kube import resources
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.kube.store import Key
from migrate.sandbox.spec import NodeSpec

_SEEDED = (
    "Namespace",
    "IngressClass",
    "ConfigMap",
    "StatefulSet",
    "Deployment",
    "Service",
    "Ingress",
    "Pod",
    "EndpointSlice",
)
"""In an order in which they can be created."""
_FOLLOWED = ("ConfigMap", "Service", "Deployment")
"""What the tool changes on an edge."""
_OWN = ("resourceVersion", "managedFields", "uid", "generation", "creationTimestamp", "selfLink")
_POLL = 0.05


class RealCluster:
    """Objects of a real API server, read and written as its administrator."""

    def __init__(self, api: RealApi) -> None:
        self.api = api
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api.token('admin')}"
        self._session.verify = str(api.authority)
        # Else a REQUESTS_CA_BUNDLE of this machine goes before the line above.
        self._session.trust_env = False

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """One object; None when there is none."""
        answer = self._ask("GET", _path(resources.of_kind(kind), namespace, name))
        return None if answer.status_code == 404 else _checked(answer)

    def all(self, kind: str) -> dict[Key, dict[str, Any]]:
        """Every object of a kind, by the key that it has in the sandbox's store."""
        resource = resources.of_kind(kind)
        found = _checked(self._ask("GET", _path(resource, "", "")))
        head = {"apiVersion": resource.api_version, "kind": kind}
        return {
            (
                resource.group,
                resource.plural,
                item["metadata"].get("namespace", ""),
                item["metadata"]["name"],
            ): head | item
            for item in found["items"]
        }

    def make(self, body: dict[str, Any]) -> None:
        """Create an object with its status; one that is there already (a namespace) stays."""
        resource = resources.of_object(body)
        assert resource is not None
        namespace, name = body["metadata"].get("namespace", ""), body["metadata"]["name"]
        plain = {**body, "metadata": {k: v for k, v in body["metadata"].items() if k not in _OWN}}
        # No controller manager gives the owners of the sandbox's pods.
        plain["metadata"].pop("ownerReferences", None)
        status = plain.pop("status", None)
        if resource.kind == "Service":
            plain["spec"] = {
                k: v for k, v in body["spec"].items() if k not in ("clusterIP", "clusterIPs")
            }
        for endpoint in plain.get("endpoints") or ():
            # A real API server takes no address on loopback; the tool looks at who is ready.
            endpoint["addresses"] = ["192.0.2.1"]
        query = {"fieldManager": "kubectl-client-side-apply"}
        answer = self._ask("POST", _path(resource, namespace, ""), json=plain, params=query)
        if answer.status_code == 409 and resource.kind == "Namespace":
            return
        _checked(answer)
        if status and resource.status:
            path = _path(resource, namespace, name) + "/status"
            kind = {"Content-Type": "application/merge-patch+json"}
            _checked(self._ask("PATCH", path, json={"status": status}, headers=kind))

    def clear(self) -> None:
        """Away with what an earlier story left; namespaces stay, as nothing would end them."""
        for kind in (*_SEEDED[1:], "Lease"):
            for group_and_name in self.all(kind):
                namespace, name = group_and_name[2:]
                if namespace not in ("default", "kube-system"):
                    path = _path(resources.of_kind(kind), namespace, name)
                    self._ask("DELETE", path, params={"gracePeriodSeconds": "0"})

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self._session.request(method, self.api.url + path, timeout=20, **more)


class ClusterInstallation(SandboxInstallation):
    """``SandboxInstallation`` whose kubeconfig leads to the real API server."""

    def __init__(
        self,
        api: RealApi,
        work: Path,
        home: Path,
        nodes: tuple[NodeSpec, ...],
        faults: frozenset[str],
    ) -> None:
        super().__init__(work, home, nodes, faults)
        self._api = api
        self._store = self.sandbox.kube.store
        self._seen: dict[Key, str] = {}
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._cluster = RealCluster(api)
        # It has of a sandbox's API what is looked at past the tool.
        self.kube = cast(KubeServer, self._cluster)
        self._cluster.clear()
        for kind in _SEEDED:
            for body in self._store.items(resources.of_kind(kind)):
                if body["metadata"].get("namespace", body["metadata"]["name"]) not in (
                    "default",
                    "kube-system",
                ):
                    self._cluster.make(body)
        self._bring_back(first=True)
        self._thread = threading.Thread(target=self._follow, name="mirror", daemon=True)
        self._thread.start()

    def environment(self, user: str) -> dict[str, str]:
        """The sandbox's, with the other kubeconfig."""
        fits = "readonly" if user == "reader" else "admin"
        kubeconfig = self._api.kubeconfig(self.kube_user or fits)
        sandbox = self.sandbox.environment(user)
        return {**sandbox, "KUBECONFIG": str(kubeconfig)}

    def with_least_rights(self) -> None:
        """The same roles, bound on the real API server."""
        e2e_rbac.bind(self._api.kubeconfig("admin"))
        self.kube_user = e2e_rbac.NAME

    def settle(self) -> None:
        """Of the edge, once it has what the real API server has."""
        self._bring_back()
        super().settle()

    def stop(self) -> None:
        """End everything but the API server, which serves the next story as well."""
        self._stopping.set()
        self._thread.join(30)
        super().stop()

    def _follow(self) -> None:
        while not self._stopping.wait(_POLL):
            with suppress(requests.ConnectionError):
                self._bring_back()

    def _bring_back(self, *, first: bool = False) -> None:
        """What changed on the real API server since the last look."""
        with self._turn:
            now = {key: body for kind in _FOLLOWED for key, body in self._cluster.all(kind).items()}
            for key, body in now.items():
                version = body["metadata"]["resourceVersion"]
                known = self._seen.get(key)
                self._seen[key] = version
                if known != version and not first and self._changed(key, body):
                    self._store.write(key, body)
            for key in set(self._seen) - set(now):
                del self._seen[key]
                self._store.remove(key)

    def _changed(self, key: Key, body: dict[str, Any]) -> bool:
        there = self._store.read(key)
        return there is None or any(there.get(p) != body.get(p) for p in ("data", "spec"))


def _path(resource: Resource, namespace: str, name: str) -> str:
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.api_version}"
    scope = f"/namespaces/{namespace}" if namespace and resource.namespaced else ""
    return f"{root}{scope}/{resource.plural}" + (f"/{name}" if name else "")


def _checked(answer: requests.Response) -> dict[str, Any]:
    assert answer.ok, f"{answer.request.method} {answer.request.path_url}: {answer.text}"
    found: dict[str, Any] = answer.json()
    return found
