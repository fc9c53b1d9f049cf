"""From a request to its handler: login, crumb, Overall/Read, path."""

from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from migrate.sandbox.jenkins import casc, computers, scripting, sockets
from migrate.sandbox.jenkins.beans import Beans, who_am_i
from migrate.sandbox.jenkins.context import SESSION_COOKIE, Context, Denied
from migrate.sandbox.jenkins.exports import BadTree, Bean, Depth, Pruner, parse_tree, render
from migrate.sandbox.jenkins.faults import controller_has
from migrate.sandbox.jenkins.pages import IDENTITY, LONG_AGO, Pages, answer
from migrate.sandbox.jenkins.permissions import READ
from migrate.sandbox.jenkins.queue import queue
from migrate.sandbox.jenkins.security import new_session
from migrate.sandbox.jenkins.state import PROTOCOLS, Installation

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
        pages = Pages(home.version, home.session)
        uri = request.rel_url.raw_path
        caller = home.security.caller(request.headers.get("Authorization"))
        if caller is None:
            return pages.unauthorized(uri)
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
            response.headers.add("Set-Cookie", f"{name}={value}; Path=/; HttpOnly")
        return response

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
        if head == "tcpSlaveAgentListener":
            return self._listener(context)
        if head == "jnlpJars" and rest in (["agent.jar"], ["slave.jar"], ["remoting.jar"]):
            return self._jar(context, rest[0])
        if head == "whoAmI" and rest == ["api", "json"]:
            return self._export(context, who_am_i(context.caller))
        if head in ("wsagents", "cli") and not sockets.supported(context):
            return context.pages.not_found()
        if head == "wsagents" and not rest:
            if not context.uri.endswith("/"):
                return context.pages.redirect(context.absolute(f"{context.uri}/"))
            return await sockets.agents(context)
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
        headers = [
            ("Content-Disposition", f"attachment; filename={name}"),
            ("Last-Modified", formatdate(0, usegmt=True)),
            ("Expires", formatdate(0, usegmt=True)),
            ("Accept-Ranges", "bytes"),
        ]
        return answer(200, self.home.jar, "application/java-archive", headers)
