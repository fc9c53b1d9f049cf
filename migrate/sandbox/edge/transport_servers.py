"""TCP as NGINX Inc's controller passes it: TransportServers on listeners of its own."""

from collections.abc import Iterator
from typing import Any

from migrate.sandbox.edge.backends import service_port
from migrate.sandbox.edge.entry import Entry
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.store import Store

_FLAG = "-global-configuration"


def _resource(kind: str) -> Resource:
    return Resource("k8s.nginx.org", "v1", f"{kind.lower()}s", kind, kind.lower())


_SERVERS, _SETTINGS = _resource("TransportServer"), _resource("GlobalConfiguration")


def is_inc(pod: dict[str, Any]) -> bool:
    """Whether it is this controller."""
    return bool(_settings_of(pod))


def _settings_of(pod: dict[str, Any]) -> tuple[str, str] | None:
    for container in pod["spec"].get("containers", []):
        for argument in container.get("args", ()):
            flag, _, value = str(argument).partition("=")
            namespace, _, name = value.partition("/")
            if flag.lstrip("-") == _FLAG.lstrip("-") and name:
                return namespace, name
    return None


def entries_of(store: Store, pod: dict[str, Any]) -> Iterator[Entry]:
    """Where this pod listens for TCP."""
    place = _settings_of(pod)
    for settings in store.items(_SETTINGS):
        meta = settings["metadata"]
        if (meta["namespace"], meta["name"]) != place:
            continue
        ports = {
            item["name"]: int(item["port"])
            for item in settings["spec"].get("listeners", [])
            if item.get("protocol") == "TCP"
        }
        for server in store.items(_SERVERS):
            entry = _entry(store, server, ports)
            if entry is not None:
                yield entry


def _entry(store: Store, server: dict[str, Any], ports: dict[str, int]) -> Entry | None:
    spec = server["spec"]
    port = ports.get(spec.get("listener", {}).get("name", ""))
    wanted = spec.get("action", {}).get("pass")
    upstream = next((u for u in spec.get("upstreams", []) if u.get("name") == wanted), None)
    if port is None or upstream is None:
        return None
    namespace = server["metadata"]["namespace"]
    backend = service_port(store, namespace, upstream["service"], str(upstream["port"]))
    return Entry(port, backend) if backend is not None and backend.addresses else None
