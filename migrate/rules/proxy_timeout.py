"""M037: the Ingress' read or send timeout is too short for a quiet WebSocket."""

from collections.abc import Iterator

from migrate.model.cluster_facts import IngressRoute
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.front_annotations import COMFORTABLE, COMMUNITY, INC, LONG, timeouts
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import ingress_nginx

PING = 30
"""Seconds between Jenkins' pings (jenkins.websocket.pingInterval)."""


def _route(route: IngressRoute) -> Iterator[Hit]:
    for annotation, length in timeouts(route).items():
        where = f"Ingress {route.namespace}/{route.name}"
        evidence = f"{where}: {annotation} is {route.annotations[annotation]!r}"
        unit = "s" if route.class_controller == INC else ""
        fix = f"Set {annotation} to {LONG}{unit}, then run: migrate doctor --hold 40"
        if length is None:
            yield Hit(
                where,
                f"{annotation} is no number of seconds: the default of 60 s counts",
                evidence,
                "The controller ignores a value that it cannot read.",
                fix,
                Severity.WARNING,
            )
        elif length <= PING:
            yield Hit(
                "edge",
                f"{annotation} ends each quiet WebSocket before Jenkins' first ping",
                evidence,
                f"Jenkins pings each {PING} s; a timeout that is not longer closes the socket "
                "again and again.",
                fix,
            )
        elif length < COMFORTABLE:
            yield Hit(
                where,
                f"{annotation} is short for WebSocket",
                evidence,
                f"One late ping of Jenkins (each {PING} s) may be enough to drop all agents.",
                fix,
                Severity.WARNING,
            )


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for route in inventory.cluster.ingresses if inventory.cluster else ():
        # Of another class these annotations are somebody else's, and ignored (M019).
        if route.class_controller in (COMMUNITY, INC, None):
            yield from _route(route)


RULE = Rule(
    id="M037",
    name="proxy-timeout",
    title="The proxy's timeout is too short",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="proxy-read-timeout or proxy-send-timeout on the Ingress is 60 s or less.",
    why="A WebSocket is quiet between Jenkins' pings, 30 s apart. nginx closes it when the "
    "timeout is shorter, and all agents behind it drop together.",
    by_hand="kubectl get ingress -n NS NAME -o yaml | grep -i timeout",
    fix="Set both to 3600 seconds, as the controller's documentation recommends for WebSocket.",
    sources=(
        ingress_nginx("internal/ingress/controller/config/config.go 859: default 60 s"),
        ingress_nginx("docs/user-guide/miscellaneous.md: above 3600 for WebSocket"),
        "kubernetes/ingress-nginx#2917",
    ),
    levels="A blocker up to 30 s, a warning up to 60 s or when it is not a number.",
)
