"""JSON patches that close an exposure, and their inverses. Pure.

Every patch starts with ``replace /metadata/resourceVersion``: a stale read is then a clear 409,
where a failing ``test`` is a 422 that does not say what failed (recorded: 13, 14). Ports are
removed by index, because the strategic-merge key of Service ports is the number alone and would
take the UDP port of that number along (recorded: 119, 121). A Service port comes back with its old
nodePort: the API server would choose another one (recorded: 115).
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from migrate.model.errors import Blocked, ExitCode, MigrateError
from migrate.model.text import visible

Json = dict[str, Any]
Patch = list[Json]

_SERVER_METADATA = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "selfLink",
)


class Drift(MigrateError):
    """The object is not as it was when the change was planned. Nothing was changed."""

    exit_code = ExitCode.DRIFT

    def __init__(self, what: str) -> None:
        super().__init__(visible(what), next_command="migrate plan --name NAME")


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901): ``~`` and ``/`` inside a part are escaped."""
    return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in parts)


def label(obj: Mapping[str, Any]) -> str:
    """``ConfigMap ns/name`` of an object, for messages."""
    meta = obj.get("metadata") or {}
    return f"{obj.get('kind', 'object')} {meta.get('namespace', '')}/{meta.get('name', '')}"


def remove_tcp_key(config_map: Json, key: str, expected: str) -> Patch:
    """Remove a tcp-services entry whose value is still ``expected``.

    Removing the last key makes ``data`` itself go away; ``restore_tcp_key`` copes with that.
    """
    _mutable(config_map)
    data = config_map.get("data") or {}
    if key not in data:
        raise Drift(f"{label(config_map)} has no key {key} any more")
    if data[key] != expected:
        raise Drift(f"{label(config_map)} has {data[key]!r} at key {key}, not {expected!r}")
    return [_guard(config_map), {"op": "remove", "path": pointer("data", key)}]


def restore_tcp_key(config_map: Json, key: str, value: str) -> Patch:
    """Put an entry back into the ConfigMap as it is now; an empty list when it is there."""
    data = config_map.get("data") or {}
    if data.get(key) == value:
        return []
    if key in data:
        raise Drift(f"{label(config_map)} has {data[key]!r} at key {key}, not {value!r}")
    _mutable(config_map)
    if config_map.get("data"):
        return [_guard(config_map), {"op": "add", "path": pointer("data", key), "value": value}]
    return [_guard(config_map), {"op": "add", "path": "/data", "value": {key: value}}]


def find_service_port(service: Json, name_or_port: str) -> tuple[Json, int]:
    """The TCP port of this name, else of this number, and its place in the list; ``Drift``."""
    return _find(_ports(service), name_or_port, "port", label(service))


def remove_service_port(
    service: Json, name_or_port: str, *, port: int | None = None
) -> tuple[Patch, Json, int]:
    """Remove one port: (patch, the port as it was, its place).

    ``port``: the number that it must still have. ``Blocked`` when it is the only one, since a
    Service needs a port (recorded: 124): then the Service goes as a whole.
    """
    removed, index = find_service_port(service, name_or_port)
    if port is not None and removed.get("port") != port:
        raise Drift(
            f"{label(service)} has {removed.get('port')} as port {name_or_port}, not {port}"
        )
    if len(_ports(service)) == 1:
        raise Blocked(
            f"port {visible(name_or_port)} is the only one of {visible(label(service))}: "
            "only the whole Service can go",
            next_command="migrate plan --name NAME",
        )
    return [_guard(service), _remove("spec", "ports", index)], deepcopy(removed), index


def restore_service_port(service: Json, removed: Json, index: int) -> Patch:
    """Put a port back at its place with its old nodePort; an empty list when it is there."""
    ports = _ports(service)
    if removed in ports:
        return []
    for port in ports:
        same_number = _key(port) == _key(removed)
        if same_number or (port.get("name") and port.get("name") == removed.get("name")):
            raise Drift(
                f"{label(service)} has another port {port.get('name') or port.get('port')} now "
                f"({_shown(port)} instead of {_shown(removed)})"
            )
    kind = (service.get("spec") or {}).get("type", "ClusterIP")
    if removed.get("nodePort") and kind not in {"NodePort", "LoadBalancer"}:
        raise Drift(f"{label(service)} is of type {kind} now, so it can't have a nodePort")
    return [_guard(service), _add(removed, min(index, len(ports)), "spec", "ports")]


def find_container_port(
    workload: Json, container: str, name_or_number: str
) -> tuple[Json, int, int]:
    """(port, place of the container, place of the port) in a pod template; ``Drift``."""
    containers = _containers(workload)
    for place, item in enumerate(containers):
        if item.get("name") == container:
            where = f"{label(workload)}, container {container}"
            found, index = _find(item.get("ports") or [], name_or_number, "containerPort", where)
            return found, place, index
    raise Drift(f"{label(workload)} has no container {container} any more")


def remove_container_port(
    workload: Json, container: str, name_or_number: str, *, port: int | None = None
) -> tuple[Patch, Json, int]:
    """Remove a declared port of a pod template: (patch, the port as it was, its place).

    ``port``: the containerPort that it must still have. The workload rolls its pods over.
    """
    removed, place, index = find_container_port(workload, container, name_or_number)
    if port is not None and removed.get("containerPort") != port:
        raise Drift(
            f"{label(workload)} has {removed.get('containerPort')} as port {name_or_number} of "
            f"container {container}, not {port}"
        )
    path = ("spec", "template", "spec", "containers", place, "ports")
    return [_guard(workload), _remove(*path, index)], deepcopy(removed), index


def restore_container_port(workload: Json, container: str, removed: Json, index: int) -> Patch:
    """Put a declared port back at its place; an empty list when it is there."""
    for place, item in enumerate(_containers(workload)):
        if item.get("name") != container:
            continue
        ports = item.get("ports") or []
        if removed in ports:
            return []
        for port in ports:
            same = _key(port, "containerPort") == _key(removed, "containerPort")
            if same or (port.get("name") and port.get("name") == removed.get("name")):
                raise Drift(
                    f"{label(workload)}, container {container} has another port "
                    f"{port.get('name') or port.get('containerPort')} now"
                )
        path = ("spec", "template", "spec", "containers", place, "ports")
        if not ports:
            return [_guard(workload), {"op": "add", "path": pointer(*path), "value": [removed]}]
        return [_guard(workload), _add(removed, min(index, len(ports)), *path)]
    raise Drift(f"{label(workload)} has no container {container} any more")


def set_annotations(
    obj: Json, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> Patch:
    """Annotations that are ``before`` (None: not there) become ``after``; ``Drift`` where one is
    neither. An empty list when all are so already."""
    now = (obj.get("metadata") or {}).get("annotations") or {}
    patch: Patch = []
    for name, wanted in after.items():
        seen = now.get(name)
        if seen == wanted:
            continue
        if seen != before.get(name):
            raise Drift(f"{label(obj)} has {seen!r} as {name}, not {before.get(name)!r}")
        path = pointer("metadata", "annotations", name)
        if wanted is None:
            patch.append({"op": "remove", "path": path})
        else:
            patch.append({"op": "add", "path": path, "value": wanted})
    if not patch:
        return []
    first = [] if now else [{"op": "add", "path": "/metadata/annotations", "value": {}}]
    return [_guard(obj), *first, *patch]


def strip_for_creation(obj: Json) -> Json:
    """An object as it can be created again: what the server sets is dropped.

    clusterIP, nodePorts and healthCheckNodePort stay, so that a Service comes back under the same
    addresses. An address of a cloud's load balancer is the cloud's to give again.
    """
    out = deepcopy(obj)
    for key in _SERVER_METADATA:
        (out.get("metadata") or {}).pop(key, None)
    out.pop("status", None)
    return out


def same(before: Json, after: Json) -> bool:
    """Whether two reads show the same object, but for what the server keeps book of."""
    return strip_for_creation(before) == strip_for_creation(after)


def _guard(obj: Json) -> Json:
    version = (obj.get("metadata") or {}).get("resourceVersion")
    if not version:
        raise Drift(f"{label(obj)} was read without a resourceVersion")
    return {"op": "replace", "path": "/metadata/resourceVersion", "value": version}


def _mutable(config_map: Json) -> None:
    if config_map.get("immutable"):
        raise Blocked(
            f"{visible(label(config_map))} is immutable: it can only be deleted and created anew",
            next_command="change it by hand, then `migrate mark STEP done --reason TEXT`",
        )


def _ports(service: Json) -> list[Json]:
    return (service.get("spec") or {}).get("ports") or []


def _containers(workload: Json) -> list[Json]:
    template = (workload.get("spec") or {}).get("template") or {}
    return (template.get("spec") or {}).get("containers") or []


def _key(port: Json, number: str = "port") -> tuple[Any, str]:
    return port.get(number), port.get("protocol") or "TCP"


def _find(ports: list[Json], wanted: str, number: str, where: str) -> tuple[Json, int]:
    tcp = [(p, i) for i, p in enumerate(ports) if (p.get("protocol") or "TCP") == "TCP"]
    for port, index in tcp:
        if port.get("name") == wanted:
            return port, index
    for port, index in tcp:
        if str(port.get(number)) == wanted:
            return port, index
    raise Drift(f"{where} has no TCP port {wanted} any more")


def _remove(*path: str | int) -> Json:
    return {"op": "remove", "path": pointer(*path)}


def _add(value: Json, index: int, *path: str | int) -> Json:
    return {"op": "add", "path": pointer(*path, index), "value": deepcopy(value)}


def _shown(port: Json) -> str:
    parts = (f"{k}={port[k]}" for k in ("port", "protocol", "targetPort", "nodePort") if k in port)
    return ", ".join(parts)
