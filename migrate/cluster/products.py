"""What program a container is, as far as a proxy goes: by its image's words, not by exact names.

Registries mirror images under names of their own (``rancher/mirrored-library-traefik``,
``corp/haproxy-alpine``), so the words between the separators count. Pure.
"""

import re
from collections.abc import Mapping

from migrate.cluster import args

_WORDS = re.compile(r"[^a-z0-9]+")
GATEWAYS: Mapping[str, str] = {
    "traefik": "IngressRouteTCP objects and entry points of Traefik",
    "kong": "TCPIngress objects and stream_listen of Kong",
    "contour": "HTTPProxy objects (tcpproxy) of Contour",
    "emissary": "TCPMapping objects of Emissary",
    "ambassador": "TCPMapping objects of Ambassador",
    "apisix": "ApisixRoute objects (stream) of APISIX",
    "voyager": "TCP rules of Voyager",
    "skipper": "TCP routes of Skipper",
    "istio": "Gateway and VirtualService objects (tcp) of Istio",
    "gloo": "TCP gateways of Gloo",
    "envoy-gateway": "Gateway and TCPRoute objects of Envoy Gateway",
    "haproxy-ingress": "TCP routes (TCP ConfigMap, TCP objects) of the HAProxy ingress controller",
    "nginx-inc": "TransportServer and GlobalConfiguration objects of the NGINX Inc controller",
}
"""Ingress controllers and gateways by product, with the routes that are not judged to their end."""
NGINX_INC = "nginx-inc"
_BARE = ("traefik", "kong", "contour", "emissary", "ambassador", "apisix", "voyager", "skipper")
_PROXY_WORDS = (
    "nginx openresty tengine haproxy haproxytech envoy envoyproxy caddy httpd apache pingora "
    "socat gobetween rinetd gost frp frpc frps stunnel hitch pound tcpproxy proxy "
    "reverseproxy proxyv2 loadbalancer lb ingress gateway traefik kong contour angie "
    "sozu relayd ncat toxiproxy inlets rathole chisel ghostunnel simpleproxy "
    "tinyproxy redir "
)
_PROXIES = frozenset(_PROXY_WORDS.split())
"""Words of images that look like a proxy."""
_NO_WAY_IN = (
    "kube-proxy",
    "kube-rbac-proxy",
    "rbac-proxy",
    "cloud-sql-proxy",
    "cloudsql-proxy",
    "oauth2-proxy",
    "docker-registry-proxy",
    "pushgateway",
    "konnectivity",
    "apiserver-network-proxy",
)
"""Proxies of another kind: of the API server, of HTTP only, or out of the cluster."""


def image_words(image: str) -> tuple[str, ...]:
    """``reg/rancher/mirrored-library-traefik:2`` to rancher, mirrored, library, traefik."""
    path = args.image_path(image).lower()
    return tuple(word for word in _WORDS.split(path) if word)


def gateway(container: Mapping[str, object], labels: Mapping[str, str]) -> str:
    """The product of ``GATEWAYS`` that a container is; empty for none.

    ``labels``: of its pods; Istio's gateways have an image that is put in later (``auto``).
    """
    image = str(container.get("image", ""))
    words = image_words(image)
    last = args.image_path(image).lower().rsplit("/", 1)[-1]
    if {"haproxy", "haproxytech"} & set(words) and ("ingress" in words or "kubernetes" in words):
        return "haproxy-ingress"
    if ({"envoy", "envoyproxy"} & set(words) and "gateway" in words) or "envoygateway" in words:
        return "envoy-gateway"
    if "gateway" in labels.get("istio", "") or "ingressgateway" in labels.get("app", ""):
        return "istio"
    if "gloo" in words and ("gateway" in last or "envoy" in last):
        return "gloo"
    return next((name for name in _BARE if name in words), "")


def looks_like_a_proxy(image: str) -> bool:
    """By its words; those that are proxies of another kind are not meant."""
    path = args.image_path(image).lower()
    if any(name in path for name in _NO_WAY_IN):
        return False
    return bool(_PROXIES & set(image_words(image)))


def is_service_lb(image: str) -> bool:
    """k3s' own load balancer, whose pods open the ports of a Service on each node."""
    return {"klipper", "lb"} <= set(image_words(image))
