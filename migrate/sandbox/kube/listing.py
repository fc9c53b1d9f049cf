"""Lists: selectors, pages and the forms in which a list may be asked for."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from migrate.sandbox.kube import failures
from migrate.sandbox.kube.failures import ApiFailure
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.store import Store

_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can "
    "start a new list without the continue parameter, or use the continue token in this response "
    "to retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


def list_objects(
    store: Store, resource: Resource, namespace: str, query: Mapping[str, str]
) -> dict[str, Any]:
    """Answer a list request with its ``...List`` object. Items carry no kind (recorded)."""
    wanted = query.get("resourceVersion", "")
    limit = int(query.get("limit") or 0)
    if wanted == "0":
        # Served from the watch cache, which knows no pages (recorded).
        limit = 0
    with store.lock:
        now = store.revision
        start = ""
        revision: int | None = None
        if query.get("continue"):
            revision, start = _continue(store, query["continue"], wanted)
        elif wanted:
            revision = _at_version(store, wanted, query.get("resourceVersionMatch", ""))
        items = store.items(resource, namespace, revision=revision)
        shown = revision if revision is not None else now
    matching = [item for item in items if _selected(resource, item, query)]
    matching = [item for item in matching if _list_key(item, namespace) > start]
    metadata: dict[str, Any] = {"resourceVersion": str(shown)}
    if limit and len(matching) > limit:
        last = _list_key(matching[limit - 1], namespace)
        metadata["continue"] = _token(shown, f"/{last}\0")
        if not (query.get("labelSelector") or query.get("fieldSelector")):
            metadata["remainingItemCount"] = len(matching) - limit
        matching = matching[:limit]
    for item in matching:
        item.pop("kind", None)
        item.pop("apiVersion", None)
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": metadata,
        "items": matching,
    }


def _list_key(item: dict[str, Any], namespace: str) -> str:
    metadata = item["metadata"]
    own = metadata.get("namespace", "")
    return str(metadata["name"]) if namespace or not own else f"{own}/{metadata['name']}"


def _token(revision: int, start: str) -> str:
    document = {"v": "meta.k8s.io/v1", "rv": revision, "start": start}
    raw = json.dumps(document, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _continue(store: Store, token: str, wanted: str) -> tuple[int | None, str]:
    if wanted:
        raise failures.bad_request("specifying resource version is not allowed when using continue")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        document = json.loads(raw)
        revision, start = int(document["rv"]), str(document["start"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise failures.bad_request(
            f"invalid continue token: continue key is not valid: {error}"
        ) from error
    key = start.lstrip("/").rstrip("\0")
    if revision < 0:
        return None, key
    if revision < store.compacted:
        again = _token(-1, f"{key}\0")
        raise ApiFailure(410, "Expired", _TOO_OLD, metadata={"continue": again})
    return revision, key


def _at_version(store: Store, wanted: str, match: str) -> int | None:
    if not wanted.isdigit():
        raise failures.internal(f'strconv.ParseUint: parsing "{wanted}": invalid syntax')
    revision = int(wanted)
    if revision > store.revision:
        raise failures.too_large_version(revision, store.revision)
    if match != "Exact":
        return None
    if revision < store.compacted:
        message = "The resourceVersion for the provided list is too old."
        raise ApiFailure(410, "Expired", message)
    return revision


def _selected(resource: Resource, item: dict[str, Any], query: Mapping[str, str]) -> bool:
    labels = item["metadata"].get("labels", {})
    return matches_labels(query.get("labelSelector", ""), labels) and _matches_fields(
        resource, query.get("fieldSelector", ""), item
    )


def matches_labels(selector: str, labels: Mapping[str, str]) -> bool:
    """A label selector in its string form: ``a=b,c!=d,e,!f,g in (x,y),h notin (z)``."""
    for term in re.split(r",(?![^(]*\))", selector):
        text = term.strip()
        if not text:
            continue
        among = re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", text)
        if among:
            values = {value.strip() for value in among[3].split(",")}
            if (labels.get(among[1]) in values) != (among[2] == "in"):
                return False
        elif "!=" in text:
            key, value = text.split("!=", 1)
            if labels.get(key.strip()) == value.strip():
                return False
        elif "=" in text:
            key, value = re.split(r"==?", text, maxsplit=1)
            if labels.get(key.strip()) != value.strip():
                return False
        elif text.startswith("!"):
            if text[1:].strip() in labels:
                return False
        elif text not in labels:
            return False
    return True


def _matches_fields(resource: Resource, selector: str, item: dict[str, Any]) -> bool:
    for term in filter(None, (part.strip() for part in selector.split(","))):
        negated = "!=" in term
        path, _, value = term.partition("!=" if negated else "=")
        value = value.removeprefix("=")
        if path not in ("metadata.name", "metadata.namespace", *resource.selectable):
            raise failures.bad_request(f"field label not supported: {path}")
        found: Any = item
        for step in path.split("."):
            found = found.get(step, "") if isinstance(found, dict) else ""
        if (str(found) == value) == negated:
            return False
    return True


def as_table(listed: dict[str, Any]) -> dict[str, Any]:
    """The Table that ``kubectl get`` asks for."""
    config_maps = listed["kind"] == "ConfigMapList"
    names = ["Name", "Data", "Age"] if config_maps else ["Name", "Age"]
    columns = [
        {
            "name": name,
            "type": "string",
            "format": "name" if name == "Name" else "",
            "description": name,
            "priority": 0,
        }
        for name in names
    ]
    rows = []
    for item in listed["items"]:
        metadata = item["metadata"]
        cells: list[Any] = [metadata["name"]]
        if config_maps:
            cells.append(len(item.get("data", {})))
        cells.append(_age(metadata["creationTimestamp"]))
        rows.append({"cells": cells, "object": _partial(item)})
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": listed["metadata"],
        "columnDefinitions": columns,
        "rows": rows,
    }


def as_partial_list(listed: dict[str, Any]) -> dict[str, Any]:
    """Metadata only."""
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": listed["metadata"],
        "items": [_partial(item) for item in listed["items"]],
    }


def _partial(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": item["metadata"],
    }


def _age(created: str) -> str:
    then = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return f"{max(0, int((datetime.now(UTC) - then).total_seconds()))}s"
