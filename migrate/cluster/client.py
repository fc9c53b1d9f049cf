"""The Kubernetes API as the steps and the scan use it: plain dicts, few verbs, clear failures."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from migrate.cluster.connect import Connection, connect
from migrate.cluster.errors import (
    Invalid,
    ObjectGone,
    Request,
    TooMuch,
    error_for,
    not_kubernetes,
    stale,
)
from migrate.cluster.exchange import Answer, lost, parsed, read_answer, retries
from migrate.cluster.kinds import Kind, kind_of
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.model.waiting import Standstill, Unwatched
from migrate.net.bounded import PACKINGS

FIELD_MANAGER = "jenkins-agent-migrate"
"""Under this name the API server records what this tool changed."""
PAGE = 500
"""Objects in one page of a list: bounds memory in clusters with many objects."""
_EXPIRED = 410
_MAX_EXPIRED = 3
"""How often one list may expire before it is given up."""


class ClusterClient:
    """``migrate.model.ports.ClusterPort`` over the official client's configuration and TLS.

    Nothing is read or sent before the first call. ``timeout`` is in seconds, for each answer with
    all its tries. Reads are retried when the connection fails or the server
    is overloaded; changes never are.
    """

    def __init__(
        self,
        kubeconfig: Path | None = None,
        context: str | None = None,
        *,
        timeout: float = 15.0,
        insecure_http: bool = False,
    ) -> None:
        self._kubeconfig = kubeconfig
        self._wanted_context = context
        self._timeout = timeout
        self._insecure_http = insecure_http
        self._open: Connection | None = None
        # Two threads must not import and open at once: the import of the official client is
        # circular, and another thread would see half of it.
        self._opening = threading.Lock()
        self._standstill: Standstill | Unwatched = Unwatched()

    def tell_standstill(self, tell: Callable[[str], None]) -> None:
        """Say through ``tell`` when the API server (or the etcd behind it) gives no answer for some
        seconds, and when it does again."""
        self._standstill = Standstill("the Kubernetes API", tell)

    @property
    def context(self) -> str:
        """The kubeconfig context in use, or ``in-cluster``. Raises ``NoKubeconfig``."""
        return self._connection.context

    @property
    def namespace(self) -> str:
        """The context's namespace. Raises ``NoKubeconfig``."""
        return self._connection.namespace

    @property
    def proxy(self) -> str:
        """The proxy on the way, without its password; empty: none. Raises ``NoKubeconfig``."""
        return self._connection.proxy

    @property
    def _connection(self) -> Connection:
        with self._opening:
            if self._open is None:
                self._open = connect(
                    self._kubeconfig, self._wanted_context, insecure_http=self._insecure_http
                )
            return self._open

    def close(self) -> None:
        """Close pooled connections; the client may be used again."""
        if self._open is not None:
            self._open.pool.clear()

    def server_version(self) -> str:
        """``gitVersion`` of /version, e.g. ``v1.31.4``; open to every user."""
        body = self._call(Request("get", "/version"), "GET", "/version")
        return visible(str(body.get("gitVersion", "")))

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        """Read one object; ``ObjectGone`` when there is none."""
        place = kind_of(kind)
        request = Request("get", place.resource, namespace, name)
        return self._call(request, "GET", place.path(namespace, name))

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Served API groups and their versions, the preferred one first; one call."""
        body = self._call(Request("get", "/apis"), "GET", "/apis")
        found: dict[str, tuple[str, ...]] = {}
        for item in body.get("groups") or []:
            preferred = (item.get("preferredVersion") or {}).get("version")
            versions = [str(v.get("version")) for v in item.get("versions") or []]
            versions.sort(key=lambda version: version != preferred)
            found[str(item.get("name"))] = tuple(versions)
        return found

    def plurals(self, group: str, version: str) -> frozenset[str]:
        """Names of the resources in one version of a group, as discovery lists them."""
        path = f"/apis/{group}/{version}"
        body = self._call(Request("get", path), "GET", path)
        return frozenset(str(item.get("name")) for item in body.get("resources") or [])

    def objects(
        self, kind: str, namespace: str | None = None, *, place: Kind | None = None
    ) -> Iterator[dict[str, Any]]:
        """Objects of a kind, page by page; ``namespace`` None: of all namespaces.

        ``place``: where it lives in the API, for kinds that this tool does not know by itself.
        ``kind`` and ``apiVersion`` are filled in, since items of a list lack them. A list that
        expires half-way goes on with the fresh token that the server gives (recorded: 189,
        190), so an object that changes meanwhile may be seen in its newer state.
        """
        place = place or kind_of(kind)
        request = Request("list", place.resource, namespace or "")
        token = ""
        expired = 0
        size = PAGE
        while True:
            query = {"limit": str(size)} | ({"continue": token} if token else {})
            going_on = bool(token) and expired < _MAX_EXPIRED
            try:
                page = self._call(request, "GET", place.path(namespace), query, going_on=going_on)
            except TooMuch:
                # 500 ConfigMaps of 1 MiB each are honest, too.
                if size == 1:
                    raise
                size = max(size // 10, 1)
                continue
            expired += "items" not in page
            for item in page.get("items") or []:
                yield {"apiVersion": place.api_version, "kind": kind.partition(".")[0]} | item
            last, token = token, (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return
            if token == last and "items" in page:
                raise not_kubernetes("a list that does not end")

    def json_patch(
        self,
        kind: str,
        namespace: str,
        name: str,
        patch: list[dict[str, Any]],
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """JSON patch under ``FIELD_MANAGER``; returns the object as it is afterwards.

        Guard it with ``replace /metadata/resourceVersion``: a stale read is then ``Conflict``,
        where a failing ``test`` is an ``Invalid`` that does not say what failed. A path that went
        away meanwhile is a 422 too, before the API server compares versions (recorded: 23): then
        the version is read again, and a stale one is the ``Conflict`` that it is.
        """
        place = kind_of(kind)
        request = Request("patch", place.resource, namespace, name)
        path = place.path(namespace, name)
        try:
            return self._call(
                request,
                "PATCH",
                path,
                _write(dry_run),
                body=patch,
                content_type="application/json-patch+json",
            )
        except Invalid:
            guard = _guarded_version(patch)
            if guard is None or guard == self._version(kind, namespace, name):
                raise
            raise stale(request) from None

    def _version(self, kind: str, namespace: str, name: str) -> str:
        meta = self.get(kind, namespace, name).get("metadata") or {}
        return str(meta.get("resourceVersion", ""))

    def create(
        self, kind: str, namespace: str, body: dict[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Create an object; ``AlreadyExists`` when its name is taken."""
        place = kind_of(kind)
        name = str((body.get("metadata") or {}).get("name", ""))
        full = body | {"apiVersion": place.api_version, "kind": kind}
        request = Request("create", place.resource, namespace, name)
        return self._call(request, "POST", place.path(namespace), _write(dry_run), body=full)

    def delete(
        self, kind: str, namespace: str, name: str, *, uid: str, dry_run: bool = False
    ) -> None:
        """Delete the object with this uid; nothing when it is gone already.

        ``Conflict`` when another object has taken its name. An object with a finalizer is still
        there afterwards: read it back.
        """
        place = kind_of(kind)
        request = Request("delete", place.resource, namespace, name)
        options: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        if dry_run:
            # In the body: with a body the query is ignored, and ?dryRun=All would really delete
            # (apiserver/pkg/endpoints/handlers/delete.go; seen on kube-apiserver 1.36.2).
            options["dryRun"] = ["All"]
        try:
            self._call(request, "DELETE", place.path(namespace, name), body=options)
        except ObjectGone:
            return

    def allowed(self, verb: str, kind: str, namespace: str, name: str = "") -> bool:
        """SelfSubjectAccessReview: whether this user may; ``namespace`` empty: everywhere.

        With ``name`` a Role that names the object (``resourceNames``) is enough; without it only
        one for all objects of the kind is (kubernetes plugin/pkg/auth/authorizer/rbac/rbac.go,
        RuleAllows). A ``create`` has no name to be granted by.
        """
        place = kind_of(kind)
        attributes = {"verb": verb, "group": place.group, "resource": place.plural}
        if namespace:
            attributes["namespace"] = namespace
        if name and verb != "create":
            attributes["name"] = name
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        request = Request("create", "selfsubjectaccessreviews.authorization.k8s.io")
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        # A review changes nothing, so it may be repeated like a read.
        answer = self._call(request, "POST", path, body=body, repeatable=True)
        return (answer.get("status") or {}).get("allowed") is True

    def _call(
        self,
        request: Request,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        *,
        body: Any = None,
        content_type: str = "application/json",
        repeatable: bool | None = None,
        going_on: bool = False,
    ) -> dict[str, Any]:
        """One exchange. ``going_on``: an expired list answers with its fresh token."""
        safe = method == "GET" if repeatable is None else repeatable
        url = path + (f"?{urlencode(query)}" if query else "")
        payload = None if body is None else json.dumps(body).encode()
        answer = self._send(request, method, url, payload, content_type=content_type, safe=safe)
        kind = answer.kind
        if answer.status == _EXPIRED and going_on:
            token = (parsed(request, answer.data).get("metadata") or {}).get("continue")
            if token:
                return {"metadata": {"continue": token}}
        if not 200 <= answer.status < 300:
            raise error_for(request, answer.status, kind, answer.data)
        if not kind.startswith("application/json"):
            raise not_kubernetes(f"HTTP {answer.status} with {kind or 'no Content-Type'}")
        return parsed(request, answer.data)

    def _send(
        self,
        request: Request,
        method: str,
        url: str,
        payload: bytes | None,
        *,
        content_type: str,
        safe: bool,
    ) -> Answer:
        import urllib3

        from migrate.net.pools import Within

        connection = self._connection
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": PACKINGS,
            "User-Agent": FIELD_MANAGER,
        }
        headers |= connection.headers()
        if payload is not None:
            headers["Content-Type"] = content_type
        try:
            with self._standstill.watching():
                response = connection.pool.request(
                    method,
                    connection.host + url,
                    body=payload,
                    headers=headers,
                    timeout=Within(self._timeout, self._timeout),
                    retries=retries() if safe else False,
                    redirect=False,
                    preload_content=False,
                )
                return read_answer(request, response, lost_by=None if safe else connection.told)
        except urllib3.exceptions.HTTPError as error:
            raise lost(request, connection, error, safe=safe) from None
        except ValueError as error:
            # urllib3 refuses a URL that it cannot take apart.
            raise not_kubernetes(f"bad server address: {mask(str(error))[:200]}") from None


def _write(dry_run: bool) -> dict[str, str]:
    return {"fieldManager": FIELD_MANAGER} | ({"dryRun": "All"} if dry_run else {})


def _guarded_version(patch: list[dict[str, Any]]) -> str | None:
    guards = (op["value"] for op in patch if op.get("path") == "/metadata/resourceVersion")
    return next(guards, None)
