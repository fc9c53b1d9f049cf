"""From a request to an answer: authentication, routing, authorisation, dispatch."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from migrate.sandbox.kube import failures, listing, resources, watching
from migrate.sandbox.kube.access import ANONYMOUS, NO_SNIFF, Authorizer, Request, User
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.custom import Catalog
from migrate.sandbox.kube.failures import ApiFailure, Cause, PageNotFound
from migrate.sandbox.kube.faults import Meddler, Owner
from migrate.sandbox.kube.registry import APPLY, JSON, MERGE, STRATEGIC, Registry
from migrate.sandbox.kube.resources import Resource
from migrate.sandbox.kube.yaml_body import yaml_body

_JSON_TYPE = "application/json"
_TEXT_TYPE = "text/plain; charset=utf-8"
_VERSION = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "98b35193b2ac7a23a673325f5e9b830ecd5ba406",
    "gitTreeState": "clean",
    "buildDate": "2026-08-21T11:29:11Z",
    "goVersion": "go1.26.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_HEALTH = ("/readyz", "/livez", "/healthz")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OPTIONS = {
    "POST": "CreateOptions",
    "PUT": "UpdateOptions",
    "PATCH": "PatchOptions",
    "DELETE": "DeleteOptions",
}


@dataclass(frozen=True)
class Asked:
    """An HTTP request; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = _JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None

    @staticmethod
    def json(status: int, document: Any, headers: dict[str, str] | None = None) -> "Answer":
        """A compact JSON document, as the API server writes it."""
        body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        return Answer(status, body + b"\n", headers=headers or {})

    @staticmethod
    def too_large(limit: int) -> "Answer":
        """413."""
        message = f"Request entity too large: limit is {limit}"
        failure = ApiFailure(413, "RequestEntityTooLarge", message)
        return Answer.json(413, failure.body(), {"Connection": "close"})


@dataclass(frozen=True)
class Route:
    """A path on a resource, taken apart."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class Handler:
    """Answers requests; synchronous, as every answer comes from memory."""

    def __init__(
        self,
        registry: Registry,
        authorizer: Authorizer,
        port: Callable[[], int],
        meddler: Meddler | Owner | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self._catalog = catalog or Catalog()
        self._registry = registry
        self._authorizer = authorizer
        self._port = port
        self._meddler = meddler

    def answer(self, asked: Asked) -> Answer:
        """Answer a request; every failure becomes the Status that the API server sends."""
        try:
            user = self._authorizer.authenticate(asked.headers.get("authorization"))
            if user is None:
                raise failures.unauthorized()
            return self._route(asked, user)
        except ApiFailure as failure:
            return Answer.json(failure.code, failure.body(), failure.headers)
        except PageNotFound:
            return Answer(404, b"404 page not found\n", _TEXT_TYPE, NO_SNIFF)

    def _route(self, asked: Asked, user: User) -> Answer:
        path = asked.path.rstrip("/") or "/"
        if path == "/version":
            return Answer(200, json.dumps(_VERSION, indent=2).encode())
        if path in _HEALTH:
            return _health(path, "verbose" in asked.query)
        parts = path.strip("/").split("/")
        if parts[0] not in ("api", "apis"):
            self._authorizer.check_path(user, path)
            raise PageNotFound
        route = _parse(parts)
        if route is None:
            self._authorizer.check_path(user, path)
            return self._discovery(parts)
        if "impersonate-user" in asked.headers:
            user = self._impersonate(asked, user, route)
        request = _request(asked, route)
        self._authorizer.check(user, request)
        review = resources.find_review(route.group, route.version, route.plural)
        if review is not None:
            return self._review(asked, user, review)
        if not self._catalog.served(route.group):
            raise PageNotFound
        resource = self._catalog.find(route.group, route.version, route.plural)
        if resource is None or (route.subresource and not _has(resource, route.subresource)):
            raise failures.no_such_resource()
        return self._dispatch(asked, route, resource, request.verb)

    def _dispatch(self, asked: Asked, route: Route, resource: Resource, verb: str) -> Answer:
        pretty = _negotiate(asked.headers.get("accept", ""))
        if pretty is not None:
            return pretty
        headers = {"Warning": f'299 - "{resource.warning}"'} if resource.warning else {}
        if asked.method == "GET":
            if route.name:
                body = self._registry.get(Target(resource, route.namespace, route.name))
                return Answer.json(200, body, headers)
            if verb == "watch":
                stream = watching.watch(
                    self._registry.store, resource, route.namespace, asked.query
                )
                return Answer(200, headers=headers, stream=stream)
            listed = listing.list_objects(
                self._registry.store, resource, route.namespace, asked.query
            )
            return Answer.json(200, _form(asked, listed), headers)
        if asked.method == "POST" and not route.name:
            return self._create(asked, route, resource, headers)
        if not route.name or asked.method not in ("PUT", "PATCH", "DELETE"):
            raise failures.method_not_allowed()
        target = Target(resource, route.namespace, route.name)
        write = _write(asked, route)
        if self._meddler is not None and not write.dry_run:
            self._meddler.before(target)
        if asked.method == "DELETE":
            return self._delete(asked, target, write, headers)
        if asked.method == "PUT":
            written = self._registry.update(target, _document(asked), write)
        else:
            kind = asked.headers.get("content-type", "").split(";")[0].strip()
            written = self._registry.patch(target, kind, _patch_document(asked, kind), write)
        headers |= _warning(written.warnings)
        return Answer.json(201 if written.created else 200, written.body, headers)

    def _create(
        self, asked: Asked, route: Route, resource: Resource, headers: dict[str, str]
    ) -> Answer:
        body = _document(asked)
        if resource.namespaced and not route.namespace:
            raise failures.method_not_allowed()
        written = self._registry.create(resource, route.namespace, body, _write(asked, route))
        return Answer.json(201, written.body, headers | _warning(written.warnings))

    def _delete(
        self, asked: Asked, target: Target, write: Write, headers: dict[str, str]
    ) -> Answer:
        options: dict[str, Any] = {}
        dry_run = write.dry_run
        if asked.body.strip():
            # A body stands for all options, and the query is not looked at any more: a delete
            # with ?dryRun=All and a body deletes (handlers/delete.go of kube-apiserver 1.36.2).
            options = _document(asked)
            dry_run = options.get("dryRun") == ["All"]
        uid = self._registry.get(target)["metadata"]["uid"]
        kept = self._registry.delete(
            target, options.get("preconditions") or {}, Write(write.manager, dry_run)
        )
        if kept is not None:
            return Answer.json(200, kept, headers)
        details = {"name": target.name, "kind": target.resource.plural, "uid": uid}
        if target.resource.group:
            details["group"] = target.resource.group
        status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": details,
        }
        return Answer.json(200, status, headers)

    def _impersonate(self, asked: Asked, user: User, route: Route) -> User:
        name = asked.headers["impersonate-user"]
        if not user.allows("impersonate", "", "users", "", name):
            request = _request(asked, route)
            self._authorizer.check(user, request, f"impersonate-on:user-info:{request.verb}")
        return self._authorizer.named(name)

    def _review(self, asked: Asked, user: User, review: resources.Review) -> Answer:
        if asked.method != "POST":
            raise failures.method_not_allowed()
        body = _document(asked)
        document: dict[str, Any] = {
            "kind": review.kind,
            "apiVersion": f"{review.group}/{review.version}",
            "metadata": {},
        }
        if review.kind == "SelfSubjectReview":
            groups = [*user.groups] if user is ANONYMOUS else [*user.groups, "system:authenticated"]
            info = {"username": user.name, "uid": f"u-{user.name}", "groups": groups}
            document["status"] = {"userInfo": info}
        elif review.kind == "SelfSubjectRulesReview":
            document |= {"spec": {}, "status": self._authorizer.rules_review(user, body)}
        else:
            document["spec"] = body.get("spec", {})
            document["status"] = self._authorizer.access_review(user, body)
        return Answer.json(201, document)

    def _discovery(self, parts: list[str]) -> Answer:
        if parts == ["api"]:
            return Answer.json(
                200,
                {
                    "kind": "APIVersions",
                    "versions": ["v1"],
                    "serverAddressByClientCIDRs": [
                        {"clientCIDR": "0.0.0.0/0", "serverAddress": f"127.0.0.1:{self._port()}"}
                    ],
                },
            )
        if parts == ["apis"]:
            return Answer.json(200, self._catalog.group_list())
        known = self._catalog.group(parts[1]) if parts[0] == "apis" and len(parts) == 2 else None
        if known is not None:
            return Answer.json(200, {"kind": "APIGroup", "apiVersion": "v1", **known})
        group_name, version = ("", parts[-1]) if parts[0] == "api" else (parts[1], parts[-1])
        document = self._catalog.resource_list(group_name, version)
        if document is None:
            raise PageNotFound
        return Answer.json(200, document)


def _health(path: str, verbose: bool) -> Answer:
    name = path.strip("/")
    text = f"[+]ping ok\n[+]log ok\n{name} check passed\n" if verbose else "ok"
    return Answer(200, text.encode(), _TEXT_TYPE, NO_SNIFF)


def _parse(parts: list[str]) -> Route | None:
    """The route of a path on a resource; None for discovery paths."""
    if parts[0] == "api":
        group, rest = "", parts[1:]
    else:
        group, rest = (parts[1] if len(parts) > 1 else ""), parts[2:]
    if len(rest) < 2:
        return None
    version, rest = rest[0], rest[1:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    return Route(group, version, rest[0], namespace, name, "/".join(rest[2:]))


def _request(asked: Asked, route: Route) -> Request:
    if asked.method == "GET":
        watched = asked.query.get("watch") in ("1", "true")
        verb = "get" if route.name else ("watch" if watched else "list")
    else:
        verb = _VERBS.get(asked.method, asked.method.lower())
        if verb == "delete" and not route.name:
            verb = "deletecollection"
    namespace = route.name if route.plural == "namespaces" and route.name else route.namespace
    return Request(verb, route.group, route.plural, route.subresource, namespace, route.name)


def _has(resource: Resource, subresource: str) -> bool:
    return subresource == "status" and resource.status


def _negotiate(accept: str) -> Answer | None:
    """None for an acceptable Accept header, else the (indented) 406."""
    kinds = [part.split(";")[0].strip() for part in accept.split(",") if part.strip()]
    if not kinds or any(kind in (_JSON_TYPE, "*/*", "application/*") for kind in kinds):
        return None
    message = (
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf"
    )
    failure = ApiFailure(406, "NotAcceptable", message, {})
    return Answer(406, json.dumps(failure.body(), indent=2).encode())


def _form(asked: Asked, listed: dict[str, Any]) -> dict[str, Any]:
    accept = asked.headers.get("accept", "").split(",")[0]
    if "as=Table" in accept:
        return listing.as_table(listed)
    if "as=PartialObjectMetadataList" in accept:
        return listing.as_partial_list(listed)
    return listed


def _document(asked: Asked) -> dict[str, Any]:
    try:
        document = json.loads(asked.body)
    except ValueError as error:
        raise failures.bad_request(f"the object provided is unrecognized: {error}") from error
    if not isinstance(document, dict):
        raise failures.bad_request("the object provided is unrecognized")
    return document


def _patch_document(asked: Asked, kind: str) -> Any:
    if kind not in (JSON, MERGE, STRATEGIC, *APPLY):
        message = "415: Unsupported Media Type"
        raise ApiFailure(415, "UnsupportedMediaType", message, {})
    if kind in APPLY:
        return yaml_body(asked.body)
    try:
        return json.loads(asked.body)
    except ValueError as error:
        raise failures.bad_request(f"error decoding patch: {error}") from error


def _write(asked: Asked, route: Route) -> Write:
    options = _OPTIONS[asked.method]
    dry_run = asked.query.get("dryRun", "")
    if dry_run not in ("", "All"):
        message = f'Unsupported value: ["{dry_run}"]: supported values: "All"'
        raise failures.invalid_options(options, Cause("FieldValueNotSupported", message, "dryRun"))
    kind = asked.headers.get("content-type", "").split(";")[0].strip()
    manager = asked.query.get("fieldManager", "")
    if asked.method == "PATCH":
        if kind in APPLY and not manager:
            message = "Required value: is required for apply patch"
            raise failures.invalid_options(
                options, Cause("FieldValueRequired", message, "fieldManager")
            )
        if kind not in APPLY and asked.query.get("force"):
            message = "Forbidden: may not be specified for non-apply patch"
            raise failures.invalid_options(options, Cause("FieldValueForbidden", message, "force"))
    agent = asked.headers.get("user-agent", "unknown").split("/")[0]
    return Write(
        manager=manager or agent or "unknown",
        dry_run=dry_run == "All",
        force=asked.query.get("force") == "true",
        subresource=route.subresource,
        strict=asked.query.get("fieldValidation") == "Strict",
    )


def _warning(texts: tuple[str, ...]) -> dict[str, str]:
    if not texts:
        return {}
    escaped = [text.replace('"', '\\"') for text in texts]
    return {"Warning": ", ".join(f'299 - "{text}"' for text in escaped)}
