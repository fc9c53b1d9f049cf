"""What the Kubernetes API can refuse, as failures that a person can act on.

Built from recorded answers of a real kube-apiserver: a 401 has no details, a request without a
token is a 403 for ``system:anonymous``, 403 comes before 404, an API group that is not served
answers a text/plain 404, and an RBAC message may carry a suffix after the namespace.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from migrate.model.errors import ExitCode, MigrateError
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.net.answers import NotJson, parse_json, whole_values

_RBAC = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) (?:resource "(?P<resource>[^"]*)" '
    r'in API group "(?P<group>[^"]*)"|path "(?P<path>[^"]*)")'
    r'(?: in the namespace "(?P<namespace>[^"]*)"| at the cluster scope)?'
)


@dataclass(frozen=True)
class Request:
    """What was asked of the API server, for its messages."""

    verb: str
    """RBAC verb: get, list, patch, create, delete."""
    resource: str
    """``configmaps``, ``deployments.apps``."""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        target = f" {self.name}" if self.name else ""
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return visible(f"{self.verb} {self.resource}{target}{where}")

    @property
    def target(self) -> str:
        """The object without the verb: ``configmaps tcp-services in namespace edge``."""
        return str(self).removeprefix(f"{self.verb} ")


class ClusterError(MigrateError):
    """Any failure of the cluster adapter."""


class NoKubeconfig(ClusterError):
    """No usable kubeconfig and not inside a cluster."""

    exit_code = ExitCode.USAGE


class ClusterUnreachable(ClusterError):
    """No answer from the API server: refused, timed out, TLS, name. Nothing was changed."""

    exit_code = ExitCode.BLOCKED
    transient = True


class AnswerLost(ClusterUnreachable):
    """A change was sent and no answer came: it may or may not have been made.

    Who calls again must look first: patches here are built from a fresh read and guarded by its
    version, deletes by the uid.
    """

    exit_code = ExitCode.FAILED


class Unauthorized(ClusterError):
    """401, or no credentials at all (a 403 for ``system:anonymous``)."""

    exit_code = ExitCode.BLOCKED


class ForbiddenHere(ClusterError):
    """403: this user may not do that there."""

    exit_code = ExitCode.BLOCKED

    def __init__(
        self,
        verb: str,
        resource: str,
        namespace: str,
        *,
        name: str = "",
        user: str = "",
        why: str = "",
    ) -> None:
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.user = user
        where = f"in namespace {namespace}" if namespace else "in the whole cluster"
        who = f"the Kubernetes user {user}" if user else "this Kubernetes user"
        cause = f"{who} may not {verb} {resource} {where}"
        if why:
            cause = f"the API server refuses to {verb} {resource} {where}: {why}"
        super().__init__(
            visible(cause), next_command=f"migrate doctor    # after granting: {self.rule}"
        )

    @property
    def rule(self) -> str:
        """The RBAC rule that is missing, as it stands in a Role or ClusterRole."""
        return rbac_rule((self.verb,), self.resource, self.namespace, self.name)


class ObjectGone(ClusterError):
    """404: the object does not exist."""

    exit_code = ExitCode.DRIFT


class NotServed(ObjectGone):
    """404: this API group or version is not served by this cluster."""


class Conflict(ClusterError):
    """409: the object changed since it was read. Nothing was changed."""

    exit_code = ExitCode.DRIFT


class AlreadyExists(ClusterError):
    """409 on create: there is an object of this name."""

    exit_code = ExitCode.DRIFT


class Invalid(ClusterError):
    """400, 413, 415 or 422: the API server does not accept the change. Nothing was changed."""


class ServerTrouble(ClusterError):
    """429 or 5xx: the API server is there, but could not answer."""

    transient = True


class NotKubernetes(ClusterError):
    """What answers is no Kubernetes API: a login page, a redirect, another service."""

    exit_code = ExitCode.BLOCKED


class TooMuch(NotKubernetes):
    """An answer that is larger than one may be. Fewer objects at once may well fit."""


def rbac_rule(verbs: Iterable[str], resource: str, namespace: str, name: str = "") -> str:
    """A Role or ClusterRole rule in one line, for reports and messages.

    With ``name`` it grants no more than this one object.
    """
    plural, _, group = resource.partition(".")
    only = f"resourceNames: [{name}], " if name else ""
    kind = f"Role in {namespace}" if namespace else "ClusterRole"
    return visible(
        f'{{apiGroups: ["{group}"], resources: [{plural}], {only}verbs: [{", ".join(verbs)}]}} '
        f"({kind})"
    )


def error_for(request: Request, status: int, content_type: str, body: bytes) -> ClusterError:
    """The failure that an HTTP answer of 300 or more means."""
    answer = _status_body(content_type, body)
    text = visible(mask(str(answer.get("message", ""))))[:500]
    reason = str(answer.get("reason", ""))
    if status == 401:
        return Unauthorized(
            "the API server does not accept the credentials of this kubeconfig (401)",
            next_command="migrate doctor    # after logging in to the cluster again",
        )
    if status == 403:
        return _forbidden(request, text, content_type)
    if status == 404:
        return _not_found(request, answer, content_type)
    if status == 409 and reason == "AlreadyExists":
        return AlreadyExists(
            f"there is already an object at {request.target}",
            next_command="migrate plan --name NEW-NAME    # after a look at it",
        )
    if status == 409:
        return stale(request)
    if status == 410:
        return ServerTrouble(
            f"the list for {request} expired while it was read", next_command="migrate scan"
        )
    if status in {400, 405, 406, 413, 415, 422}:
        return Invalid(
            f"the API server does not accept {request}: {text or f'HTTP {status}'}",
            next_command="migrate plan --name NAME",
        )
    if status == 429 or status >= 500:
        return ServerTrouble(
            f"the API server could not {request}: HTTP {status}" + (f", {text}" if text else ""),
            next_command="migrate doctor",
        )
    return not_kubernetes(f"HTTP {status}")


def stale(request: Request) -> Conflict:
    """The object is not as it was when it was read."""
    return Conflict(
        f"{request.target} was changed by somebody else since it was read",
        next_command="migrate plan --name NAME",
    )


def not_kubernetes(what: str) -> NotKubernetes:
    """The server named in the kubeconfig does not answer as a Kubernetes API does."""
    return NotKubernetes(
        f"the server of this kubeconfig does not answer like a Kubernetes API ({visible(what)})",
        next_command="migrate doctor    # after a look at the kubeconfig's `server:`",
    )


def too_much(request: Request, why: str) -> TooMuch:
    """An answer that has more in it than is read."""
    return TooMuch(
        f"the answer to {request} is too large: {why}",
        next_command="migrate doctor --namespace NS    # look at single namespaces",
    )


def _status_body(content_type: str, body: bytes) -> dict[str, Any]:
    if not content_type.startswith("application/json"):
        return {}
    try:
        answer = whole_values(parse_json(body))
    except NotJson:
        return {}
    return answer if isinstance(answer, dict) else {}


def _forbidden(request: Request, text: str, content_type: str) -> ClusterError:
    match = _RBAC.search(text)
    if match is None:
        if not content_type.startswith("application/json"):
            return not_kubernetes("HTTP 403 without a Kubernetes status")
        # Not RBAC: admission, quota, a namespace that is being deleted (recorded: 162).
        return ForbiddenHere(request.verb, request.resource, request.namespace, why=text)
    user = match["user"]
    if user == "system:anonymous":
        return Unauthorized(
            "no credentials reached the API server: it sees the user system:anonymous",
            next_command="migrate doctor    # after logging in there, or with another --context",
        )
    resource = match["resource"] or request.resource
    if match["resource"] and match["group"]:
        resource = f"{resource}.{match['group']}"
    # RBAC grants neither list nor create by an object's name.
    name = "" if match["verb"] in {"list", "create"} else request.name
    return ForbiddenHere(match["verb"], resource, match["namespace"] or "", name=name, user=user)


def _not_found(request: Request, answer: dict[str, Any], content_type: str) -> ClusterError:
    details = answer.get("details")
    # An object that is missing has its name in details; a resource or group that is not
    # served has empty details or a text/plain body (recorded: 070, 077, 079).
    if isinstance(details, dict) and details.get("name"):
        kind, name = str(details.get("kind", "")), str(details["name"])
        missing = visible(f"{kind} {name}".strip())
        where = f" in namespace {request.namespace}" if request.namespace else ""
        return ObjectGone(
            f"{missing} does not exist{'' if kind == 'namespaces' else where}",
            next_command="migrate plan --name NAME",
        )
    if not answer and not content_type.startswith("text/plain"):
        return not_kubernetes("HTTP 404 without a Kubernetes status")
    return NotServed(
        f"this cluster does not serve {request.resource}", next_command="migrate doctor"
    )
