"""Which annotations an Ingress lacks for WebSocket agents, of the two nginx ingress controllers.

The one place that rules and planner ask: M019 and M037 tell of it, the plan sets it.
"""

import re

from migrate.model.cluster_facts import IngressRoute

COMMUNITY = "k8s.io/ingress-nginx"
INC = "nginx.org/ingress-controller"
COMMUNITY_PREFIX = "nginx.ingress.kubernetes.io/"
INC_PREFIX = "nginx.org/"
WEBSOCKET_SERVICES = f"{INC_PREFIX}websocket-services"
COMFORTABLE = 61
"""Seconds: two pings of Jenkins (jenkins.websocket.pingInterval, 30 s) and a second."""
LONG = "3600"
"""Seconds, as ingress-nginx' documentation recommends for WebSocket (miscellaneous.md)."""
CONNECTION_HEADER = f"{COMMUNITY_PREFIX}connection-proxy-header"
"""What stands there replaces "Connection: upgrade" (ingress-nginx, nginx.tmpl 1296-1300)."""
_NAMES = ("proxy-read-timeout", "proxy-send-timeout")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}


def seconds(value: str, units: bool) -> float | None:
    """A timeout in seconds; ``units`` where nginx's suffixes are read. None: not readable."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)?" if units else r"(\d+)()", value.strip())
    return int(match[1]) * _UNITS[match[2] or ""] if match else None


def timeouts(route: IngressRoute) -> dict[str, float | None]:
    """The timeouts that it sets itself, by annotation, in seconds; None: not readable. Of a class
    whose controller is not known, the community's count."""
    inc = route.class_controller == INC
    names = ((INC_PREFIX if inc else COMMUNITY_PREFIX) + name for name in _NAMES)
    set_here = {name: route.annotations[name] for name in names if name in route.annotations}
    return {name: seconds(value, units=inc) for name, value in set_here.items()}


def listed_services(route: IngressRoute) -> tuple[str, ...]:
    """Services that NGINX Inc's controller passes WebSocket to by this Ingress."""
    value = route.annotations.get(WEBSOCKET_SERVICES, "")
    return tuple(name for each in value.split(",") if (name := each.strip()))


def backend_service(route: IngressRoute) -> str:
    """The Service of Jenkins behind it; empty: not read."""
    return (route.backend or "").split(":")[0]


def lacks_websocket(route: IngressRoute) -> bool:
    """Whether its controller drops Upgrade for want of an annotation."""
    if route.class_controller != INC:
        return False
    listed, service = listed_services(route), backend_service(route)
    return not ((listed and not service) or service in listed)


def breaks_connection(route: IngressRoute) -> bool:
    """Whether an annotation puts something else in the place of "Connection: upgrade"."""
    value = route.annotations.get(CONNECTION_HEADER, "upgrade")
    return value.strip().lower() != "upgrade" and route.class_controller != INC


def needed(route: IngressRoute) -> dict[str, str | None]:
    """Annotations and the values that would let WebSocket agents stay, None: to be taken away.
    Empty: it does already, or nobody knows which annotations count (another class, a Service that
    was not read)."""
    if route.class_controller not in (COMMUNITY, INC):
        return {}
    wanted: dict[str, str | None] = {
        name: LONG + ("s" if route.class_controller == INC else "")
        for name, length in timeouts(route).items()
        if length is None or length < COMFORTABLE
    }
    if breaks_connection(route):
        wanted[CONNECTION_HEADER] = None
    service = backend_service(route)
    if lacks_websocket(route) and service:
        wanted[WEBSOCKET_SERVICES] = ",".join([*listed_services(route), service])
    return wanted
