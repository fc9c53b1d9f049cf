"""The HTTP side: one aiohttp application in a thread of its own."""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from migrate.sandbox.kube.access import Authorizer, User, default_users
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.custom import Catalog
from migrate.sandbox.kube.faults import WRITES, Meddler, Outage, Owner, first_patch
from migrate.sandbox.kube.handler import Answer, Asked, Handler
from migrate.sandbox.kube.registry import Registry
from migrate.sandbox.kube.store import Store

_LIMIT = 3145728
"""kube-apiserver's limit of a request body in bytes."""


class KubeServer:
    """A Kubernetes API on 127.0.0.1.

    ``users``: who may log in (``access.default_users`` when None). ``faults``: ``conflict``
    (somebody else writes each object once, right before the first write of it), ``forbidden``
    (nobody may patch, update or delete any more). Kubeconfig files go to ``home``.
    """

    def __init__(
        self,
        home: Path,
        *,
        users: Iterable[User] | None = None,
        faults: frozenset[str] = frozenset(),
    ) -> None:
        self.home = home
        self.store = Store()
        self.registry = Registry(self.store)
        self.authorizer = Authorizer(tuple(users) if users is not None else default_users())
        self.port = 0
        if "forbidden" in faults:
            self.authorizer.withdrawn |= WRITES
        self._outage = Outage() if "api-away" in faults else None
        self._withdraws = "rbac-withdrawn" in faults
        meddler: Meddler | Owner | None = None
        if "conflict" in faults:
            meddler = Meddler(self.registry)
        elif "owner-reverts" in faults:
            meddler = Owner(self.registry)
        self.catalog = Catalog()
        self._handler = Handler(
            self.registry, self.authorizer, lambda: self.port, meddler, self.catalog
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None
        for name in ("default", "kube-system"):
            self.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; TLS is not imitated."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, body: dict[str, Any], *, manager: str = "helm") -> dict[str, Any]:
        """Create an object as an administrator would, under a field manager."""
        resource = self.catalog.of_object(body)
        if resource is None:
            raise ValueError(f"no such kind here: {body.get('apiVersion')} {body.get('kind')}")
        namespace = body["metadata"].get("namespace", "default") if resource.namespaced else ""
        written = self.registry.create(resource, namespace, body, Write(manager=manager))
        if "status" in body:
            target = Target(resource, namespace, body["metadata"]["name"])
            status = {"metadata": {"name": target.name}, "status": body["status"]}
            return self.registry.patch(
                target,
                "application/merge-patch+json",
                {"status": status["status"]},
                Write(manager=manager, subresource="status"),
            ).body
        return written.body

    def remove(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object as its owner would; ``Failure`` when there is none."""
        target = Target(self.catalog.of_kind(kind), namespace, name)
        self.registry.delete(target, {}, Write(manager="helm"))

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """An object as stored; None when there is none."""
        return self.store.read(Target(self.catalog.of_kind(kind), namespace, name).key)

    def user(self, name: str) -> User:
        """A user by name. ``KeyError`` for an unknown one."""
        for user in self.authorizer.users:
            if user.name == name:
                return user
        raise KeyError(name)

    def kubeconfig(self, user: str) -> Path:
        """Write (mode 0600) and return a kubeconfig file for a user."""
        found = self.user(user)
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "sandbox", "cluster": {"server": self.url}}],
            "users": [{"name": user, "user": {"token": found.token}}],
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
            "current-context": "sandbox",
        }
        self.home.mkdir(parents=True, exist_ok=True)
        path = self.home / f"kubeconfig-{user}.yaml"
        path.touch(mode=0o600)
        path.write_text(json.dumps(document, indent=2) + "\n")
        return path

    def start(self, port: int = 0) -> None:
        """Listen (on a free port when 0) and serve until ``stop``."""
        ready: threading.Event = threading.Event()
        failure: list[BaseException] = []

        def run() -> None:
            try:
                asyncio.run(self._serve(port, ready.set))
            except BaseException as error:
                failure.append(error)
            finally:
                ready.set()

        self._thread = threading.Thread(target=run, name="sandbox-kube", daemon=True)
        self._thread.start()
        ready.wait()
        if failure:
            raise failure[0]

    def stop(self) -> None:
        """Stop serving; harmless when it does not run."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._stopping is not None and thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join(10)

    def __enter__(self) -> "KubeServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _serve(self, port: int, ready: Callable[[], None]) -> None:
        from aiohttp import web

        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        application = web.Application(client_max_size=_LIMIT)
        application.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
            self.port = int(runner.addresses[0][1])
            ready()
            await self._stopping.wait()
        finally:
            await runner.cleanup()

    async def _handle(self, request: Any) -> Any:
        from aiohttp import web

        if self._outage is not None and self._outage.away:
            return _hang_up(request)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            answer = Answer.too_large(_LIMIT)
        else:
            asked = Asked(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers={key.lower(): value for key, value in request.headers.items()},
                body=body,
            )
            answer = self._handler.answer(asked)
            if self._outage is not None and self._outage.drops(request.method, request.path_qs):
                return _hang_up(request)
            if self._withdraws and first_patch(request.method, request.path_qs):
                self.authorizer.withdrawn |= WRITES
                self._withdraws = False
        headers = {
            "Audit-Id": str(uuid.uuid4()),
            "Cache-Control": "no-cache, private",
            "Content-Type": answer.content_type,
            **answer.headers,
        }
        if answer.stream is None:
            return web.Response(status=answer.status, body=answer.body, headers=headers)
        response = web.StreamResponse(status=answer.status, headers=headers)
        await response.prepare(request)
        async for line in answer.stream:
            await response.write(line)
        await response.write_eof()
        return response


def _hang_up(request: Any) -> Any:
    """End the connection without an answer."""
    from aiohttp import web

    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
