"""What a write is checked for before anything is changed: kind, fields, revision, uid."""

import json
from dataclasses import dataclass
from typing import Any

from migrate.sandbox.kube import defaults, failures, validation
from migrate.sandbox.kube.failures import Cause
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.store import Key


@dataclass(frozen=True)
class Write:
    """How a write is asked for."""

    manager: str = "unknown"
    dry_run: bool = False
    force: bool = False
    subresource: str = ""
    strict: bool = False
    """fieldValidation=Strict: an unknown field is an error, not a warning."""


@dataclass(frozen=True)
class Target:
    """The object that a request names."""

    resource: Resource
    namespace: str
    name: str

    @property
    def key(self) -> Key:
        """Its key in the store."""
        return (self.resource.group, self.resource.plural, self.namespace, self.name)


def metadata(body: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a body, made when absent; 400 when it is no object."""
    metadata = body.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise failures.bad_request("metadata must be an object")
    return metadata


def kind(resource: Resource, body: dict[str, Any]) -> None:
    """Fill in kind and apiVersion; 400 for those of another type."""
    body.setdefault("kind", resource.kind)
    body.setdefault("apiVersion", resource.api_version)
    if (body["kind"], body["apiVersion"]) != (resource.kind, resource.api_version):
        raise failures.bad_request(
            f'{body["kind"]} in version "{body["apiVersion"]}" cannot be handled as a '
            f'{resource.kind}: no kind "{body["kind"]}" is registered for this resource'
        )


def decode(body: dict[str, Any], write: Write, resource: Resource) -> tuple[str, ...]:
    """Warnings about a body; 400 for one that cannot be read as the type."""
    why = validation.check_types(body)
    if why:
        raise failures.bad_request(
            f'{resource.kind} in version "{resource.version}" cannot be handled as a '
            f"{resource.kind}: {why}"
        )
    return strange_fields(body, write, patch=False)


def strange_fields(body: dict[str, Any], write: Write, *, patch: bool) -> tuple[str, ...]:
    """Drop unknown top-level fields and return warnings; an error when strict."""
    unknown = defaults.unknown_fields(body)
    texts = tuple(f'unknown field "{name}"' for name in unknown)
    if texts and write.strict:
        why = f"strict decoding error: {', '.join(texts)}"
        raise failures.invalid_patch(quoted(body), why) if patch else failures.bad_request(why)
    for name in unknown:
        del body[name]
    return texts


def quoted(body: dict[str, Any]) -> str:
    """A document as error messages quote it."""
    ordered = {key: body[key] for key in sorted(body)}
    return json.dumps(json.dumps(ordered, separators=(",", ":")))


def version(target: Target, live: dict[str, Any], version: Any) -> None:
    """409 for a stale resourceVersion, 500 for one that is no number."""
    text = str(version)
    if not text.isdigit():
        raise failures.internal(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    if text != live["metadata"]["resourceVersion"]:
        raise failures.conflict(target.resource, target.name)


def uid(target: Target, live: dict[str, Any], metadata: dict[str, Any]) -> None:
    """409 for another uid (the object was deleted and made again), as storage says it."""
    wanted, found = metadata.get("uid"), live["metadata"]["uid"]
    if wanted and wanted != found:
        key = "/".join(part for part in (target.namespace, target.name) if part)
        raise failures.conflict(
            target.resource,
            target.name,
            "StorageError: invalid object, Code: 4, "
            f"Key: /registry/{target.resource.plural}/{key}, ResourceVersion: 0, "
            f"AdditionalErrorMsg: Precondition failed: UID in precondition: {wanted}, "
            f"UID in object meta: {found}",
        )


def immutable_uid(target: Target, uid: str) -> failures.ApiFailure:
    """422 for a patch that changes the uid."""
    message = f'Invalid value: "{uid}": field is immutable'
    cause = Cause("FieldValueInvalid", message, "metadata.uid")
    # The message names it once, the causes twice (recorded).
    failure = failures.invalid(target.resource, target.name, [cause])
    details = failure.details or {}
    details["causes"] = [cause.body(), cause.body()]
    return failure


def preconditions(target: Target, live: dict[str, Any], preconditions: dict[str, Any]) -> None:
    """409 for a failed precondition of a delete."""
    uid, version = preconditions.get("uid"), preconditions.get("resourceVersion")
    metadata = live["metadata"]
    if uid and uid != metadata["uid"]:
        raise failures.precondition(
            target.resource,
            target.name,
            f"the UID in the precondition ({uid}) does not match the UID in record "
            f"({metadata['uid']}). The object might have been deleted and then recreated",
        )
    if version and version != metadata["resourceVersion"]:
        raise failures.precondition(
            target.resource,
            target.name,
            f"the ResourceVersion in the precondition ({version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). The object might have "
            "been modified",
        )
