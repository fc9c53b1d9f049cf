"""M019: annotations of one nginx controller on an Ingress of the other."""

from collections.abc import Iterator
from shlex import quote

from migrate.model.cluster_facts import IngressRoute
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import handshake_proven
from migrate.rules.front_annotations import (
    COMMUNITY,
    COMMUNITY_PREFIX,
    INC,
    WEBSOCKET_SERVICES,
    backend_service,
    lacks_websocket,
    listed_services,
)
from migrate.rules.rule import Hit, Rule

INC_PREFIXES = ("nginx.org/", "nginx.com/")
_TWO = (
    "There are two controllers called nginx ingress: the community's reads "
    "nginx.ingress.kubernetes.io/*, NGINX Inc's reads nginx.org/*. Each ignores the other's."
)


def names(annotations: dict[str, str], *prefixes: str) -> list[str]:
    """The annotations with one of these prefixes, sorted."""
    return sorted(key for key in annotations if key.startswith(prefixes))


def _foreign(route: IngressRoute) -> Iterator[Hit]:
    if route.class_controller == COMMUNITY:
        ignored = names(route.annotations, *INC_PREFIXES)
        ignored += [
            key for key in route.annotations if key == f"{COMMUNITY_PREFIX}websocket-services"
        ]
    elif route.class_controller == INC:
        ignored = names(route.annotations, COMMUNITY_PREFIX)
    else:
        return
    if ignored:
        yield Hit(
            f"Ingress {route.namespace}/{route.name}",
            "has annotations that its ingress controller ignores",
            f"class {route.class_name} is {route.class_controller}; ignored: {', '.join(ignored)}",
            _TWO,
            "Write these annotations in the form that this controller reads, and remove the "
            "others.",
        )


def _without_websocket(route: IngressRoute, proven: bool) -> Iterator[Hit]:
    if not lacks_websocket(route):
        return
    value = route.annotations.get(WEBSOCKET_SERVICES, "")
    listed, service = listed_services(route), backend_service(route)
    yield Hit(
        f"Ingress {route.namespace}/{route.name}" if proven else "edge",
        "NGINX Inc's ingress controller does not pass Upgrade to Jenkins: "
        "nginx.org/websocket-services does not name its Service",
        f"Ingress {route.namespace}/{route.name}: class {route.class_name} is {INC}, backend "
        f"{route.backend or 'not read'}, nginx.org/websocket-services "
        + (f"is {value!r}" if value else "is absent"),
        "This controller passes WebSocket only to the Services that the annotation lists.",
        f"kubectl annotate ingress -n {quote(route.namespace)} {quote(route.name)} --overwrite "
        + quote(f"nginx.org/websocket-services={','.join([*listed, service or 'SERVICE'])}"),
        Severity.WARNING if proven else Severity.BLOCKER,
    )


def _no_class(route: IngressRoute, unread: bool) -> Hit:
    where = f"Ingress {route.namespace}/{route.name}"
    if unread:
        return Hit(
            where,
            "its ingress class could not be read: which controller serves it is not known",
            f"class {route.class_name or 'not given, and the default class was not read'}; "
            "IngressClasses may not be listed",
            "Without the class, its annotations can't be judged.",
            "Let the scan list ingressclasses (networking.k8s.io), and scan again.",
        )
    return Hit(
        where,
        "has no ingress class that exists: which controller serves it is not known",
        f"class {route.class_name or 'not given'}; no such IngressClass is there",
        "Without a class, its annotations can't be judged; an ingress controller that "
        "watches without class may serve it all the same.",
        "Set spec.ingressClassName to the class that serves it.",
    )


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    proven = handshake_proven(inventory)
    unread = inventory.cluster is not None and "IngressClass" in inventory.cluster.unread
    for route in inventory.cluster.ingresses if inventory.cluster else ():
        if route.class_controller is None:
            yield _no_class(route, unread)
        yield from _foreign(route)
        yield from _without_websocket(route, proven)


RULE = Rule(
    id="M019",
    name="ingress-class",
    title="Ingress classes are mixed up",
    severity=Severity.WARNING,
    find=_find,
    meaning="The Ingress that serves Jenkins carries annotations of the other nginx controller, "
    "or lacks the one that NGINX Inc's needs for WebSocket, or has no class.",
    why=_TWO + " A timeout or WebSocket setting that is ignored shows only when agents drop.",
    by_hand="kubectl get ingressclass -o custom-columns=NAME:.metadata.name,"
    "CONTROLLER:.spec.controller, then the annotations of the Ingress.",
    fix="Use the annotations of the controller that the class names; NGINX Inc's needs "
    "nginx.org/websocket-services with the Service of Jenkins.",
    sources=(
        "nginxinc/kubernetes-ingress, examples/websocket; deployments: IngressClass controller "
        "nginx.org/ingress-controller",
        "FlowFuse/flowforge-driver-k8s#95, shinyproxy-operator#16: the two taken for each other",
    ),
    levels="A blocker where nginx.org/websocket-services is missing and no handshake was proven.",
)
