"""The resources that this API server knows, and its discovery documents."""

from dataclasses import dataclass
from typing import Any

_CRUD = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True)
class Resource:
    """One resource type, as discovery describes it."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: bool = False
    """Has a status subresource."""
    generation: bool = False
    """metadata.generation counts changes of the spec."""
    unconditional_update: bool = True
    """PUT without a resourceVersion overwrites; Leases refuse it."""
    selectable: tuple[str, ...] = ()
    """Field selectors besides metadata.name and metadata.namespace."""
    warning: str = ""
    """Text of the Warning header that each answer carries."""

    @property
    def api_version(self) -> str:
        """``v1`` or ``apps/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """``configmaps`` or ``ingresses.networking.k8s.io``, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """``ConfigMap`` or ``Deployment.apps``, as validation messages name it."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    def describe(self) -> list[dict[str, Any]]:
        """Entries of an APIResourceList."""
        entry: dict[str, Any] = {
            "name": self.plural,
            "singularName": self.singular,
            "namespaced": self.namespaced,
            "kind": self.kind,
            "verbs": list(_CRUD),
        }
        if self.short_names:
            entry["shortNames"] = list(self.short_names)
        if self.categories:
            entry["categories"] = list(self.categories)
        entries = [entry]
        if self.status:
            entries.append(
                {
                    "name": f"{self.plural}/status",
                    "singularName": "",
                    "namespaced": self.namespaced,
                    "kind": self.kind,
                    "verbs": ["get", "patch", "update"],
                }
            )
        return entries


@dataclass(frozen=True)
class Review:
    """A virtual resource that can only be created, and is answered at once."""

    group: str
    version: str
    plural: str
    kind: str


def _apps(kind: str, short: str) -> Resource:
    plural = f"{kind.lower()}s"
    return Resource(
        "apps",
        "v1",
        plural,
        kind,
        kind.lower(),
        short_names=(short,),
        categories=("all",),
        status=True,
        generation=True,
    )


def _networking(
    plural: str, kind: str, short: str = "", *, namespaced: bool = True, status: bool = False
) -> Resource:
    return Resource(
        "networking.k8s.io",
        "v1",
        plural,
        kind,
        kind.lower(),
        namespaced=namespaced,
        short_names=(short,) if short else (),
        status=status,
        generation=True,
    )


RESOURCES: tuple[Resource, ...] = (
    Resource("", "v1", "configmaps", "ConfigMap", "configmap", short_names=("cm",)),
    Resource(
        "",
        "v1",
        "endpoints",
        "Endpoints",
        "endpoints",
        short_names=("ep",),
        warning="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ),
    Resource("", "v1", "events", "Event", "event", short_names=("ev",)),
    Resource(
        "",
        "v1",
        "namespaces",
        "Namespace",
        "namespace",
        namespaced=False,
        short_names=("ns",),
        status=True,
        selectable=("status.phase",),
    ),
    Resource(
        "",
        "v1",
        "nodes",
        "Node",
        "node",
        namespaced=False,
        short_names=("no",),
        status=True,
    ),
    Resource(
        "",
        "v1",
        "pods",
        "Pod",
        "pod",
        short_names=("po",),
        categories=("all",),
        status=True,
        selectable=("spec.nodeName", "status.phase", "status.podIP", "spec.serviceAccountName"),
    ),
    Resource("", "v1", "secrets", "Secret", "secret", selectable=("type",)),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", "serviceaccount", short_names=("sa",)),
    Resource(
        "",
        "v1",
        "services",
        "Service",
        "service",
        short_names=("svc",),
        categories=("all",),
        status=True,
        selectable=("spec.clusterIP", "spec.type"),
    ),
    _apps("DaemonSet", "ds"),
    _apps("Deployment", "deploy"),
    _apps("ReplicaSet", "rs"),
    _apps("StatefulSet", "sts"),
    Resource(
        "coordination.k8s.io",
        "v1",
        "leases",
        "Lease",
        "lease",
        unconditional_update=False,
    ),
    Resource(
        "discovery.k8s.io",
        "v1",
        "endpointslices",
        "EndpointSlice",
        "endpointslice",
        generation=True,
    ),
    _networking("ingresses", "Ingress", "ing", status=True),
    _networking("ingressclasses", "IngressClass", namespaced=False),
    _networking("networkpolicies", "NetworkPolicy", "netpol"),
)
REVIEWS: tuple[Review, ...] = (
    Review("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    Review("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
    Review("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview"),
)
GROUPS: tuple[str, ...] = (
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "networking.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
)
"""Served groups; each in version v1 alone."""

_BY_KIND = {(item.api_version, item.kind): item for item in RESOURCES}
_BY_PLURAL = {(item.group, item.version, item.plural): item for item in RESOURCES}
_SHORT = {item.kind: item for item in RESOURCES}


def find(group: str, version: str, plural: str) -> Resource | None:
    """The resource behind a URL; None when it is not served."""
    return _BY_PLURAL.get((group, version, plural))


def find_review(group: str, version: str, plural: str) -> Review | None:
    """The virtual resource behind a URL; None when there is none."""
    for item in REVIEWS:
        if (item.group, item.version, item.plural) == (group, version, plural):
            return item
    return None


def of_kind(kind: str) -> Resource:
    """The resource of a kind such as ``ConfigMap``. ``KeyError`` for an unknown one."""
    return _SHORT[kind]


def of_object(body: dict[str, Any]) -> Resource | None:
    """The resource of an object's apiVersion and kind."""
    return _BY_KIND.get((str(body.get("apiVersion")), str(body.get("kind"))))


def resource_list(group: str, version: str) -> dict[str, Any] | None:
    """The APIResourceList of a group version; None when it is not served."""
    if version != "v1" or (group and group not in GROUPS):
        return None
    entries = [
        entry
        for item in RESOURCES
        if (item.group, item.version) == (group, version)
        for entry in item.describe()
    ]
    entries += [
        {
            "name": item.plural,
            "singularName": item.plural[:-1],
            "namespaced": False,
            "kind": item.kind,
            "verbs": ["create"],
        }
        for item in REVIEWS
        if item.group == group
    ]
    document: dict[str, Any] = {"kind": "APIResourceList"}
    if group:
        document["apiVersion"] = "v1"
    document["groupVersion"] = f"{group}/{version}" if group else version
    document["resources"] = entries
    return document


def group_list() -> dict[str, Any]:
    """The APIGroupList of /apis."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group(g) for g in GROUPS]}


def group(name: str) -> dict[str, Any]:
    """One group of /apis."""
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": dict(version)}
