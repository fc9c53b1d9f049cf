"""Field ownership: which paths an object has, FieldsV1, and comparing two objects.

A path is a tuple of steps: ``("f", name)`` for a field or map key, ``("k", "{...}")`` for an
entry of an associative list, ``("v", "...")`` for an element of a set. The rules by which
kube-apiserver 1.36 lists paths were read off recorded managedFields: a list without keys, a
selector and a fieldRef are one path, and plain structs of the type are no path of their own.
"""

import json
from typing import Any

Step = tuple[str, str]
Path = tuple[Step, ...]

_SERVICE_LISTS = {"spec.ports": ("port", "protocol")}
_POD_LISTS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "containers.ports": ("containerPort", "protocol"),
    "initContainers.ports": ("containerPort", "protocol"),
    "containers.env": ("name",),
    "initContainers.env": ("name",),
    "containers.volumeMounts": ("mountPath",),
    "initContainers.volumeMounts": ("mountPath",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
}
_ATOMIC_MAPS = ("selector", "matchLabels", "fieldRef", "nodeSelector", "limits", "requests")
_PLAIN_STRUCTS = ("metadata", "spec", "status", "template", "strategy", "updateStrategy")
"""Structs that are always there in Go, so that nobody owns them."""
_IGNORED = (
    "apiVersion",
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.creationTimestamp",
    "metadata.deletionTimestamp",
    "metadata.deletionGracePeriodSeconds",
    "metadata.managedFields",
    "metadata.selfLink",
)


def list_keys(kind: str, path: str) -> tuple[str, ...] | None:
    """The key fields of an associative list; None for a list that is one value."""
    if kind == "Service" and path in _SERVICE_LISTS:
        return _SERVICE_LISTS[path]
    if path == "metadata.ownerReferences":
        return ("uid",)
    if path.endswith("status.conditions"):
        return ("type",)
    if kind in ("Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"):
        for prefix in ("spec.template.spec.", "spec."):
            if path.startswith(prefix):
                return _POD_LISTS.get(path.removeprefix(prefix))
    return None


def paths(body: dict[str, Any], *, leaves_only: bool) -> dict[Path, Any]:
    """Every path of an object with its value.

    ``leaves_only``: as an Apply manager owns them; else maps and list entries are paths of
    their own as well, as an Update manager owns them.
    """
    walker = _Walker(str(body.get("kind", "")), leaves_only)
    walker.walk(body, (), "")
    return walker.found


class _Walker:
    def __init__(self, kind: str, leaves_only: bool) -> None:
        self._kind = kind
        self._leaves_only = leaves_only
        self.found: dict[Path, Any] = {}

    def walk(self, value: Any, path: Path, where: str) -> None:
        if where in _IGNORED:
            return
        name = where.rsplit(".", 1)[-1]
        if isinstance(value, dict) and value and name not in _ATOMIC_MAPS:
            if path and name not in _PLAIN_STRUCTS:
                # As an empty one: filling a map that was there already does not change the map.
                self._container(path, {})
            for key, item in value.items():
                self.walk(item, (*path, ("f", str(key))), f"{where}.{key}" if where else str(key))
            return
        keys = list_keys(self._kind, where) if isinstance(value, list) and value else None
        if keys and all(isinstance(item, dict) for item in value):
            if name != "containers":
                # A required list is there (as null) in an empty object already.
                self._container(path, [])
            for item in value:
                self._entry(item, keys, path, where)
        elif isinstance(value, list) and where == "metadata.finalizers":
            self._container(path, [])
            self.found.update({(*path, ("v", json.dumps(item))): item for item in value})
        elif path and (value != {} or name not in _PLAIN_STRUCTS):
            self.found[path] = value

    def _container(self, path: Path, empty: Any) -> None:
        if not self._leaves_only:
            self.found[path] = empty

    def _entry(self, item: dict[str, Any], keys: tuple[str, ...], path: Path, where: str) -> None:
        key = json.dumps(entry_key(item, keys), separators=(",", ":"))
        entry = (*path, ("k", key))
        self.found[entry] = None
        for name, value in item.items():
            self.walk(value, (*entry, ("f", name)), f"{where}.{name}")


def entry_key(item: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """The key of an associative list's entry; an absent protocol is TCP."""
    defaults = {"protocol": "TCP"}
    return {name: item.get(name, defaults.get(name)) for name in sorted(keys)}


def to_v1(owned: set[Path]) -> dict[str, Any]:
    """FieldsV1 of a set of paths."""
    tree: dict[str, Any] = {}
    for path in sorted(owned, key=_sort_key):
        node = tree
        for kind, name in path:
            node = node.setdefault(f"{kind}:{name}", {})
        if any(other[: len(path)] == path and len(other) > len(path) for other in owned):
            node["."] = {}
    return tree


def from_v1(tree: dict[str, Any], path: Path = ()) -> set[Path]:
    """The paths of a FieldsV1."""
    owned: set[Path] = set()
    for key, child in tree.items():
        if key == ".":
            owned.add(path)
            continue
        kind, name = key.split(":", 1)
        step = (*path, (kind, name))
        if child:
            owned |= from_v1(child, step)
        else:
            owned.add(step)
    return owned


def dotted(path: Path) -> str:
    """A path as conflict messages write it: ``.spec.ports[port=1,protocol="TCP"].name``."""
    text = ""
    for kind, name in path:
        if kind == "f":
            text += f".{name}"
        elif kind == "v":
            text += f"[={name}]"
        else:
            key = json.loads(name)
            text += "[" + ",".join(f"{k}={json.dumps(v)}" for k, v in key.items()) + "]"
    return text


def remove(body: dict[str, Any], path: Path) -> None:
    """Take what is at a path out of an object; nothing when it is not there."""
    node: Any = body
    kind = str(body.get("kind", ""))
    where = ""
    for index, (step, name) in enumerate(path):
        last = index == len(path) - 1
        if step == "f":
            if not isinstance(node, dict) or name not in node:
                return
            where = f"{where}.{name}" if where else name
            if last:
                del node[name]
                return
            node = node[name]
            continue
        found = _find(node, step, name, list_keys(kind, where))
        if found is None:
            return
        if last:
            del node[found]
            return
        node = node[found]


def _find(node: Any, step: str, name: str, keys: tuple[str, ...] | None) -> int | None:
    if not isinstance(node, list):
        return None
    wanted = json.loads(name)
    for index, item in enumerate(node):
        if step == "v" and item == wanted:
            return index
        if step == "k" and keys and isinstance(item, dict) and entry_key(item, keys) == wanted:
            return index
    return None


def _sort_key(path: Path) -> list[tuple[str, str]]:
    return list(path)
