"""M046: the community's ingress-nginx is retired."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import ingress_nginx


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    found = [
        f"{edge.kind} {edge.namespace}/{edge.name}"
        for edge in (inventory.cluster.edge_controllers if inventory.cluster else ())
        if edge.implementation == "ingress-nginx"
    ]
    if found:
        yield Hit(
            "cluster",
            "the edge is ingress-nginx, which is retired: probe again after you replace it",
            ", ".join(found),
            "The project ended its best-effort maintenance in March 2026.",
            "Nothing for this migration. After a change of the ingress controller run: migrate "
            "doctor",
        )


RULE = Rule(
    id="M046",
    name="ingress-nginx-retired",
    title="The edge is the retired ingress-nginx",
    severity=Severity.INFO,
    find=_find,
    meaning="An ingress controller of this cluster is the community's ingress-nginx.",
    why="WebSocket agents live and die with this proxy. Its successor may need settings of its own "
    "for Upgrade and timeouts.",
    by_hand="kubectl get pods -A -l app.kubernetes.io/name=ingress-nginx",
    fix="Run migrate doctor before and after the replacement.",
    sources=(
        ingress_nginx("README, 'Ingress NGINX Retirement' (f7d0aa0b8)"),
        "kubernetes.io/blog/2025/11/11/ingress-nginx-retirement",
    ),
)
