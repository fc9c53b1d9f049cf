"""Create, update, patch, apply and delete, in the order in which the API server checks them."""

import copy
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from migrate.sandbox.kube import (
    checks,
    defaults,
    failures,
    ownership,
    patches,
    resources,
    validation,
)
from migrate.sandbox.kube.allocation import Allocator
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.failures import Cause
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.store import Store

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON = "application/json-patch+json"
APPLY = ("application/apply-patch+yaml", "application/apply-patch+json")


@dataclass(frozen=True)
class Written:
    """What a write answers."""

    body: dict[str, Any]
    created: bool = False
    warnings: tuple[str, ...] = ()


class Registry:
    """The rules of writing, over a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._allocator = Allocator()

    def get(self, target: Target) -> dict[str, Any]:
        """Read an object or raise 404."""
        found = self.store.read(target.key)
        if found is None:
            raise failures.not_found(target.resource, target.name)
        return found

    def create(
        self, resource: Resource, namespace: str, body: dict[str, Any], write: Write
    ) -> Written:
        """POST."""
        with self.store.lock:
            body = copy.deepcopy(body)
            metadata = checks.metadata(body)
            checks.kind(resource, body)
            name = str(metadata.get("name") or "")
            if not name and metadata.get("generateName"):
                name = f"{metadata['generateName']}{uuid.uuid4().hex[:5]}"
                metadata["name"] = name
            if not name:
                raise failures.invalid(resource, "", [_NO_NAME])
            warnings = checks.decode(body, write, resource)
            if namespace and metadata.get("namespace", namespace) != namespace:
                raise failures.bad_request(
                    "the namespace of the provided object does not match the namespace sent on "
                    "the request"
                )
            if metadata.get("resourceVersion"):
                raise failures.internal(
                    "resourceVersion should not be set on objects to be created"
                )
            self._check_namespace(resource, namespace, name)
            target = Target(resource, namespace, name)
            if self.store.read(target.key) is not None:
                raise failures.already_exists(resource, name)
            body.pop("status", None)
            defaults.fill(body)
            managers = ownership.after_update(None, body, write.manager, _now())
            return Written(self._insert(target, body, managers, write), True, warnings)

    def update(self, target: Target, body: dict[str, Any], write: Write) -> Written:
        """PUT."""
        with self.store.lock:
            body = copy.deepcopy(body)
            metadata = checks.metadata(body)
            name = metadata.setdefault("name", target.name)
            if name != target.name:
                raise failures.bad_request(
                    f"the name of the object ({name}) does not match the name on the URL "
                    f"({target.name})"
                )
            checks.kind(target.resource, body)
            warnings = checks.decode(body, write, target.resource)
            live = self.get(target)
            checks.uid(target, live, metadata)
            if not metadata.get("resourceVersion") and not target.resource.unconditional_update:
                raise failures.unconditional_update(target.resource, target.name)
            return Written(self._replace(target, live, body, write), False, warnings)

    def patch(self, target: Target, content_type: str, patch: Any, write: Write) -> Written:
        """PATCH in one of the four formats."""
        if content_type in APPLY:
            return self.apply(target, patch, write)
        with self.store.lock:
            live = self.get(target)
            if content_type == JSON:
                body = patches.json_patch(live, patch)
            elif not isinstance(patch, dict):
                raise failures.bad_request("error decoding patch: a JSON object was expected")
            elif content_type == STRATEGIC:
                body = patches.strategic_patch(copy.deepcopy(live), patch, target.resource.kind)
            else:
                body = patches.merge_patch(live, patch)
            why = validation.check_types(body)
            if why:
                raise failures.invalid_patch(checks.quoted(body), why)
            warnings = checks.strange_fields(body, write, patch=True)
            uid = checks.metadata(body).get("uid")
            if uid != live["metadata"]["uid"]:
                raise checks.immutable_uid(target, str(uid))
            return Written(self._replace(target, live, body, write), False, warnings)

    def apply(self, target: Target, config: Any, write: Write) -> Written:
        """Server-side apply; creates what is not there."""
        if not isinstance(config, dict):
            raise failures.bad_request("error decoding YAML: an object was expected")
        config = copy.deepcopy(config)
        metadata = checks.metadata(config)
        if metadata.get("managedFields"):
            raise failures.bad_request("metadata.managedFields must be nil")
        with self.store.lock:
            live = self.store.read(target.key)
            if live is not None and metadata.get("resourceVersion"):
                checks.version(target, live, metadata["resourceVersion"])
            for key in ("resourceVersion", "uid"):
                metadata.pop(key, None)
            metadata.setdefault("name", target.name)
            if target.namespace:
                metadata.setdefault("namespace", target.namespace)
            body, managers = ownership.apply(
                live, config, write.manager, force=write.force, now=_now()
            )
            if live is None:
                self._check_namespace(target.resource, target.namespace, target.name)
                defaults.fill(body)
                return Written(self._insert(target, body, managers, write), True)
            defaults.fill(body)
            return Written(self._store(target, live, body, managers, write))

    def delete(
        self, target: Target, preconditions: dict[str, Any], write: Write
    ) -> dict[str, Any] | None:
        """DELETE: the object when it stays for its finalizers (or is a Service), else None."""
        with self.store.lock:
            live = self.get(target)
            checks.preconditions(target, live, preconditions)
            metadata = live["metadata"]
            if target.resource.kind == "Namespace":
                return self._terminate_namespace(target, live, write)
            if metadata.get("finalizers"):
                if metadata.get("deletionTimestamp"):
                    return live
                metadata["deletionTimestamp"] = _now()
                metadata["deletionGracePeriodSeconds"] = 0
                return live if write.dry_run else self.store.write(target.key, live)
            if not write.dry_run:
                self.store.remove(target.key)
            return live if target.resource.kind in ("Service", "Pod") else None

    def _terminate_namespace(
        self, target: Target, live: dict[str, Any], write: Write
    ) -> dict[str, Any]:
        # Without a namespace controller it stays like this for ever (recorded).
        live["metadata"].setdefault("deletionTimestamp", _now())
        live["status"] = {"phase": "Terminating"}
        return live if write.dry_run else self.store.write(target.key, live)

    def _insert(
        self,
        target: Target,
        body: dict[str, Any],
        managers: list[ownership.Manager],
        write: Write,
    ) -> dict[str, Any]:
        given = body["metadata"]
        metadata: dict[str, Any] = {"name": target.name}
        if target.namespace:
            metadata["namespace"] = target.namespace
        metadata["uid"] = str(uuid.uuid4())
        if target.resource.generation:
            metadata["generation"] = 1
        metadata["creationTimestamp"] = _now()
        for key in ("labels", "annotations", "finalizers", "ownerReferences", "generateName"):
            if key in given:
                metadata[key] = given[key]
        metadata["managedFields"] = ownership.encode(managers)
        body["metadata"] = metadata
        status = defaults.initial_status(target.resource.kind)
        body.pop("status", None)
        if target.resource.kind == "Namespace":
            body.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        if status is not None:
            body["status"] = status
        validation.check(target.resource, None, body)
        self._allocate(target, None, body)
        body = _ordered(target.resource, body)
        return body if write.dry_run else self.store.write(target.key, body)

    def _replace(
        self, target: Target, live: dict[str, Any], body: dict[str, Any], write: Write
    ) -> dict[str, Any]:
        version = checks.metadata(body).get("resourceVersion")
        if version:
            checks.version(target, live, version)
        if write.subresource == "status":
            status = body.get("status", {})
            body = copy.deepcopy(live)
            body["status"] = status
            defaults.status(body)
        elif target.resource.status:
            body.pop("status", None)
            if "status" in live:
                body["status"] = live["status"]
        defaults.fill(body)
        managers = ownership.after_update(live, body, write.manager, _now(), write.subresource)
        return self._store(target, live, body, managers, write)

    def _store(
        self,
        target: Target,
        live: dict[str, Any],
        body: dict[str, Any],
        managers: list[ownership.Manager],
        write: Write,
    ) -> dict[str, Any]:
        metadata = _merged_metadata(live["metadata"], body["metadata"])
        encoded = ownership.encode(managers)
        if encoded:
            metadata["managedFields"] = encoded
        body["metadata"] = metadata
        if not write.subresource:
            # The allocator's values come back before validation, as clusterIP may not change.
            self._keep_allocated(target, live, body)
            validation.check(target.resource, live, body)
            self._allocate(target, live, body)
        if target.resource.generation and _spec(live) != _spec(body):
            metadata["generation"] = live["metadata"].get("generation", 1) + 1
        body = _ordered(target.resource, body)
        if write.dry_run or body == live:
            return body
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            self.store.remove(target.key)
            return body
        return self.store.write(target.key, body)

    def _keep_allocated(self, target: Target, live: dict[str, Any], body: dict[str, Any]) -> None:
        if target.resource.kind == "Service":
            for key in ("clusterIP", "clusterIPs"):
                if key in live["spec"]:
                    body["spec"].setdefault(key, live["spec"][key])

    def _allocate(self, target: Target, live: dict[str, Any] | None, body: dict[str, Any]) -> None:
        if target.resource.kind == "Service":
            others = [
                item
                for item in self.store.items(target.resource)
                if item["metadata"]["uid"] != body["metadata"].get("uid")
            ]
            self._allocator.allocate(target.resource, live, body, others)

    def _check_namespace(self, resource: Resource, namespace: str, name: str) -> None:
        if not namespace:
            return
        kind = resources.of_kind("Namespace")
        found = self.store.read(("", "namespaces", "", namespace))
        if found is None:
            raise failures.not_found(kind, namespace)
        if found["metadata"].get("deletionTimestamp"):
            raise failures.namespace_terminating(resource, name, namespace)


_NO_NAME = Cause(
    "FieldValueRequired", "Required value: name or generateName is required", "metadata.name"
)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _merged_metadata(live: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What the server owns from the live object, what a client may set from the new one."""
    client = ("labels", "annotations", "finalizers", "ownerReferences")
    kept = {k: v for k, v in live.items() if k not in (*client, "managedFields")}
    kept.update({key: new[key] for key in client if key in new})
    return kept


def _spec(body: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in body.items() if k not in ("metadata", "status")}


def _ordered(resource: Resource, body: dict[str, Any]) -> dict[str, Any]:
    rest = {k: v for k, v in body.items() if k not in ("kind", "apiVersion", "metadata")}
    return {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": body["metadata"],
        **rest,
    }
