"""The three patch formats: JSON patch, merge patch and strategic merge patch."""

import copy
from typing import Any

from migrate.sandbox.kube import failures

_MERGE_KEYS = {
    # Service.spec.ports merges by port alone, so that TCP and UDP of one number collide
    # (recorded: adding 50000/UDP replaces 50000/TCP).
    ("Service", "spec.ports"): "port",
}
_POD_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "containers.ports": "containerPort",
    "initContainers.ports": "containerPort",
    "containers.env": "name",
    "initContainers.env": "name",
    "containers.volumeMounts": "mountPath",
    "initContainers.volumeMounts": "mountPath",
    "volumes": "name",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
}
_SET_LISTS = ("metadata.finalizers",)


def json_patch(document: dict[str, Any], operations: Any) -> dict[str, Any]:
    """RFC 6902. Any failing operation gives the 422 that does not say which one."""
    import jsonpatch

    if not isinstance(operations, list):
        kind = "object" if isinstance(operations, dict) else type(operations).__name__
        raise failures.bad_request(
            f"error decoding patch: json: cannot unmarshal {kind} into Go value of type "
            "[]handlers.jsonPatchOp"
        )
    try:
        result = jsonpatch.apply_patch(document, operations, in_place=False)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise failures.rejected_patch() from error
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise failures.rejected_patch() from error
    if not isinstance(result, dict):
        raise failures.rejected_patch()
    return result


def merge_patch(document: Any, patch: Any) -> Any:
    """RFC 7386: null removes, lists are replaced as a whole."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def strategic_patch(document: Any, patch: dict[str, Any], kind: str, path: str = "") -> Any:
    """Kubernetes' own merge: lists with a merge key are merged entry by entry."""
    result = dict(document) if isinstance(document, dict) else {}
    if patch.get("$patch") == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    for key, value in patch.items():
        if key == "$patch" or key.startswith("$setElementOrder/"):
            continue
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.split("/", 1)[1]
            result[name] = [item for item in result.get(name, []) if item not in value]
            continue
        where = f"{path}.{key}" if path else key
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = strategic_patch(result.get(key), value, kind, where)
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            result[key] = _merge_list(result.get(key), value, kind, where, order)
        else:
            result[key] = value
    return result


def _merge_key(kind: str, path: str) -> str | None:
    found = _MERGE_KEYS.get((kind, path))
    if found:
        return found
    for prefix in ("spec.template.spec.", "spec."):
        if path.startswith(prefix):
            return _POD_MERGE_KEYS.get(path.removeprefix(prefix))
    return "uid" if path == "metadata.ownerReferences" else None


def _merge_list(
    current: Any, patch: list[Any], kind: str, path: str, order: list[Any] | None
) -> list[Any]:
    existing: list[Any] = list(current) if isinstance(current, list) else []
    if path in _SET_LISTS:
        return existing + [item for item in patch if item not in existing]
    key = _merge_key(kind, path)
    if key is None:
        return copy.deepcopy(patch)
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if item.get("$patch") != "replace"]
    added: list[Any] = []
    for item in patch:
        if item.get("$patch") == "delete":
            existing = [old for old in existing if old.get(key) != item.get(key)]
            continue
        index = next((i for i, old in enumerate(existing) if old.get(key) == item.get(key)), None)
        if index is None:
            added.append(strategic_patch({}, item, kind, path))
        else:
            existing[index] = strategic_patch(existing[index], item, kind, path)
    # Without $setElementOrder, what the patch names comes first (recorded: a new port lands
    # at the front of the list).
    merged = _named_first(existing, patch, key) if not added else added + existing
    if order:
        rank = {item.get(key): i for i, item in enumerate(order) if isinstance(item, dict)}
        merged = sorted(merged, key=lambda item: rank.get(item.get(key), len(rank)))
    return merged


def _named_first(existing: list[Any], patch: list[Any], key: str) -> list[Any]:
    named = [item.get(key) for item in patch if item.get("$patch") != "delete"]
    if len(named) < 2:
        return existing
    slots = sorted(i for i, item in enumerate(existing) if item.get(key) in named)
    ordered = sorted((existing[i] for i in slots), key=lambda item: named.index(item.get(key)))
    result = list(existing)
    for slot, item in zip(slots, ordered, strict=True):
        result[slot] = item
    return result
