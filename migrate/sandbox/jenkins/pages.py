"""The answers of Jenkins and of its Jetty: status, headers and the text that matters.

Headers and texts as recorded (01-, 05-, 08-, 10-node-nosuch, 15-, 21-*, 40-perm-*). HTML pages
carry the recorded title, not the recorded body of 70 to 90 kB.
"""

import html
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from aiohttp import web
from multidict import CIMultiDict

from migrate.sandbox.jenkins.changes import JETTY_12, OWN_NOT_FOUND, REDIRECT_SCRIPT, TITLES
from migrate.sandbox.jenkins.permissions import Permission
from migrate.sandbox.jenkins.state import Installation

IDENTITY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzYDIFDGj6xJsgtKVN3F46deiBi7A/dlUiIdlErtIHUJC"
    "5WPTuHJPjEfj7X9ZBat/t+KYThAoFMioHz/qdDRCDFR0ZX/ExPO6LxkbMmoNM5LxdbJTF4Ih6TG0E8TW0Uy/bjXF"
    "qdQLHJBZ/T01EgM93Y7IIDqMAwPUg4Y9iNyn3Ylyqpac5a7jVZkxAYawnjGEbO94cWaBgumy5Weej2o+mJAblQpy"
    "YMXwjaWHt0GRsXPbxTxVxKHIXLPzPe8OjN5FMBIRFjf4rDCJuWd3gldcs1DOnjil1qMldG5Y/yIfOPyrT/x7szwe"
    "wqoH/CirDoM3kpMrlJG3LpwejwI4ri36LwIDAQAB"
)
"""An instance identity (a public key); nothing is ever encrypted with it here."""

LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
_GROUPS = (
    "JENKINS-39402: use -Dhudson.security.AccessDeniedException2.REPORT_GROUP_HEADERS=true"
    " or use /whoAmI to diagnose"
)
_REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Server Error"}

Headers = Iterable[tuple[str, str]]


def answer(
    status: int, body: bytes = b"", content_type: str | None = None, headers: Headers = ()
) -> web.Response:
    """A response with exactly these headers; no Content-Type unless one is given."""
    all_headers: CIMultiDict[str] = CIMultiDict()
    all_headers["X-Content-Type-Options"] = "nosniff"
    for name, value in headers:
        all_headers.add(name, value)
    if content_type:
        all_headers["Content-Type"] = content_type
    reason = _REASONS.get(status)
    return web.Response(status=status, reason=reason, body=body, headers=all_headers)


class Pages:
    """Pages of one run of a controller (its session hash changes with each start)."""

    def __init__(self, home: Installation, uri: str) -> None:
        self.home = home
        self.uri = uri
        self.version = home.version
        self.session = home.session

    def short_headers(self) -> list[tuple[str, str]]:
        """The headers of exported JSON."""
        return [
            ("X-Jenkins", self.version),
            ("X-Jenkins-Session", self.session),
            ("X-Frame-Options", "deny"),
        ]

    def _marks(self) -> list[tuple[str, str]]:
        return [
            ("X-Hudson", "1.395"),
            ("X-Jenkins", self.version),
            ("X-Jenkins-Session", self.session),
        ]

    def html(self, status: int, title: str, text: str = "", headers: Headers = ()) -> web.Response:
        """A page with Jenkins' frame around it; its title ends in `` [Jenkins]``."""
        if self.home.has(TITLES):
            title = re.sub(r" \[Jenkins\]$", " - Jenkins", title)
        body = (
            f"<!DOCTYPE html><html><head><title>{html.escape(title)}</title></head>"
            f"<body>{html.escape(text)}</body></html>"
        )
        frame = [
            ("Expires", LONG_AGO),
            ("Cache-Control", "no-cache,no-store,must-revalidate"),
            ("X-Hudson-Theme", "default"),
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            *self._marks(),
            ("X-Frame-Options", "sameorigin"),
            ("X-Instance-Identity", IDENTITY),
        ]
        return answer(
            status, body.encode(), "text/html;charset=utf-8", [*tuple(headers), *tuple(frame)]
        )

    def not_found(self) -> web.Response:
        """Stapler found no such object: an unknown node, a closed TCP listener."""
        if not self.home.has(OWN_NOT_FOUND):
            return self.jetty(404, "Not Found", self.uri)
        page = self.html(404, "Not Found [Jenkins]", "Not Found")
        page.headers["Expires"] = "0"
        return page

    def oops(self, status: int, text: str, title: str = "Jenkins [Jenkins]") -> web.Response:
        """The page of a failed request."""
        return self.html(status, title, text)

    def failure(self, text: str) -> web.Response:
        """hudson.model.Failure; X-Error came with Jetty 12 or before it (24-create-again.txt)."""
        said = "".join(char if " " <= char <= "~" else " " for char in text)
        return self.html(400, "Jenkins [Jenkins]", text, [("X-Error", said)])

    def post_required(self, title: str = "Method Not Allowed [Jenkins]") -> web.Response:
        """405 for a GET where Jenkins wants POST."""
        return self.html(405, title, "This URL requires POST")

    def jetty(self, status: int, message: str, uri: str, headers: Headers = ()) -> web.Response:
        """Jetty's own error page, with which Stapler answers ``sendError``."""
        shown = html.escape(message)
        body = (
            "<html>\n<head>\n"
            '<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
            f"<title>Error {status} {shown}</title>\n</head>\n"
            f"<body><h2>HTTP ERROR {status} {shown}</h2>\n<table>\n"
            f"<tr><th>URI:</th><td>{html.escape(uri)}</td></tr>\n"
            f"<tr><th>STATUS:</th><td>{status}</td></tr>\n"
            f"<tr><th>MESSAGE:</th><td>{shown}</td></tr>\n"
            "<tr><th>SERVLET:</th><td>Stapler</td></tr>\n</table>\n"
            f"{self._powered_by()}</body>\n</html>\n"
        )
        return answer(
            status,
            body.encode("iso-8859-1", "xmlcharrefreplace"),
            "text/html;charset=iso-8859-1",
            [*tuple(headers), ("Cache-Control", "must-revalidate,no-cache,no-store")],
        )

    def _powered_by(self) -> str:
        site = "jetty.org/" if self.home.has(JETTY_12) else "eclipse.org/jetty"
        name = f"Powered by Jetty:// {self.home.release.jetty}"
        return f'<hr/><a href="https://{site}">{name}</a><hr/>\n\n'

    def outside(self, url: str) -> web.Response:
        """404 of the container for what is not below the context path (70-ctx-without.txt)."""
        return self._of_the_container(404, "Not Found", url)

    def half_an_upgrade(self, url: str) -> web.Response:
        """400 of Jetty 12 for Upgrade without ``Connection: Upgrade``
        (60-cli-ws-http10-conn-close.txt)."""
        return self._of_the_container(400, "Bad Request", url)

    def _of_the_container(self, status: int, message: str, url: str) -> web.Response:
        page = self.jetty(status, message, url)
        text = page.body.decode() if isinstance(page.body, bytes) else ""
        text = text.replace("<tr><th>SERVLET:</th><td>Stapler</td></tr>\n", "")
        page.body = text.replace("<body><h2>", "<body>\n<h2>").encode()
        del page.headers["X-Content-Type-Options"]
        return page

    def unauthorized(self, uri: str) -> web.Response:
        """401 for a wrong token or password (08-api-badtoken.txt)."""
        return self.jetty(401, "Unauthorized", uri, [("WWW-Authenticate", 'Basic realm="Jenkins"')])

    def login_required(self, path_qs: str) -> web.Response:
        """403 for anonymous: a page that sends a browser to the login (01-root-anon.txt)."""
        root = self.home.context_path
        target = f"{root}/login?from={quote(path_qs, safe='')}"
        script = f">window.location.replace('{target}');"
        if self.home.has(REDIRECT_SCRIPT):
            file = f"{root}/static/{self.session}/scripts/redirect.js"
            script = f" id='redirect' data-redirect-url='{target}' src='{file}'>"
        body = (
            f"<html><head><meta http-equiv='refresh' content='1;url={target}'/>"
            f"<script{script}</script></head>"
            "<body style='background-color:white; color:white;'>\n\n\n"
            "Authentication required\n<!--\n-->\n\n</body></html>"
        )
        headers = [("Expires", LONG_AGO), *self._marks()]
        return answer(403, body.encode().ljust(540), "text/html;charset=utf-8", headers)

    def denied(self, user: str, permission: Permission | None) -> web.Response:
        """403 for a user without ``permission``; None: any of several would do, none is named."""
        if permission is None:
            return self.html(403, "Jenkins", f"Access Denied: {user} is missing a permission")
        headers = [
            ("X-You-Are-Authenticated-As", user),
            ("X-You-Are-In-Group-Disabled", _GROUPS),
            ("X-Required-Permission", permission.id),
            *(("X-Permission-Implied-By", id_) for id_ in permission.implied_by_ids()),
        ]
        text = f"Access Denied: {user} is missing the {permission.name} permission"
        return self.html(403, "Jenkins", text, headers)

    def redirect(self, location: str) -> web.Response:
        """302 after a POST."""
        return answer(302, headers=[("Location", location)])

    def json(self, data: Any, pretty: bool = False) -> web.Response:
        """Exported JSON."""
        if pretty:
            text = json.dumps(data, ensure_ascii=False, indent=2, separators=(",", " : "))
        else:
            text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return answer(200, text.encode(), "application/json;charset=utf-8", self.short_headers())
