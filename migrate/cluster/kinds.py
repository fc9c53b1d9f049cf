"""Where each kind of object lives in the Kubernetes API."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Kind:
    """One kind of object as the API serves it."""

    group: str
    """Empty for the core group."""
    version: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """As in an object's ``apiVersion``: ``v1``, ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """As RBAC messages write it: ``configmaps``, ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """URL path of the collection or of one object; ``namespace`` None: all namespaces."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        item = f"/{quote(name, safe='')}" if name else ""
        return f"{root}{scope}/{self.plural}{item}"


KINDS: dict[str, Kind] = {
    "ConfigMap": Kind("", "v1", "configmaps"),
    "Service": Kind("", "v1", "services"),
    "Endpoints": Kind("", "v1", "endpoints"),
    "EndpointSlice": Kind("discovery.k8s.io", "v1", "endpointslices"),
    "Pod": Kind("", "v1", "pods"),
    "Namespace": Kind("", "v1", "namespaces", namespaced=False),
    "Deployment": Kind("apps", "v1", "deployments"),
    "DaemonSet": Kind("apps", "v1", "daemonsets"),
    "StatefulSet": Kind("apps", "v1", "statefulsets"),
    "ReplicaSet": Kind("apps", "v1", "replicasets"),
    "ReplicationController": Kind("", "v1", "replicationcontrollers"),
    "Job": Kind("batch", "v1", "jobs"),
    "CronJob": Kind("batch", "v1", "cronjobs"),
    # Of OpenShift (openshift/api apps/v1) and of Argo Rollouts: read where they are served.
    "DeploymentConfig": Kind("apps.openshift.io", "v1", "deploymentconfigs"),
    "Rollout": Kind("argoproj.io", "v1alpha1", "rollouts"),
    "Ingress": Kind("networking.k8s.io", "v1", "ingresses"),
    # Old groups, written as kubectl writes them; tried only where v1 is not served.
    "Ingress.v1beta1.networking.k8s.io": Kind("networking.k8s.io", "v1beta1", "ingresses"),
    "Ingress.v1beta1.extensions": Kind("extensions", "v1beta1", "ingresses"),
    "IngressClass": Kind("networking.k8s.io", "v1", "ingressclasses", namespaced=False),
    "NetworkPolicy": Kind("networking.k8s.io", "v1", "networkpolicies"),
    "Lease": Kind("coordination.k8s.io", "v1", "leases"),
}
"""Every kind that this tool reads or writes."""


def kind_of(name: str) -> Kind:
    """The API place of a kind; ``KeyError`` for one that this tool does not know."""
    return KINDS[name]
