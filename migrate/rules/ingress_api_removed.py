"""M017: the Ingress uses an API that Kubernetes 1.22 removed."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule

REMOVED = ("extensions/v1beta1", "networking.k8s.io/v1beta1")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    server = inventory.cluster.server_version if inventory.cluster else "?"
    for route in inventory.cluster.ingresses if inventory.cluster else ():
        where = f"Ingress {route.namespace}/{route.name}"
        if route.api_version in REMOVED:
            yield Hit(
                where,
                f"is served as {route.api_version}, which Kubernetes 1.22 removed",
                f"apiVersion {route.api_version}; server version {server}",
                "networking.k8s.io/v1 is not served here, so this cluster is older than 1.19.",
                "Write the Ingress as networking.k8s.io/v1 before the cluster is upgraded; check "
                "that its ingress controller reads v1.",
            )
        elif route.applied_as in REMOVED:
            yield Hit(
                where,
                f"was last applied from a manifest of {route.applied_as}, which Kubernetes 1.22 "
                "removed",
                f"kubectl's last-applied annotation says apiVersion {route.applied_as}; the "
                f"cluster ({server}) serves it as {route.api_version}",
                "The object itself is as it should be; its manifest is not, and a cluster from "
                "1.22 on refuses the next kubectl apply of it.",
                "Write the manifest as networking.k8s.io/v1 before it is applied again.",
            )


RULE = Rule(
    id="M017",
    name="ingress-api-removed",
    title="The Ingress uses a removed API (extensions/v1beta1)",
    severity=Severity.WARNING,
    find=_find,
    meaning="The Ingress that serves Jenkins was read as extensions/v1beta1 or "
    "networking.k8s.io/v1beta1, or the manifest from which it was last applied says so.",
    why="All agents depend on this Ingress from now on. The next cluster upgrade to 1.22 or newer "
    "takes the API away, and with it whatever still applies the object by it.",
    by_hand="kubectl get ingress -A -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,"
    "API:.apiVersion",
    fix="Move the manifest to networking.k8s.io/v1 (pathType, service.name and service.port).",
    sources=(
        "Kubernetes deprecated API migration guide, v1.22: Ingress",
        "kube-apiserver 1.36, recorded: extensions/v1beta1 is a text/plain 404",
    ),
)
