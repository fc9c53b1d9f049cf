"""From a request to its handler: login, crumb, Overall/Read, path."""

from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from migrate.sandbox.faults import controller_has
from migrate.sandbox.jenkins import casc, computers, csp, scripting, sockets
from migrate.sandbox.jenkins.beans import Beans, who_am_i
from migrate.sandbox.jenkins.changes import CSP, JETTY_12, SAME_SITE
from migrate.sandbox.jenkins.context import SESSION_COOKIE, Context, Denied
from migrate.sandbox.jenkins.exports import BadTree, Bean, Depth, Pruner, parse_tree, render
from migrate.sandbox.jenkins.pages import IDENTITY, LONG_AGO, Pages, answer
from migrate.sandbox.jenkins.permissions import ADMINISTER, READ
from migrate.sandbox.jenkins.queue import queue
from migrate.sandbox.jenkins.security import Caller, new_session
from migrate.sandbox.jenkins.state import PROTOCOLS, Installation

CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)
Handler = Callable[[Context], Awaitable[web.StreamResponse]]


class Dispatcher:
    """Answers every request of one installation."""

    def __init__(
        self,
        home: Installation,
        port_is_on: Callable[[], bool],
        admin: Handler,
        reload: Handler,
    ) -> None:
        self.home = home
        self._port_is_on = port_is_on
        self._admin = admin
        """Runs scripts on the controller."""
        self._reload = reload
        """Loads configuration as code."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The one handler of the application."""
        home = self.home
        uri = request.rel_url.raw_path
        pages = Pages(home, uri)
        if not f"{uri}/".startswith(f"{home.context_path}/"):
            return pages.outside(str(request.url))
        if home.has(JETTY_12) and _half_an_upgrade(request):
            return pages.half_an_upgrade(str(request.url))
        caller = home.security.caller(request.headers.get("Authorization"))
        if caller is None:
            return pages.unauthorized(uri)
        request[CALLER] = caller
        context = Context(request, home, pages, caller)
        session = request.cookies.get(SESSION_COOKIE)
        if request.method == "POST" and not home.security.crumb_is_good(
            caller, session, request.headers.get("Jenkins-Crumb")
        ):
            return pages.jetty(403, "No valid crumb was included in the request", uri)
        try:
            response = await self._route(context)
        except Denied as denied:
            if caller.how == "anonymous":
                response = pages.login_required(request.rel_url.raw_path_qs)
            else:
                response = pages.denied(caller.name, denied.permission)
        for name, value in context.new_cookies.items():
            response.headers.add("Set-Cookie", f"{name}={value}; {self._cookie_words()}")
        return response

    def _cookie_words(self) -> str:
        words = f"Path={self.home.context_path or '/'}; HttpOnly"
        return f"{words}; SameSite=Lax" if self.home.has(SAME_SITE) else words

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """What every answer has: the container's name, and CspFilter's headers."""
        response.headers["Server"] = f"Jetty({self.home.release.jetty})"
        caller = request.get(CALLER)
        if self.home.has(CSP) and caller is not None:
            path = request.rel_url.raw_path.removeprefix(self.home.context_path)
            response.headers.update(csp.headers(self.home, caller, path))

    async def _route(self, context: Context) -> web.StreamResponse:
        segments = context.segments
        head = segments[0] if segments else ""
        free = await self._always_readable(context, head, segments[1:])
        if free is not None:
            return free
        context.require(READ)
        if not segments:
            return context.pages.html(200, "Dashboard [Jenkins]")
        if segments == ["api", "json"]:
            return self._export(context, Beans(self.home, context.caller).root())
        if segments == ["crumbIssuer", "api", "json"]:
            return self._crumb(context)
        if segments == ["script"]:
            context.require(ADMINISTER)
            return context.pages.html(200, "Script Console [Jenkins]")
        if head == "scriptText" and len(segments) == 1:
            return await self._admin(context)
        if segments == casc.SEGMENTS:
            return await self._reload(context)
        if head == "wsecho":
            return await sockets.echo(context)
        if segments == ["computer", "api", "json"]:
            return self._export(context, Beans(self.home, context.caller).computer_set())
        if segments == ["queue", "api", "json"]:
            return self._export(context, queue(self.home))
        if segments == ["computer", "doCreateItem"]:
            return await computers.create(context)
        if head == "computer" and len(segments) > 1:
            return await self._computer(context, segments[1], segments[2:])
        return context.pages.not_found()

    async def _always_readable(
        self, context: Context, head: str, rest: list[str]
    ) -> web.StreamResponse | None:
        if head == "login":
            return self._login(context)
        if head == "tcpSlaveAgentListener" and context.uri.endswith("/"):
            return self._listener(context)
        if head == "jnlpJars" and rest in (["agent.jar"], ["slave.jar"], ["remoting.jar"]):
            return self._jar(context, rest[0])
        if head == "whoAmI" and rest == ["api", "json"]:
            return self._export(context, who_am_i(context.caller))
        if head in ("wsagents", "cli") and not sockets.supported(context):
            return context.pages.not_found()
        if head == "wsagents" and not rest:
            if not context.uri.endswith("/"):
                return context.redirect("/wsagents/")
            return await sockets.agents(context)
        if head in ("cli", "tcpSlaveAgentListener") and not rest and context.uri.endswith(head):
            return context.redirect(f"/{head}/")
        if head == "cli" and rest == ["ws"]:
            return await sockets.cli(context)
        if head == "computer" and computers.is_encrypted_jnlp(context, rest):
            return computers.encrypted_jnlp(context, rest[0])
        return None

    async def _computer(self, context: Context, name: str, rest: list[str]) -> web.StreamResponse:
        beans = Beans(self.home, context.caller)
        if name in ("(built-in)", "(master)"):
            if rest == ["api", "json"]:
                return self._export(context, beans.built_in())
            return answer(400) if rest == ["config.xml"] else context.pages.not_found()
        computer = self.home.computers.get(name)
        if computer is None:
            return context.pages.not_found()
        if rest == ["api", "json"]:
            return self._export(context, beans.computer(computer))
        if rest == ["scriptText"]:
            return await scripting.on_node(context, computer)
        handler = computers.HANDLERS.get("/".join(rest))
        if handler is None:
            return context.pages.not_found()
        return await handler(context, computer)

    def _export(self, context: Context, bean: Bean) -> web.Response:
        query = context.request.query
        pruner: Pruner
        try:
            if "tree" in query:
                pruner = parse_tree(query["tree"])
            else:
                pruner = Depth(1 - int(query.get("depth", "0")))
        except (BadTree, ValueError) as error:
            return context.pages.jetty(400, f"Bad request: {error}", context.uri)
        return context.pages.json(render(bean, pruner), query.get("pretty") == "true")

    def _crumb(self, context: Context) -> web.Response:
        session = context.request.cookies.get(SESSION_COOKIE)
        if not session:
            session = new_session()
            context.new_cookies[SESSION_COOKIE] = session
        crumb = self.home.security.crumb(context.caller, session)
        page = context.pages.json(
            {
                "_class": "hudson.security.csrf.DefaultCrumbIssuer",
                "crumb": crumb,
                "crumbRequestField": "Jenkins-Crumb",
            }
        )
        if context.new_cookies:
            # Jetty expires what carries a new session.
            page.headers["Expires"] = LONG_AGO
        return page

    def _login(self, context: Context) -> web.Response:
        if controller_has(self.home.faults, "sso-login"):
            return context.pages.redirect("https://sso.example.test/authorize?client_id=jenkins")
        page = context.pages.html(200, "Sign in [Jenkins]", "Sign in to Jenkins")
        for name in ("X-Hudson-Theme", "Referrer-Policy", "Cross-Origin-Opener-Policy"):
            del page.headers[name]
        context.new_cookies[SESSION_COOKIE] = new_session()
        return page

    def _listener(self, context: Context) -> web.Response:
        if not self._port_is_on():
            return context.pages.not_found()
        port = str(self.home.advertised_port or self.home.agent_port)
        headers = [("X-Hudson-JNLP-Port", port), ("X-Jenkins-JNLP-Port", port)]
        if self.home.advertised_host:
            headers.append(("X-Jenkins-JNLP-Host", self.home.advertised_host))
        headers += [
            ("X-Instance-Identity", IDENTITY),
            ("X-Jenkins-Agent-Protocols", PROTOCOLS),
            ("X-Remoting-Minimum-Version", self.home.minimum_remoting),
        ]
        return answer(200, b"\n\n  Jenkins\n", "text/plain;charset=utf-8", headers)

    def _jar(self, context: Context, name: str) -> web.Response:
        if context.request.method not in ("GET", "HEAD"):
            return context.pages.post_required()
        named = ("Content-Disposition", f"attachment; filename={name}")
        if "If-Modified-Since" in context.request.headers:
            return answer(304, headers=[named])
        headers = [
            named,
            ("Last-Modified", formatdate(0, usegmt=True)),
            ("Expires", formatdate(0, usegmt=True)),
            ("Accept-Ranges", "bytes"),
        ]
        return answer(200, self.home.jar, "application/java-archive", headers)


def _half_an_upgrade(request: web.Request) -> bool:
    connection = request.headers.get("Connection", "").lower()
    return "Upgrade" in request.headers and "upgrade" not in connection
