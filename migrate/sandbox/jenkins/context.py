"""One request as the handlers see it."""

from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

from migrate.sandbox.jenkins.changes import JETTY_12
from migrate.sandbox.jenkins.pages import Pages
from migrate.sandbox.jenkins.permissions import Permission
from migrate.sandbox.jenkins.security import Caller
from migrate.sandbox.jenkins.state import Installation

SESSION_COOKIE = "JSESSIONID.5a4db0c5"


class Denied(Exception):
    """The caller lacks a permission; None: any of several would do."""

    def __init__(self, permission: Permission | None) -> None:
        super().__init__(permission)
        self.permission = permission


@dataclass
class Context:
    """A request, who sends it, and what answers it."""

    request: web.Request
    home: Installation
    pages: Pages
    caller: Caller
    new_cookies: dict[str, str] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """The raw path, as Jetty's error pages show it."""
        return self.request.rel_url.raw_path

    @property
    def segments(self) -> list[str]:
        """Decoded path segments without empty ones."""
        path = self.uri.removeprefix(self.home.context_path)
        return [unquote(part) for part in path.split("/") if part]

    @property
    def post(self) -> bool:
        """Whether the method is POST."""
        return self.request.method == "POST"

    def require(self, permission: Permission) -> None:
        """``Denied`` when the caller lacks it."""
        if not permission.held_by(self.caller.permissions):
            raise Denied(permission)

    def absolute(self, path: str) -> str:
        """An absolute URL under the address that the client used."""
        headers = self.request.headers
        scheme = headers.get("X-Forwarded-Proto", self.request.scheme)
        host = headers.get("X-Forwarded-Host") or headers.get("Host") or "127.0.0.1"
        return f"{scheme}://{host}{path}"

    def redirect(self, path: str) -> web.Response:
        """302 to a path below the context path."""
        where = self.home.context_path + path
        return self.pages.redirect(where if self.home.has(JETTY_12) else self.absolute(where))

    @property
    def requested_origin(self) -> str:
        """Jenkins.getRootUrlFromRequest(), cut down to scheme, host and port."""
        scheme, _, rest = self.absolute("").partition("://")
        host, mark, port = rest.rpartition(":")
        if not mark or rest.endswith("]"):
            host, port = rest, ""
        port = self.request.headers.get("X-Forwarded-Port") or port
        usual = "443" if scheme == "https" else "80"
        return f"{scheme}://{host}" + ("" if port in ("", usual) else f":{port}")

    async def parameters(self) -> dict[str, str]:
        """Query and form fields together, the form wins."""
        fields = {key: str(value) for key, value in self.request.query.items()}
        if self.post:
            form = await self.request.post()
            fields |= {key: value for key, value in form.items() if isinstance(value, str)}
        return fields
