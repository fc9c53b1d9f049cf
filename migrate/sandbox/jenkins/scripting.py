"""The script console: no Groovy, but the same results for this tool's own scripts.

A script of the tool starts with ``// migrate-script: NAME <base64url of its JSON arguments>``;
a few others that the recordings hold are known by their text. Anything else is answered like
a script that does not compile: 200 and a stack trace (21-script-syntax.txt).
"""

import base64
import binascii
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from migrate.sandbox.jenkins.channel import Channel, ChannelGone, ScriptError
from migrate.sandbox.jenkins.cloud_scripts import changed, listed
from migrate.sandbox.jenkins.context import Context
from migrate.sandbox.jenkins.inventory import inventory
from migrate.sandbox.jenkins.owner_script import node_owners
from migrate.sandbox.jenkins.pages import answer
from migrate.sandbox.jenkins.permissions import ADMINISTER
from migrate.sandbox.jenkins.runlock import run_lock
from migrate.sandbox.jenkins.state import Computer

SetPort = Callable[[int], Awaitable[None]]

_MARK = re.compile(r"\s*// migrate-script: ([a-z-]+) ([A-Za-z0-9_=-]*)\s*$")
_TRACE = (
    "\tat org.codehaus.groovy.runtime.callsite.CallSiteArray.defaultCall(CallSiteArray.java:47)",
    "\tat Script1.run(Script1.groovy:1)",
    "\tat groovy.lang.GroovyShell.evaluate(GroovyShell.java:574)",
    "\tat hudson.util.RemotingDiagnostics$Script.call(RemotingDiagnostics.java:149)",
)
_NO_PROCESS_HANDLE = (
    "java.lang.VerifyError: (class: java_lang_ProcessHandle$current, method: callStatic signature:"
    " (Ljava/lang/Class;[Ljava/lang/Object;)Ljava/lang/Object;) Illegal type in constant pool"
)


def parse(script: str) -> tuple[str, dict[str, Any]] | None:
    """Name and arguments of one of the tool's scripts, None for any other."""
    match = _MARK.match(script.splitlines()[0] if script else "")
    if not match:
        return None
    padded = match[2] + "=" * (-len(match[2]) % 4)
    try:
        arguments = json.loads(base64.urlsafe_b64decode(padded) or b"{}")
    except (binascii.Error, ValueError):
        return None
    return (match[1], arguments) if isinstance(arguments, dict) else None


def result_text(result: Any) -> str:
    """What the tool's scripts print: JSON between two marker lines."""
    return f"<<<migrate\n{json.dumps(result)}\nmigrate>>>\n"


def thrown(message: str) -> str:
    """A stack trace, as the console prints it."""
    return "\n".join((message, *_TRACE, ""))


def _does_not_compile(script: str) -> str:
    first = (script.splitlines() or [""])[0]
    return thrown(
        "org.codehaus.groovy.control.MultipleCompilationErrorsException: startup failed:\n"
        f"Script1.groovy: 1: unexpected token:  @ line 1, column {len(first) + 1}.\n"
        f"   {first}\n   {' ' * len(first)}^\n\n1 error\n"
    )


def _text(text: str) -> web.Response:
    return answer(200, text.encode(), "text/plain;charset=utf-8")


async def on_controller(context: Context, set_port: SetPort) -> web.StreamResponse:
    """POST /scriptText."""
    context.require(ADMINISTER)
    if not context.post:
        return context.pages.post_required("Jenkins [Jenkins]")
    script = (await context.parameters()).get("script", "")
    own = parse(script)
    if own is None:
        return _text(await _known(script, context, None))
    name, arguments = own
    if name == "inventory":
        return _text(result_text(inventory(context.home, context.caller)))
    if name == "set-agent-port":
        before = context.home.agent_port
        await set_port(int(arguments["port"]))
        return _text(result_text({"before": before, "after": context.home.agent_port}))
    if name == "run-lock":
        return _text(result_text(run_lock(context.home.properties, arguments)))
    if name == "list-clouds":
        return _text(result_text(listed(context.home)))
    if name == "node-owners":
        return _text(result_text(node_owners(context.home)))
    if name == "set-cloud":
        try:
            return _text(result_text(changed(context.home, arguments)))
        except KeyError:
            missing = f"there are 0 clouds called {arguments.get('name')}"
            return _text(thrown(f"java.lang.IllegalStateException: {missing}"))
    if name == "echo":
        return _text(result_text({"text": arguments.get("text"), "remoting_version": None}))
    return _text(_does_not_compile(script))


async def on_node(context: Context, computer: Computer) -> web.StreamResponse:
    """POST /computer/NAME/scriptText: an HTML 404 page for a node without a channel."""
    context.require(ADMINISTER)
    if not context.post:
        return context.pages.post_required("Jenkins [Jenkins]")
    channel = computer.channel
    if channel is None:
        return context.pages.oops(404, "the node is offline")
    script = (await context.parameters()).get("script", "")
    own = parse(script)
    try:
        if own is None:
            return _text(await _known(script, context, channel))
        return _text(result_text(await channel.call(*own)))
    except ScriptError as error:
        return _text(thrown(str(error)))
    except ChannelGone:
        return _text(
            thrown(
                f"hudson.remoting.ChannelClosedException: Channel "
                f'"hudson.remoting.Channel@1:{computer.name}": Remote call failed. '
                "The channel is closing down or has closed down"
            )
        )


async def _known(script: str, context: Context, channel: Channel | None) -> str:
    """The few other scripts that the recordings hold."""
    failed = re.match(r"throw new (\w+)\((['\"])([^'\"]*)\2\)$", script.strip())
    if failed:
        return thrown(f"java.lang.{failed[1]}: {failed[3]}")
    if "ProcessHandle" in script:
        return thrown(_NO_PROCESS_HANDLE)
    if script.startswith("Jenkins.instance.nodes.each"):
        return _nodes_text(context)
    facts = await _facts(context, channel)
    lines = []
    for line in script.splitlines():
        parts = line.strip().removeprefix("println").strip().split("+")
        said = [facts.get(part, _literal(part)) for part in parts]
        if not line.strip().startswith("println") or None in said:
            return _does_not_compile(script)
        lines.append("".join(filter(None, said)))
    return "".join(f"{line}\n" for line in lines) or _does_not_compile(script)


def _literal(text: str) -> str | None:
    found = re.fullmatch(r"(['\"])([^'\"$\\]*)\1", text)
    return found[2] if found else None


async def _facts(context: Context, channel: Channel | None) -> dict[str, str]:
    if channel is None:
        return {
            "1": "1",
            "jenkins.model.Jenkins.VERSION": context.home.version,
            "System.getProperty('java.class.path')": str(context.home.home / "jenkins.war"),
            "hudson.remoting.Launcher.VERSION": context.home.jar_version,
        }
    launch = await channel.call("describe-launch", {})
    return {
        "1": "1",
        "System.getProperty('java.class.path')": str(launch["jar"]),
        'System.getProperty("java.version")': str(launch["java_version"]),
        "System.getProperty('sun.java.command')": str(launch["command"]),
        "hudson.remoting.Launcher.VERSION": channel.version,
        "hudson.remoting.Engine.current()?.protocolName": channel.protocol,
    }


def _nodes_text(context: Context) -> str:
    computers = context.home.sorted_computers()
    lines = [
        f"{c.name} {c.config.launcher_class} {'true' if c.config.web_socket else 'false'}"
        for c in computers
    ]
    names = ", ".join(f"hudson.slaves.DumbSlave[{c.name}]" for c in computers)
    return "".join(f"{line}\n" for line in [*lines, f"Result: [{names}]"])
