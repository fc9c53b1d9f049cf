"""M048: Google's load balancer ends WebSockets by age."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule

CLASSES = ("gce", "gce-internal")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for route in inventory.cluster.ingresses if inventory.cluster else ():
        if route.class_name in CLASSES:
            yield Hit(
                f"Ingress {route.namespace}/{route.name}",
                "is served by Google's load balancer, which ends WebSockets by age",
                f"class {route.class_name}",
                "Its backend timeout (30 s by default) is the lifetime of a WebSocket, not its "
                "idle time; nginx annotations have no effect there.",
                "Create a BackendConfig with a large spec.timeoutSec (86400), name it in the "
                "annotation cloud.google.com/backend-config of the Service, then run: migrate "
                "doctor --hold 40",
            )


RULE = Rule(
    id="M048",
    name="gce-lifetime",
    title="Google's load balancer ends WebSockets by age",
    severity=Severity.WARNING,
    find=_find,
    meaning="The Ingress that serves Jenkins has the class gce or gce-internal.",
    why="With the default, each agent is cut off every 30 s.",
    by_hand="kubectl get backendconfig -A -o yaml | grep timeoutSec",
    fix="A BackendConfig with a large timeoutSec on the Service of Jenkins.",
    sources=(
        "JEP-222, load balancers",
        "kubernetes/ingress-gce, examples/websocket; OpenRobOps/oro#151",
    ),
)
