"""M059: timeouts of an ingress controller that this tool does not judge."""

import re
from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import handshake_proven
from migrate.rules.front_annotations import COMMUNITY, INC
from migrate.rules.rule import Hit, Rule

_ABOUT = re.compile(r"timeout|idle|keep-?alive|tunnel|backend-config|load-balancer-attributes")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    held = handshake_proven(inventory)
    for route in inventory.cluster.ingresses if inventory.cluster else ():
        if route.class_controller in (COMMUNITY, INC):
            continue
        theirs = {
            name: value
            for name, value in sorted(route.annotations.items())
            if _ABOUT.search(name.partition("/")[2]) or _ABOUT.search(str(value))
        }
        if route.class_controller is None:
            # Its class is not known (M019): ingress-nginx's annotations are judged all the same.
            theirs = {n: v for n, v in theirs.items() if not n.startswith("nginx.")}
            if not theirs:
                continue
        shown = ", ".join(f"{name} is {value!r}" for name, value in theirs.items())
        yield Hit(
            f"Ingress {route.namespace}/{route.name}",
            "its timeout annotations are not judged by this tool"
            if theirs
            else "the timeouts of its ingress controller are not judged by this tool",
            f"class {route.class_name or 'not given'} is {route.class_controller or 'not read'}; "
            + (shown or "no annotation about timeouts"),
            "Each ingress controller has timeouts of its own names and defaults; only those of the "
            "two nginx controllers are judged. A WebSocket is quiet for 30 s between two pings.",
            "See that a quiet connection lives longer than 60 s; migrate doctor tries it.",
            Severity.INFO if held or not theirs else Severity.WARNING,
        )


RULE = Rule(
    id="M059",
    name="timeout-not-judged",
    title="Timeouts of this ingress controller are not judged",
    severity=Severity.WARNING,
    find=_find,
    meaning="The Ingress that serves Jenkins is of a class other than the two nginx controllers.",
    why="A proxy that closes quiet connections before the next ping drops all agents together.",
    by_hand="kubectl get ingress -n NS NAME -o jsonpath='{.metadata.annotations}', and the "
    "documentation of its ingress controller: timeouts of idle, upgraded connections.",
    fix="Set the idle timeout of upgraded connections to an hour.",
    sources=("Jenkins, core: jenkins.websocket.pingInterval, 30 s by default",),
    levels="An info where no annotation is about timeouts, or a probe held a socket.",
)
