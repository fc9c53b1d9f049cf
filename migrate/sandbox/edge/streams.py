"""tcp-services as ingress-nginx reads it, and which of its ports are reachable from outside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrate.sandbox.edge.backends import service_port
from migrate.sandbox.edge.entry import Entry
from migrate.sandbox.edge.transport_servers import entries_of, is_inc
from migrate.sandbox.kube.controllers import target_port
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.store import Store

RESERVED = frozenset({80, 443, 442, 8181, 10254, 10245, 10246, 10247})
"""Ports of nginx itself and its status servers (ingress-nginx pkg/flags/flags.go)."""
_FLAG = "--tcp-services-configmap"
_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class Stream:
    """A port that can be connected to from outside."""

    listen: int
    entry: Entry


def parse(store: Store, key: str, value: str) -> Entry | None:
    """One entry by ingress-nginx's grammar; None for what it skips.

    ``ns/svc:port[:PROXY[:PROXY]]`` (internal/ingress/controller/controller.go:467-596): the
    fourth part counts only among exactly four, no endpoints means not listened on.
    """
    if not _INTEGER.fullmatch(key):
        return None
    port = int(key)
    if port in RESERVED or not 0 < port < 65536:
        return None
    parts = value.split(":")
    if len(parts) < 2:
        return None
    name = parts[0].split("/")
    if len(name) != 2:
        return None
    decode = len(parts) >= 3 and parts[2].upper() == "PROXY"
    encode = len(parts) == 4 and parts[3].upper() == "PROXY"
    backend = service_port(store, name[0], name[1], parts[1])
    if backend is None or not backend.addresses:
        return None
    return Entry(port, backend, decode, encode)


def reachable(store: Store) -> tuple[Stream, ...]:
    """Every TCP port that a Service shows to the outside: of an ingress controller, or of what
    the Service leads to itself."""
    streams = {stream.listen: stream for stream in _direct(store)}
    for pod, entries in _controllers(store):
        for service in store.items(of_kind("Service"), pod["metadata"]["namespace"]):
            if not _selects(service, pod):
                continue
            for port in service["spec"].get("ports", []):
                entry = entries.get(target_port(port, pod) or 0)
                if entry is not None and port.get("protocol", "TCP") == "TCP":
                    streams[port["port"]] = Stream(port["port"], entry)
    return tuple(streams[port] for port in sorted(streams))


def _direct(store: Store) -> Iterator[Stream]:
    """Ports of load balancers and node ports that no ingress controller stands behind.

    The node port of a LoadBalancer is not served: its load balancer stands for it.
    """
    edges = [pod for pod in store.items(of_kind("Pod")) if _is_edge(pod)]
    for service in store.items(of_kind("Service")):
        meta, spec = service["metadata"], service["spec"]
        kind = spec.get("type")
        at = {"LoadBalancer": "port", "NodePort": "nodePort"}.get(kind)
        if at is None or any(_selects(service, pod) for pod in edges):
            continue
        for port in spec.get("ports", []):
            backend = service_port(store, meta["namespace"], meta["name"], str(port["port"]))
            if backend is not None and backend.addresses and port.get(at):
                yield Stream(port[at], Entry(port["port"], backend))


def _is_edge(pod: dict[str, Any]) -> bool:
    """Whether it is an ingress controller, with or without tcp-services."""
    words = [
        str(word)
        for container in pod["spec"].get("containers", [])
        for word in (
            container.get("image"),
            *container.get("command", ()),
            *container.get("args", ()),
        )
    ]
    known = ("ingress-nginx/controller", "nginx-ingress-controller")
    return is_inc(pod) or any(name in word for word in words for name in known)


def _controllers(store: Store) -> Iterator[tuple[dict[str, Any], dict[int, Entry]]]:
    for pod in store.items(of_kind("Pod")):
        if is_inc(pod):
            yield pod, {entry.port: entry for entry in entries_of(store, pod)}
        reference = config_map_of(pod)
        if reference is None:
            continue
        config_map = store.read(("", "configmaps", *reference))
        data = (config_map or {}).get("data", {})
        parsed = (parse(store, key, value) for key, value in data.items())
        yield pod, {entry.port: entry for entry in parsed if entry is not None}


def config_map_of(pod: dict[str, Any]) -> tuple[str, str] | None:
    """Namespace and name of the ConfigMap that a controller Pod's flag names."""
    for container in pod["spec"].get("containers", []):
        arguments = [*container.get("command", []), *container.get("args", [])]
        for index, argument in enumerate(arguments):
            flag, separator, value = argument.partition("=")
            if flag != _FLAG:
                continue
            if not separator:
                value = arguments[index + 1] if index + 1 < len(arguments) else ""
            namespace, _, name = _expanded(value, container, pod).partition("/")
            return (namespace, name) if name else None
    return None


def _expanded(text: str, container: dict[str, Any], pod: dict[str, Any]) -> str:
    for variable in container.get("env", []):
        value = variable.get("value", "")
        path = variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")
        if path in ("metadata.namespace", "metadata.name"):
            value = pod["metadata"][path.removeprefix("metadata.")]
        text = text.replace(f"$({variable['name']})", value)
    return text


def _selects(service: dict[str, Any], pod: dict[str, Any]) -> bool:
    spec = service["spec"]
    if service["metadata"].get("namespace") != pod["metadata"].get("namespace"):
        return False
    selector = spec.get("selector") or {}
    labels = pod["metadata"].get("labels", {})
    outside = spec.get("type") in ("LoadBalancer", "NodePort")
    return bool(outside and selector and selector.items() <= labels.items())
