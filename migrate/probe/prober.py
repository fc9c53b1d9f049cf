"""The probes, through the address that agents use. Implements ``ProbePort``."""

import secrets
from collections.abc import Callable
from copy import copy
from dataclasses import replace

from migrate import __version__
from migrate.model.address import parse_address
from migrate.model.errors import MigrateError
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import (
    NO_SECRET,
    Request,
    Target,
    agent_handshake,
    as_tool,
    cli_handshake,
    login_request,
    new_key,
    plain_request,
)
from migrate.net.way import DIRECT, Way
from migrate.probe.asked import Asked
from migrate.probe.judge_agent import judge_hold, judge_probe_node
from migrate.probe.judge_bare import judge_bare
from migrate.probe.judge_front import Pair, judge_front
from migrate.probe.judge_http import (
    judge_cli,
    judge_listener,
    judge_login,
    judge_wsagents_bare,
    judge_wsagents_made_up,
    not_asked,
)
from migrate.probe.judge_port import judge_port
from migrate.probe.layers import layer_of
from migrate.probe.reply import Failure, NoReply, Reply, shown
from migrate.probe.sockets import judge_sockets, open_and_hold
from migrate.probe.tcp import ask_port
from migrate.probe.wire import Channel, Wire, tls_context

MOST_SOCKETS = 200
"""Of this tool at once: enough to meet a cap, too few to be a load."""
TOOL_USER_AGENT = f"migrate-probe/{__version__}"
_MADE_UP = "Upgrade: websocket; Node-Name: {}; Secret-Key: 0; X-Remoting-Capability"


class Prober:
    """Asks ``url`` as an agent would. ``timeout``: seconds for each request with its answer.

    ``way``: whom to trust, and what a proxy in front wants. Raises ``UsageProblem`` for a URL, or a
    file of the way, that cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 10.0,
        way: Way = DIRECT,
    ) -> None:
        self._address = parse_address(url)
        self.url = self._address.url
        self._target = Target(self.url)
        self._timeout = timeout
        self._way = way
        self._wire = Wire(self._address, timeout, tls_context(self._address, way), way.headers)

    def knowing(self, root_url: str | None, version: str | None) -> "Prober":
        """The same prober for a controller whose configured URL and version are known.

        They decide which Origin /cli/ws wants (``Target.cli_origin``).
        """
        known = copy(self)
        known._target = Target(self.url, root_url, version)
        return known

    def without_secret(self) -> tuple[ProbeAnswer, ...]:
        """Tier 1: five requests that touch no agent and carry no secret, as an agent sends them.

        Two of them are sent once more under this tool's own name; ``as-tool`` is there when those
        are answered otherwise.

        When the first gets no answer at all, the others are not tried: each would only wait
        for the same timeout.
        """
        made_up = f"migrate-no-such-node-{secrets.token_hex(4)}"
        login = self._asked("login", "GET", "login")
        came = self._wire.get(login_request(self._address))
        first = judge_login(login, came)
        version = came.headers.get("x-jenkins") if isinstance(came, Reply) else None
        bare = self._asked("wsagents-bare", "GET", "wsagents/", version=version)
        headers = self._asked(
            "wsagents-made-up", "GET", "wsagents/", _MADE_UP.format(made_up), version
        )
        cli = self._asked("cli-ws", "GET", "cli/ws", "Upgrade: websocket", version)
        listener = self._asked("tcp-listener", "GET", "tcpSlaveAgentListener/", version=version)
        if isinstance(came, NoReply) and came.kind is not Failure.PROTOCOL:
            rest = (bare, headers, cli, listener)
            return (first, *(not_asked(asked, first) for asked in rest))
        upgrade = self._cli(version)
        shaken = self._shake(upgrade)
        told = (
            first,
            judge_wsagents_bare(bare, self._plain(bare.path)),
            judge_wsagents_made_up(headers, self._made_up(made_up)),
            judge_cli(cli, shaken),
            judge_listener(listener, self._plain(listener.path)),
        )
        other = self._as_tool(came, upgrade, shaken)
        without = self._as_agent(came, upgrade, shaken)
        return (*told, *(answer for answer in (other, without) if answer is not None))

    def _as_agent(
        self, login: Reply | NoReply, upgrade: Request, shaken: Reply | NoReply
    ) -> ProbeAnswer | None:
        """The same without the headers and the certificate that no agent has by itself."""
        if not self._way.own:
            return None
        way = self._way.bare()
        plain = Wire(self._address, self._timeout, tls_context(self._address, way))
        came, channel = plain.upgrade(upgrade)
        if channel is not None:
            channel.close()
        ping = plain.get(login_request(self._address))
        asked = self._asked("as-agent", "GET", "login and /cli/ws")
        return judge_bare(asked, self._way.told, (login, ping), (shaken, came))

    def _as_tool(
        self, login: Reply | NoReply, upgrade: Request, shaken: Reply | NoReply
    ) -> ProbeAnswer | None:
        own = as_tool(login_request(self._address), TOOL_USER_AGENT)
        upgrade = as_tool(upgrade, TOOL_USER_AGENT)
        pairs = (
            Pair("GET /login", login, self._wire.get(own)),
            Pair("an upgrade of /cli/ws", shaken, self._shake(upgrade)),
        )
        return judge_front(self._asked("as-tool", "GET", "login and /cli/ws"), pairs)

    def hold_cli(self, hold: float) -> tuple[ProbeAnswer, ...]:
        """An upgrade on /cli/ws held for ``hold`` seconds: the idle timeout without any secret.

        Answers ``cli-ws`` and, after a 101, ``hold``. For users who may not make a probe
        node; it proves nothing of /wsagents/.
        """
        asked = self._asked("cli-ws", "GET", "cli/ws", "Upgrade: websocket")
        came, channel = self._wire.upgrade(self._cli(None))
        shaken = judge_cli(asked, came)
        return self._held(shaken, came, channel, hold, "cli/ws")

    def sockets(self, count: int, hold: float) -> ProbeAnswer:
        """``sockets``: so many upgrades of /cli/ws at once, each held for ``hold`` seconds.

        A front may cap the connections of one address, behind which all agents of a network
        stand. ``count`` is bounded by ``MOST_SOCKETS``.
        """
        count = max(1, min(count, MOST_SOCKETS))
        asked = Asked(
            "sockets",
            f"{count} WebSockets of /cli/ws at once, held for {hold:g} s",
            self.url,
            "cli/ws",
        )
        return judge_sockets(asked, count, open_and_hold(self._opener(), count, hold))

    def _opener(self) -> Callable[[], tuple[Reply | NoReply, Channel | None]]:
        return lambda: self._wire.upgrade(self._cli(None))

    def with_probe_node(
        self, controller: ControllerPort, node: str, hold: float
    ) -> tuple[ProbeAnswer, ...]:
        """Tier 2: a handshake on /wsagents/ as ``node``, which the caller made for it.

        Answers ``probe-node`` and, after a 101, ``hold``. The secret is read for this one
        request and is in no answer. Without Agent/Connect: ``not-done``.
        """
        asked = self._asked(
            "probe-node",
            "GET",
            "wsagents/",
            f"Upgrade: websocket; Node-Name: {shown(node, 80)}; Secret-Key of that node",
        )
        try:
            secret = controller.agent_secret(node)
        except MigrateError as error:
            return (not_done(asked, f"the secret of the probe node: {error.cause}"),)
        came, channel = self._wire.upgrade(agent_handshake(self._address, node, secret, new_key()))
        shaken = judge_probe_node(asked, _without(came, secret))
        return self._held(shaken, came, channel, hold, "wsagents/")

    def tcp_port(self, host: str, port: int) -> ProbeAnswer:
        """``tcp-port``: GET on the raw agent port, on every address of ``host``."""
        return judge_port(host, port, ask_port(host, port, self._timeout))

    def _held(
        self,
        shaken: ProbeAnswer,
        came: Reply | NoReply,
        channel: Channel | None,
        hold: float,
        path: str,
    ) -> tuple[ProbeAnswer, ...]:
        if channel is None or not isinstance(came, Reply):
            return (shaken,)
        try:
            held = channel.hold(hold)
        finally:
            channel.close()
        asked = Asked("hold", f"the WebSocket of /{path} held for {hold:g} s", self.url, path)
        return (shaken, judge_hold(asked, held, layer_of(came.headers)))

    def _made_up(self, node: str) -> Reply | NoReply:
        return self._shake(agent_handshake(self._address, node, NO_SECRET, new_key()))

    def _cli(self, seen: str | None) -> Request:
        """The upgrade of /cli/ws; ``seen``: the version in an answer of this very probe."""
        target = replace(self._target, version=self._target.version or seen)
        return cli_handshake(target, new_key())

    def _plain(self, path: str) -> Reply | NoReply:
        return self._wire.get(plain_request(self._address, path))

    def _shake(self, request: Request) -> Reply | NoReply:
        came, channel = self._wire.upgrade(request)
        if channel is not None:
            channel.close()
        return came

    def _asked(
        self, id: str, method: str, path: str, headers: str = "", version: str | None = None
    ) -> Asked:
        head = f" ({headers})" if headers else ""
        return Asked(id, f"{method} /{path}{head}", self.url, path, version)


def not_done(asked: Asked, why: str) -> ProbeAnswer:
    """Tier 2 could not be tried: what apply then wants."""
    return asked.answer(
        "not done",
        Verdict.INCONCLUSIVE,
        "jenkins",
        f"the handshake on /wsagents/ was not tried: {shown(why, 300)}",
        "give the user Agent/Create, Agent/Connect and Agent/Delete, or let apply go on unproven "
        "with --accept-unproven-upgrade",
        "not-done",
    )


def _without(came: Reply | NoReply, secret: str) -> Reply | NoReply:
    """``came``, should the far side echo the secret in what is shown of it."""
    if isinstance(came, NoReply) or not secret:
        return came
    return Reply(
        came.status,
        came.reason.replace(secret, "****"),
        {name: value.replace(secret, "****") for name, value in came.headers.items()},
        came.body.replace(secret, "****"),
    )
