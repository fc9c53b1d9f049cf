"""Watches: what happened since a revision, then what happens from now on, as JSON lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from migrate.sandbox.kube import listing
from migrate.sandbox.kube.failures import ApiFailure
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.store import Event, Store

_LONGEST = 1800.0


async def watch(
    store: Store, resource: Resource, namespace: str, query: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The lines of a watch, until ``timeoutSeconds`` are over."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Event] = asyncio.Queue()

    def notice(event: Event) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, event)

    cancel = store.subscribe(notice)
    deadline = loop.time() + float(query.get("timeoutSeconds") or _LONGEST)
    try:
        first, seen = _start(store, resource, namespace, query)
        for line in first:
            yield line
        while seen >= 0 and (left := deadline - loop.time()) > 0:
            try:
                event = await asyncio.wait_for(queue.get(), left)
            except TimeoutError:
                return
            if event.revision > seen and _belongs(event, resource, namespace, query):
                yield _line(event.type, event.body)
    finally:
        cancel()


def _start(
    store: Store, resource: Resource, namespace: str, query: Mapping[str, str]
) -> tuple[list[bytes], int]:
    """The lines that are due at once, and the revision up to which they go (-1: over)."""
    wanted = query.get("resourceVersion", "")
    with store.lock:
        now = store.revision
        if wanted in ("", "0") or query.get("sendInitialEvents") == "true":
            selected = listing.list_objects(
                store,
                resource,
                namespace,
                {k: query[k] for k in ("labelSelector", "fieldSelector") if k in query},
            )
            kind = {"kind": resource.kind, "apiVersion": resource.api_version}
            lines = [_line("ADDED", {**kind, **item}) for item in selected["items"]]
            if query.get("sendInitialEvents") == "true":
                end = {"k8s.io/initial-events-end": "true"}
                metadata = {"resourceVersion": str(now), "annotations": end}
                lines.append(_line("BOOKMARK", {**kind, "metadata": metadata}))
            return lines, now
        if not wanted.isdigit() or int(wanted) < store.compacted:
            message = f"too old resource version: {wanted} ({store.compacted})"
            return [_line("ERROR", ApiFailure(410, "Expired", message).body())], -1
        events = store.events(resource, namespace, int(wanted))
        return [
            _line(event.type, event.body)
            for event in events
            if _belongs(event, resource, namespace, query)
        ], now


def _belongs(event: Event, resource: Resource, namespace: str, query: Mapping[str, str]) -> bool:
    if event.key[:2] != (resource.group, resource.plural):
        return False
    if namespace not in ("", event.key[2]):
        return False
    labels = event.body["metadata"].get("labels", {})
    field = query.get("fieldSelector", "").removeprefix("metadata.name=")
    return listing.matches_labels(query.get("labelSelector", ""), labels) and field in (
        "",
        event.key[3],
    )


def _line(kind: str, body: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": body}, separators=(",", ":")).encode() + b"\n"
