"""Field managers: what a write leaves in managedFields, and server-side apply."""

import copy
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from migrate.sandbox.kube import fields
from migrate.sandbox.kube.failures import ApiFailure

_FIRST_APPLY = "before-first-apply"


@dataclass(frozen=True)
class Manager:
    """One entry of managedFields."""

    name: str
    operation: str
    """``Update`` or ``Apply``."""
    api_version: str
    time: str
    owned: frozenset[fields.Path]
    subresource: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two writes the same manager."""
        return (self.name, self.operation, self.subresource)

    def encode(self) -> dict[str, Any]:
        """As managedFields holds it."""
        entry: dict[str, Any] = {
            "manager": self.name,
            "operation": self.operation,
            "apiVersion": self.api_version,
            "time": self.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields.to_v1(set(self.owned)),
        }
        if self.subresource:
            entry["subresource"] = self.subresource
        return entry


def decode(body: dict[str, Any]) -> list[Manager]:
    """The managers of an object."""
    return [
        Manager(
            name=entry.get("manager", ""),
            operation=entry.get("operation", ""),
            api_version=entry.get("apiVersion", ""),
            time=entry.get("time", ""),
            owned=frozenset(fields.from_v1(entry.get("fieldsV1", {}))),
            subresource=entry.get("subresource", ""),
        )
        for entry in body.get("metadata", {}).get("managedFields", [])
    ]


def encode(managers: list[Manager]) -> list[dict[str, Any]]:
    """managedFields; managers that own nothing are left out."""
    kept = [manager for manager in managers if manager.owned]
    return [m.encode() for m in sorted(kept, key=lambda m: (m.operation, m.time, m.name))]


def after_update(
    live: dict[str, Any] | None,
    new: dict[str, Any],
    manager: str,
    now: str,
    subresource: str = "",
) -> list[Manager]:
    """The managers after a create, PUT or patch: who changes a field owns it from then on.

    An object without any managedFields is not tracked again by an update (recorded).
    """
    managers = decode(live) if live else []
    if live is not None and not managers:
        return []
    before = fields.paths(live, leaves_only=False) if live else {}
    after = fields.paths(new, leaves_only=False)
    changed = {p for p, value in after.items() if p not in before or before[p] != value}
    removed = before.keys() - after.keys()
    mine = (manager, "Update", subresource)
    result = [
        replace(m, owned=m.owned - removed - (changed if m.key != mine else frozenset()))
        for m in managers
    ]
    if not changed:
        return result
    for index, entry in enumerate(result):
        if entry.key == mine:
            owned = entry.owned | changed
            if owned != managers[index].owned:
                result[index] = replace(entry, owned=owned, time=now)
            return result
    api_version = str(new.get("apiVersion", ""))
    fresh = Manager(manager, "Update", api_version, now, frozenset(changed), subresource)
    return [*result, fresh]


def apply(
    live: dict[str, Any] | None, config: dict[str, Any], manager: str, *, force: bool, now: str
) -> tuple[dict[str, Any], list[Manager]]:
    """Server-side apply: the merged object and its managers.

    Raises ``ApiFailure`` (409, ``FieldManagerConflict``) when another manager owns a field
    that the configuration would change, unless ``force``.
    """
    wanted = fields.paths(config, leaves_only=True)
    api_version = str(config.get("apiVersion", ""))
    own = Manager(manager, "Apply", api_version, now, frozenset(wanted))
    if live is None:
        return copy.deepcopy(config), [own]
    managers = decode(live)
    if not managers:
        everything = frozenset(fields.paths(live, leaves_only=False))
        managers = [Manager(_FIRST_APPLY, "Update", api_version, now, everything)]
    previous = next((m for m in managers if m.key == own.key), None)
    others = [m for m in managers if m.key != own.key]
    current = fields.paths(live, leaves_only=False)
    changing = {p for p, value in wanted.items() if value is not None and current.get(p) != value}
    if not force:
        _refuse_conflicts(others, changing)
    others = [replace(m, owned=m.owned - changing) for m in others]
    merged = _merge(live, config, str(config.get("kind", "")), "")
    dropped = (previous.owned if previous else frozenset()) - own.owned
    shared = frozenset().union(*(m.owned for m in others)) if others else frozenset()
    for path in sorted(dropped - shared, key=len, reverse=True):
        if not any(p[: len(path)] == path for p in own.owned | shared):
            fields.remove(merged, path)
    if previous and previous.owned == own.owned:
        own = previous
    return merged, [*others, own]


def _refuse_conflicts(others: list[Manager], changing: set[fields.Path]) -> None:
    by_manager: dict[str, list[str]] = defaultdict(list)
    for other in others:
        name = f'"{other.name}"'
        if other.operation != "Apply":
            name += f" using {other.api_version}"
        for path in sorted(changing & other.owned):
            by_manager[name].append(fields.dotted(path))
    if not by_manager:
        return
    count = sum(len(found) for found in by_manager.values())
    if count == 1:
        name, found = next(iter(by_manager.items()))
        message = f"Apply failed with 1 conflict: conflict with {name}: {found[0]}"
    else:
        blocks = [
            f"conflicts with {name}:\n" + "\n".join(f"- {field}" for field in by_manager[name])
            for name in sorted(by_manager)
        ]
        message = f"Apply failed with {count} conflicts: " + "\n".join(blocks)
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {name}", "field": field}
        for name in sorted(by_manager)
        for field in by_manager[name]
    ]
    raise ApiFailure(409, "Conflict", message, {"causes": causes})


def _merge(live: Any, config: Any, kind: str, path: str) -> Any:
    """Put the configuration over the object: maps and keyed lists entry by entry."""
    if isinstance(config, dict) and isinstance(live, dict):
        result = copy.deepcopy(live)
        for key, value in config.items():
            where = f"{path}.{key}" if path else str(key)
            result[key] = _merge(live.get(key), value, kind, where)
        return result
    keys = fields.list_keys(kind, path) if isinstance(config, list) else None
    if keys is None or not isinstance(live, list):
        return copy.deepcopy(config)
    result_list = copy.deepcopy(live)
    for item in config:
        wanted = fields.entry_key(item, keys)
        for index, old in enumerate(result_list):
            if fields.entry_key(old, keys) == wanted:
                result_list[index] = _merge(old, item, kind, path)
                break
        else:
            result_list.append(copy.deepcopy(item))
    return result_list
