"""What the script on an agent's own host saw, judged by the same tables. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.probe_meaning import cli_meaning
from migrate.probe.asked import Asked
from migrate.probe.judge_http import judge_cli, judge_wsagents_made_up
from migrate.probe.reply import NoReply, Reply, no_reply_from_java, shown

_TRUST = (
    "make the agent's Java trust the certificate: -Djavax.net.ssl.trustStore, or -cert with "
    "remoting >= 3299"
)
_BY_CURL = ", by its curl"
_MADE_UP = "Upgrade: websocket; made-up Node-Name"


def judge_host_probe(
    result: Mapping[str, object], url: str = "", *, curl: bool = False
) -> tuple[ProbeAnswer, ...]:
    """``login``, ``wsagents-made-up`` and ``cli-ws``, as the script ``probe-from-host`` saw them.

    ``result`` is the script's JSON; whatever is missing or of another type in it becomes an
    inconclusive answer. ``url`` is the address that was asked, to show it. ``curl``: that host's
    curl asked, and not the agent's Java.
    """
    by = _by(result.get("via"), curl=curl)
    made_up = _asked("wsagents-made-up", "wsagents/", url, _MADE_UP, by)
    cli = _asked("cli-ws", "cli/ws", url, "Upgrade: websocket", by)
    return (
        # Java's own client finds its way by itself, which may be another.
        _login(
            _asked("login", "login", url, by=_by(result.get("login_via"), curl=curl)),
            _part(result, "login"),
        ),
        _wsagents(made_up, result),
        _cli(cli, _part(result, "cli_ws")),
    )


def _by(via: object, *, curl: bool) -> str:
    """The way that a request went, to show it."""
    told = shown(via, 160) if isinstance(via, str) and via else ""
    if curl:
        return f"{_BY_CURL}, {told}" if told else _BY_CURL
    return f", through the proxy {told}" if told else ""


def _asked(id: str, path: str, url: str, headers: str = "", by: str = "") -> Asked:
    head = f" ({headers})" if headers else ""
    return Asked(id, f"GET /{path}{head} from the agent's host{by}", url, path)


def _part(result: Mapping[str, object], key: str) -> Reply | NoReply | None:
    """A part of the result as reply; None when the script did not say."""
    part = result.get(key)
    if not isinstance(part, dict):
        return None
    status, error, body = part.get("status"), part.get("error"), part.get("body")
    if isinstance(status, int) and not isinstance(status, bool):
        text = body if isinstance(body, str) else ""
        return Reply(status, headers=_headers(part.get("headers")), body=text)
    return no_reply_from_java(error) if isinstance(error, str) and error else None


def _headers(told: object) -> dict[str, str]:
    if not isinstance(told, dict):
        return {}
    named = ((str(name).lower(), value) for name, value in told.items())
    return {name: value for name, value in named if isinstance(value, str)}


def _silent(asked: Asked) -> ProbeAnswer:
    return asked.answer(
        "no result",
        Verdict.INCONCLUSIVE,
        "network",
        "the script on the agent's host did not say what it was answered",
        "try the same request with curl on that host",
        "not-done",
    )


def _no_reply(asked: Asked, came: NoReply) -> ProbeAnswer:
    found = asked.no_answer(came)
    if came.detail.endswith("to CONNECT"):
        return asked.answer(
            came,
            Verdict.FAIL,
            "proxy",
            f"the forward proxy on the way from its host opens none: {came.detail}",
            "let that proxy open the controller's address by CONNECT, or name the right one in the "
            "agent's Java options (-Dhttps.proxyHost, -Dhttps.proxyPort, -Dhttp.nonProxyHosts)",
            "forward-proxy",
        )
    if _BY_CURL in asked.request and found.code == "tls":
        # The agent's Java has a trust store of its own.
        return replace(found, verdict=Verdict.INCONCLUSIVE)
    host = urlsplit(asked.url).netloc or "the controller"
    if found.code != "tls":
        return found
    return asked.answer(
        came,
        Verdict.FAIL,
        "tls",
        f"the agent's Java does not accept TLS of {host}: {came.detail}",
        _TRUST,
        "tls",
    )


def _login(asked: Asked, came: Reply | NoReply | None) -> ProbeAnswer:
    if came is None:
        return _silent(asked)
    if isinstance(came, NoReply):
        return _no_reply(asked, came)
    if came.status == 200:
        # The agent asks no more than this: it looks at the status alone.
        return asked.answer(came, Verdict.PASS, "jenkins", "/login answers 200 to that host")
    if (front := asked.in_front(came)) is not None:
        return front
    return asked.wrong_path(came) if came.status == 404 else asked.unexpected(came)


def _wsagents(asked: Asked, result: Mapping[str, object]) -> ProbeAnswer:
    came = _part(result, "wsagents")
    if came is None:
        return _silent(asked)
    if isinstance(came, NoReply):
        return _no_reply(asked, came)
    return judge_wsagents_made_up(asked, came)


def _cli(asked: Asked, came: Reply | NoReply | None) -> ProbeAnswer:
    if came is None:
        return _silent(asked)
    if isinstance(came, NoReply):
        return _no_reply(asked, came)
    if came.status == 400 and not came.body:
        # No body is reported here; Jenkins gives 400 on this path only for Upgrade.
        meant = cli_meaning(400)
        return asked.answer(came, Verdict.INCONCLUSIVE, "proxy", meant.cause, meant.fix, meant.code)
    return judge_cli(asked, came)
