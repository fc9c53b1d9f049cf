"""M036: an annotation overrides the Connection header."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import handshake_proven
from migrate.rules.front_annotations import CONNECTION_HEADER, breaks_connection
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import ingress_nginx


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    proven = handshake_proven(inventory)
    for route in inventory.cluster.ingresses if inventory.cluster else ():
        if not breaks_connection(route):
            continue
        value = route.annotations[CONNECTION_HEADER]
        yield Hit(
            f"Ingress {route.namespace}/{route.name}" if proven else "edge",
            "an annotation overrides the Connection header, which breaks WebSocket",
            f"Ingress {route.namespace}/{route.name}: {CONNECTION_HEADER} is {value!r}",
            "ingress-nginx passes WebSocket by itself, except where this annotation sets "
            "Connection to something else.",
            f"Remove the annotation {CONNECTION_HEADER} from the Ingress, then run: migrate doctor",
            Severity.WARNING if proven else Severity.BLOCKER,
        )


RULE = Rule(
    id="M036",
    name="connection-header",
    title="An annotation overrides the Connection header",
    severity=Severity.BLOCKER,
    find=_find,
    meaning=f"The Ingress has the annotation {CONNECTION_HEADER}.",
    why="Its value replaces 'Connection: upgrade', so Jenkins sees no WebSocket request.",
    by_hand="kubectl get ingress -n NS NAME -o jsonpath='{.metadata.annotations}'",
    fix="Remove the annotation.",
    sources=(ingress_nginx("rootfs/etc/nginx/template/nginx.tmpl 1296-1300, Connection.Enabled"),),
    levels="A warning when a real handshake went through all the same.",
)
