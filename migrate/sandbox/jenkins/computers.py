"""Everything under /computer/NAME: config.xml, offline mark, disconnect, log, JNLP, delete."""

import html
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from aiohttp import web

from migrate.sandbox.agent.jnlp import sealed
from migrate.sandbox.jenkins.causes import by_user
from migrate.sandbox.jenkins.changes import MARK_IN_NODE, PAGE_KEEPS_MARK, REDACTED
from migrate.sandbox.jenkins.context import Context, Denied
from migrate.sandbox.jenkins.nodeconfig import INBOUND, BadConfig, BadName, NodeConfig
from migrate.sandbox.jenkins.pages import answer
from migrate.sandbox.jenkins.permissions import (
    CONFIGURE,
    CONNECT,
    CREATE,
    DELETE,
    DISCONNECT,
    EXTENDED_READ,
)
from migrate.sandbox.jenkins.state import Computer, Installation

JNLP_NAMES = ("jenkins-agent.jnlp", "slave-agent.jnlp")
_SECRET = re.compile(rb">\{[A-Za-z0-9+/]+={0,2}\}<")
"""hudson.util.Secret as it stands in XML: ENCRYPTED_VALUE_PATTERN."""
_JNLP_TYPE = "application/x-java-jnlp-file"


def _where(context: Context, tail: str = "") -> str:
    segments = context.uri.removeprefix(context.home.context_path).split("/")
    return "/".join(segments[: segments.index("computer") + 2]) + f"/{tail}"


async def config(context: Context, computer: Computer) -> web.StreamResponse:
    """GET and POST config.xml; any other verb is 400 (23-config-put.txt)."""
    if context.request.method in ("GET", "HEAD"):
        held = context.caller.permissions
        if not EXTENDED_READ.held_by(held):
            raise Denied(EXTENDED_READ if context.home.extended_read_on else CONFIGURE)
        body = computer.config.to_bytes()
        if context.home.has(REDACTED) and not CONFIGURE.held_by(held):
            body = _SECRET.sub(b">********<", body)
        return answer(200, body, "application/xml")
    if not context.post:
        return answer(400)
    context.require(CONFIGURE)
    body = await context.request.read()
    if context.request.content_type == "application/x-www-form-urlencoded" and (
        "Content-Type" in context.request.headers
    ):
        # The servlet container has eaten the body as form fields (23-config-form.txt).
        body = b""
    try:
        posted = NodeConfig.parse(body)
    except BadName as error:
        return context.pages.oops(400, str(error))
    except BadConfig as error:
        return context.pages.oops(500, f"A problem occurred while processing: {error}")
    if posted.root.tag != computer.config.root.tag:
        return context.pages.oops(400, "Node types do not match")
    context.home.reconfigure(computer, posted)
    return answer(200)


async def toggle(context: Context, computer: Computer) -> web.StreamResponse:
    """toggleOffline: a toggle, marking takes Disconnect and unmarking Connect."""
    if not context.post:
        return context.pages.post_required()
    if computer.mark is not None:
        context.require(CONNECT)
        computer.set_mark(None)
        context.home.schedule(computer)
    else:
        context.require(DISCONNECT)
        message = (await context.parameters()).get("offlineMessage", "").strip()
        computer.set_mark(by_user(context.caller.name, message or None))
        if context.home.on_marked is not None:
            context.home.on_marked(computer)
    return context.redirect(_where(context))


async def change_cause(context: Context, computer: Computer) -> web.StreamResponse:
    """changeOfflineCause: another reason for the mark."""
    if not context.post:
        return context.pages.post_required()
    context.require(DISCONNECT)
    message = (await context.parameters()).get("offlineMessage", "").strip()
    computer.set_mark(by_user(context.caller.name, message or None))
    return context.redirect(_where(context))


async def disconnect(context: Context, computer: Computer) -> web.StreamResponse:
    """doDisconnect: nothing for an offline node, which not even the permission is asked for
    (40-perm-read-disconnect.txt, 41-disconnect-by-reader-online.txt)."""
    if not context.post:
        return context.pages.post_required()
    if computer.channel is not None:
        context.require(DISCONNECT)
        message = (await context.parameters()).get("offlineMessage", "").strip()
        computer.detach(by_user(context.caller.name, message or None))
        context.home.disconnected_one()
    return context.redirect(_where(context))


async def launch(context: Context, computer: Computer) -> web.StreamResponse:
    """launchSlaveAgent: nothing to launch, leads to the log page; a page when it is connected."""
    if not context.post:
        return context.pages.post_required()
    context.require(CONNECT)
    if computer.channel is not None:
        return await page(context, computer)
    computer.launch()
    return context.redirect(_where(context, "log"))


async def delete(context: Context, computer: Computer) -> web.StreamResponse:
    """doDelete."""
    if not context.post:
        return context.pages.post_required()
    context.require(DELETE)
    context.home.remove(computer.name)
    return context.redirect("/computer/")


async def save_page(context: Context, computer: Computer) -> web.StreamResponse:
    """configSubmit: the node's page was saved, from the form's JSON."""
    if not context.post:
        return context.pages.post_required()
    context.require(CONFIGURE)
    try:
        form = json.loads((await context.parameters()).get("json", ""))
        posted = NodeConfig.parse(_from_form(str(form.get("name", "")), form))
    except (BadConfig, BadName, ValueError, AttributeError) as error:
        return context.pages.oops(400, str(error))
    home = context.home
    if computer.mark is not None and home.has(MARK_IN_NODE) and home.has(PAGE_KEEPS_MARK):
        posted.set_offline_cause(computer.mark.to_xml(with_message=True))
    home.reconfigure(computer, posted)
    return context.redirect(f"/computer/{quote(posted.name)}/")


async def page(context: Context, computer: Computer) -> web.StreamResponse:
    """The node's own page."""
    return context.pages.html(200, f"{computer.name} [Jenkins]")


async def log_page(context: Context, computer: Computer) -> web.StreamResponse:
    """The log's page."""
    _require_log(context)
    return context.pages.html(200, f"{computer.name} log [Jenkins]")


def _require_log(context: Context) -> None:
    held = context.caller.permissions
    if not (CONNECT.held_by(held) or EXTENDED_READ.held_by(held)):
        raise Denied(None)


def _log_part(context: Context, computer: Computer) -> tuple[bytes, list[tuple[str, str]]]:
    """The text from ``start`` on. X-Text-Size counts LF line ends, the body has CRLF."""
    _require_log(context)
    log = computer.log.read()
    try:
        start = int(context.request.query.get("start", "0"))
    except ValueError:
        start = 0
    # A rewound log is shorter than what the reader has seen: it starts again.
    part = log[start if 0 <= start <= len(log) else 0 :]
    headers = [("X-Text-Size", str(len(log))), ("X-More-Data", "true")]
    return part.replace(b"\n", b"\r\n"), headers


async def progressive_text(context: Context, computer: Computer) -> web.StreamResponse:
    """logText/progressiveText."""
    text, headers = _log_part(context, computer)
    return answer(200, text, "text/plain;charset=utf-8", headers)


async def progressive_html(context: Context, computer: Computer) -> web.StreamResponse:
    """logText/progressiveHtml."""
    text, headers = _log_part(context, computer)
    headers.insert(0, ("X-ConsoleAnnotator", secrets.token_hex(32)))
    body = html.escape(text.decode("utf-8", "replace"), quote=False).encode()
    return answer(200, body, "text/html;charset=utf-8", headers)


def jnlp_text(home: Installation, computer: Computer) -> str:
    """The JNLP file: argument order of jenkins-agent.jnlp.jelly (facts A2)."""
    launcher = computer.config.launcher
    arguments = [home.secret(computer.name), computer.name]
    if computer.config.web_socket:
        arguments.append("-webSocket")
    if computer.config.tunnel is not None:
        arguments += ["-tunnel", computer.config.tunnel]
    settings = None if launcher is None else launcher.find("workDirSettings")
    if settings is not None and settings.findtext("disabled") != "true":
        path = settings.findtext("workDirPath") or computer.config.text("remoteFS")
        arguments += ["-workDir", path, "-internalDir", settings.findtext("internalDir") or ""]
        if settings.findtext("failIfWorkDirIsMissing") == "true":
            arguments.append("-failIfWorkDirIsMissing")
    arguments += ["-url", home.inbound_url or home.url]
    items = "".join(f"<argument>{html.escape(a, quote=False)}</argument>" for a in arguments)
    return f"<jnlp><application-desc>{items}</application-desc></jnlp>"


async def jnlp(context: Context, computer: Computer) -> web.StreamResponse:
    """jenkins-agent.jnlp in clear: Agent/Connect, since it holds the secret."""
    context.require(CONNECT)
    if not computer.config.inbound:
        return context.pages.not_found()
    return answer(200, jnlp_text(context.home, computer).encode(), _JNLP_TYPE)


def is_encrypted_jnlp(context: Context, rest: list[str]) -> bool:
    """Whether this is the encrypted JNLP file, which anyone may fetch."""
    query = context.request.query
    return len(rest) == 2 and rest[1] in JNLP_NAMES and query.get("encrypt") == "true"


def encrypted_jnlp(context: Context, name: str) -> web.Response:
    """``?encrypt=true``: the file, sealed with the node's secret."""
    computer = context.home.computers.get(name)
    if computer is None or not computer.config.inbound:
        return context.pages.not_found()
    text = jnlp_text(context.home, computer).encode()
    return answer(200, sealed(text, context.home.secret(name)), "application/octet-stream")


async def create(context: Context) -> web.StreamResponse:
    """doCreateItem: a permanent agent from the form's JSON (24-create.txt)."""
    if not context.post:
        return context.pages.post_required()
    context.require(CREATE)
    fields = await context.parameters()
    name = fields.get("name", "")
    if name in context.home.computers:
        return context.pages.failure(f"Agent called ‘{name}’ already exists")
    if not fields.get("type", "").startswith("hudson.slaves.DumbSlave"):
        return context.pages.oops(400, f"No such type: {fields.get('type')}")
    try:
        form = json.loads(fields.get("json", ""))
        posted = NodeConfig.parse(_from_form(name, form))
    except (BadConfig, BadName, ValueError, AttributeError) as error:
        return context.pages.failure(str(error))
    context.home.add(posted)
    return context.redirect("/computer/")


def _from_form(name: str, form: dict[str, object]) -> bytes:
    from xml.etree.ElementTree import tostring

    root = Element("slave")
    for tag, key in (
        ("name", "name"),
        ("description", "nodeDescription"),
        ("remoteFS", "remoteFS"),
        ("numExecutors", "numExecutors"),
        ("mode", "mode"),
        ("label", "labelString"),
    ):
        value = name if tag == "name" else form.get(key)
        if value is not None:
            SubElement(root, tag).text = str(value)
    strategy = form.get("retentionStrategy")
    if isinstance(strategy, dict):
        SubElement(root, "retentionStrategy", {"class": _class_of(strategy)})
    launcher = form.get("launcher")
    if isinstance(launcher, dict):
        root.append(_form_launcher(launcher))
    body: bytes = tostring(root, "utf-8")
    return body


def _class_of(part: dict[str, object]) -> str:
    return str(part.get("$class") or part.get("stapler-class") or "")


def _form_launcher(part: dict[str, object]) -> Element:
    launcher = Element("launcher", {"class": _class_of(part)})
    if _class_of(part) != INBOUND:
        return launcher
    if part.get("tunnel"):
        SubElement(launcher, "tunnel").text = str(part["tunnel"])
    given = part.get("workDirSettings")
    settings = given if isinstance(given, dict) else {}
    work_dir = SubElement(launcher, "workDirSettings")
    SubElement(work_dir, "disabled").text = _flag(settings.get("disabled"))
    if settings.get("workDirPath"):
        SubElement(work_dir, "workDirPath").text = str(settings["workDirPath"])
    SubElement(work_dir, "internalDir").text = str(settings.get("internalDir") or "remoting")
    SubElement(work_dir, "failIfWorkDirIsMissing").text = _flag(
        settings.get("failIfWorkDirIsMissing")
    )
    SubElement(launcher, "webSocket").text = _flag(part.get("webSocket"))
    return launcher


def _flag(value: object) -> str:
    return "true" if value is True or str(value).lower() in ("true", "on") else "false"


HANDLERS: dict[str, Callable[[Context, Computer], Awaitable[web.StreamResponse]]] = {
    "": page,
    "config.xml": config,
    "toggleOffline": toggle,
    "changeOfflineCause": change_cause,
    "doDisconnect": disconnect,
    "configSubmit": save_page,
    "launchSlaveAgent": launch,
    "doDelete": delete,
    "log": log_page,
    "logText/progressiveText": progressive_text,
    "progressiveLog": progressive_text,
    "logText/progressiveHtml": progressive_html,
    "jenkins-agent.jnlp": jnlp,
    "slave-agent.jnlp": jnlp,
}
