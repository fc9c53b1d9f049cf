"""The layers that stand in front of Jenkins: how they are told apart, and what each must be told.

Sources: the recordings of a real nginx in front of a real Jenkins, and the vendors' pages
named in docs/probes.md. A layer that hides its name gets the general advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_GENERAL_UPGRADE = (
    "forward Upgrade and Connection to Jenkins over HTTP/1.1 for /wsagents/ on the layer that "
    "answers (docs/probes.md has the lines for each product)"
)
_GENERAL_IDLE = (
    "raise the idle (read) timeout of the layer in front of Jenkins above 60 s: Jenkins pings "
    "every 30 s (docs/probes.md)"
)


@dataclass(frozen=True)
class Layer:
    """One product: ``upgrade`` and ``idle`` are the settings to change, in its own words."""

    name: str
    upgrade: str = _GENERAL_UPGRADE
    idle: str = _GENERAL_IDLE


_NGINX = Layer(
    "nginx",
    "in the location that serves /wsagents/: proxy_http_version 1.1; proxy_set_header Upgrade "
    "$http_upgrade; proxy_set_header Connection $connection_upgrade; (all three in the same "
    "location: one proxy_set_header there drops those of the server block). NGINX Inc's ingress "
    'controller: annotation nginx.org/websocket-services: "SERVICE"',
    "nginx: proxy_read_timeout and proxy_send_timeout of at least 65s; ingress-nginx: annotations "
    "nginx.ingress.kubernetes.io/proxy-read-timeout and proxy-send-timeout",
)
_APACHE = Layer(
    "Apache httpd",
    'httpd >= 2.4.47: ProxyPass "/" "http://HOST:PORT/" upgrade=websocket nocanon; older: '
    "mod_proxy_wstunnel with a RewriteRule on Upgrade: websocket",
    "ProxyTimeout (or timeout= of that ProxyPass) of at least 65",
)
_ALB = Layer(
    "AWS ALB",
    "an ALB passes Upgrade by itself: look at the target behind it, and at the desync mode, which "
    "must not be strictest",
    "load balancer attribute idle_timeout.timeout_seconds of at least 65",
)
_AZURE_GATEWAY = Layer(
    "Azure Application Gateway",
    "Application Gateway passes Upgrade by itself: look at the backend behind it",
    "raise the request timeout of the backend setting above 60 seconds, then probe again",
)
_FRONT_DOOR = Layer(
    "Azure Front Door",
    "switch caching off on the route that serves /wsagents/: a cached route does not upgrade",
    "Front Door cuts after 5 idle minutes and after 4 hours: serve agents around it",
)
_CLOUDFLARE = Layer(
    "Cloudflare",
    "switch WebSockets on (Network) for the zone, or serve agents around it",
    "Cloudflare cuts after 100 idle seconds: check that jenkins.websocket.pingInterval is 30",
)
_ENVOY = Layer(
    "Envoy",
    "allow upgrade type websocket on the route (upgrade_configs; Istio does by default)",
    "route timeout 0s and stream_idle_timeout above 60 s",
)
_GCE = Layer(
    "Google load balancer",
    "it passes Upgrade by itself: look at the backend behind it",
    "timeoutSec of the BackendConfig, which is the life of a WebSocket there: a day, not seconds",
)
_HAPROXY = Layer(
    "HAProxy",
    "HAProxy passes Upgrade unless a filter or http-request rule removes it: look for those",
    "timeout tunnel (or timeout client and timeout server) of at least 65s; OpenShift: route "
    "annotation haproxy.router.openshift.io/timeout, and clientTimeout of the IngressController",
)
_TRAEFIK = Layer(
    "Traefik",
    "Traefik passes Upgrade by itself: look for a middleware that removes headers",
    "raise respondingTimeouts of the entry point above 60 s (0 is off), then probe again",
)
UNKNOWN = Layer("the layer in front of Jenkins")

_SERVERS = (
    ("openresty", _NGINX),
    ("nginx", _NGINX),
    ("awselb", _ALB),
    ("microsoft-azure-application-gateway", _AZURE_GATEWAY),
    ("cloudflare", _CLOUDFLARE),
    ("envoy", _ENVOY),
    ("apache", _APACHE),
    ("haproxy", _HAPROXY),
    ("traefik", _TRAEFIK),
)


def layer_of(headers: Mapping[str, str]) -> Layer:
    """Which product answered, by what it says of itself; ``UNKNOWN`` when it does not."""
    server = headers.get("server", "").lower()
    for needle, layer in _SERVERS:
        if needle in server:
            return layer
    if "x-azure-ref" in headers:
        return _FRONT_DOOR
    if "cf-ray" in headers:
        return _CLOUDFLARE
    if "google" in headers.get("via", "").lower():
        return _GCE
    return UNKNOWN
