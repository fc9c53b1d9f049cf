"""The API server's error answers: ``Status`` bodies with the recorded reasons and texts."""

from dataclasses import dataclass
from typing import Any

from migrate.sandbox.kube.resources import Resource


@dataclass(frozen=True)
class Cause:
    """One entry of ``details.causes``."""

    reason: str
    message: str
    field: str

    def body(self) -> dict[str, str]:
        """As JSON."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


class ApiFailure(Exception):
    """An error answer. ``details`` None means that the body has no ``details`` at all."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = headers or {}
        self.metadata = metadata or {}

    def body(self) -> dict[str, Any]:
        """The ``Status`` object."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status


class PageNotFound(Exception):
    """The text/plain 404 of an API group that is not served."""


def _details(resource: Resource, name: str, *, kind: str | None = None) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if resource.group:
        details["group"] = resource.group
    details["kind"] = kind or resource.plural
    return details


def not_found(resource: Resource, name: str) -> ApiFailure:
    """404 for an object."""
    message = f'{resource.qualified} "{name}" not found'
    return ApiFailure(404, "NotFound", message, _details(resource, name))


def no_such_resource() -> ApiFailure:
    """404 for a resource or version that a served group lacks."""
    message = "the server could not find the requested resource"
    return ApiFailure(404, "NotFound", message, {})


def method_not_allowed() -> ApiFailure:
    """405."""
    message = "the server does not allow this method on the requested resource"
    return ApiFailure(405, "MethodNotAllowed", message, {})


def already_exists(resource: Resource, name: str) -> ApiFailure:
    """409 for a create."""
    message = f'{resource.qualified} "{name}" already exists'
    return ApiFailure(409, "AlreadyExists", message, _details(resource, name))


def conflict(resource: Resource, name: str, why: str = "") -> ApiFailure:
    """409 for a stale resourceVersion."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version "
        "and try again"
    )
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiFailure(409, "Conflict", message, _details(resource, name))


def precondition(resource: Resource, name: str, why: str) -> ApiFailure:
    """409 for a failed delete precondition, which names the kind."""
    message = f'Operation cannot be fulfilled on {resource.kind} "{name}": {why}'
    return ApiFailure(409, "Conflict", message, _details(resource, name, kind=resource.kind))


def invalid(resource: Resource, name: str, causes: list[Cause]) -> ApiFailure:
    """422 from validation."""
    message = f'{resource.qualified_kind} "{name}" is invalid: {_joined(causes)}'
    details = _details(resource, name, kind=resource.kind)
    details["causes"] = [cause.body() for cause in causes]
    return ApiFailure(422, "Invalid", message, details)


def invalid_options(kind: str, cause: Cause) -> ApiFailure:
    """422 for a query parameter (``PatchOptions``, ``CreateOptions`` ...)."""
    message = f'{kind}.meta.k8s.io "" is invalid: {cause.field}: {cause.message}'
    details = {"group": "meta.k8s.io", "kind": kind, "causes": [cause.body()]}
    return ApiFailure(422, "Invalid", message, details)


def invalid_patch(document: str, why: str) -> ApiFailure:
    """422 for a patch whose result is no object of the type."""
    cause = Cause("FieldValueInvalid", f"Invalid value: {document}: {why}", "patch")
    message = f' "" is invalid: patch: {cause.message}'
    return ApiFailure(422, "Invalid", message, {"causes": [cause.body()]})


def rejected_patch() -> ApiFailure:
    """422 for any JSON patch operation that fails; says nothing about which."""
    message = "the server rejected our request due to an error in our request"
    return ApiFailure(422, "Invalid", message, {})


def unconditional_update(resource: Resource, name: str) -> ApiFailure:
    """422 for a PUT without resourceVersion on a resource that needs one."""
    cause = Cause(
        "FieldValueInvalid", "Invalid value: 0: must be specified for an update", _RV_FIELD
    )
    message = f'{resource.qualified} "{name}" is invalid: {_RV_FIELD}: {cause.message}'
    details = _details(resource, name)
    details["causes"] = [cause.body()]
    return ApiFailure(422, "Invalid", message, details)


_RV_FIELD = "metadata.resourceVersion"


def bad_request(message: str) -> ApiFailure:
    """400, without details."""
    return ApiFailure(400, "BadRequest", message)


def unauthorized() -> ApiFailure:
    """401, without details."""
    return ApiFailure(401, "Unauthorized", "Unauthorized")


def internal(message: str) -> ApiFailure:
    """500 without a reason, as a malformed resourceVersion gets."""
    return ApiFailure(500, "", message)


def namespace_terminating(resource: Resource, name: str, namespace: str) -> ApiFailure:
    """403 for a create in a namespace that is being deleted."""
    message = (
        f'{resource.qualified} "{name}" is forbidden: unable to create new content in '
        f"namespace {namespace} because it is being terminated"
    )
    cause = Cause(
        "NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace"
    )
    details = _details(resource, name)
    details["causes"] = [cause.body()]
    return ApiFailure(403, "Forbidden", message, details)


def too_large_version(wanted: int, current: int) -> ApiFailure:
    """504 for a resourceVersion from the future."""
    message = f"Timeout: Too large resource version: {wanted}, current: {current}"
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    return ApiFailure(504, "Timeout", message, details, headers={"Retry-After": "1"})


def _joined(causes: list[Cause]) -> str:
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
