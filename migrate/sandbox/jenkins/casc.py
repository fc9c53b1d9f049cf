"""Configuration as code: ``$JENKINS_HOME/jenkins.yaml``, as far as this tool's work needs it.

The file and the address that loads it again are those of the configuration-as-code plugin
(its docs/features/configurationReload.md). Of the file ``jenkins: slaveAgentPort`` and, of the
kubernetes clouds that are there, the three settings of their transport and the URL are taken. A
node that it holds is set again, which can cost it its mark.
kubernetes clouds and the inbound nodes that are there, the settings of their transport and the
cloud's URL are taken.
"""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from aiohttp import web

from migrate.sandbox.jenkins.changes import MARK_IN_NODE, RELOAD_KEEPS_MARK
from migrate.sandbox.jenkins.context import Context
from migrate.sandbox.jenkins.nodeconfig import NodeConfig
from migrate.sandbox.jenkins.permissions import ADMINISTER
from migrate.sandbox.jenkins.state import Computer, Installation

SetPort = Callable[[int], Awaitable[None]]
SEGMENTS = ["configuration-as-code", "reload"]


def source_text(home: Installation) -> str:
    """What the controller is configured from; empty when the plugin has no file."""
    path = home.home / "jenkins.yaml"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


async def reload(context: Context, set_port: SetPort) -> web.StreamResponse:
    """POST /configuration-as-code/reload."""
    context.require(ADMINISTER)
    text = source_text(context.home)
    if not text:
        return context.pages.not_found()
    if not context.post:
        return context.pages.post_required("Configuration as Code [Jenkins]")
    await load(context.home, text, set_port)
    return context.redirect("/configuration-as-code/")


async def load(home: Installation, text: str, set_port: SetPort) -> None:
    """What the file sets is so from now on; a setting that it lacks has its default."""
    from ruamel.yaml import YAML

    jenkins: dict[str, Any] = YAML(typ="safe", pure=True).load(text)["jenkins"]
    port = jenkins.get("slaveAgentPort")
    if port is not None and int(port) != home.agent_port:
        await set_port(int(port))
    for item in jenkins.get("nodes") or ():
        _set_again(home, str((item.get("permanent") or {}).get("name")))
    for item in jenkins.get("clouds") or ():
        told = item["kubernetes"]
        cloud = home.clouds.by_name[str(told["name"])]
        wanted = replace(
            cloud,
            web_socket=str(told.get("webSocket", False)).lower() == "true",
            tunnel=told.get("jenkinsTunnel") or None,
            direct_connection=str(told.get("directConnection", False)).lower() == "true",
            jenkins_url=str(told.get("jenkinsUrl", cloud.jenkins_url)),
        )
        if wanted != cloud:
            home.clouds.put(wanted)
    for name, (web_socket, tunnel) in inbound_nodes(jenkins).items():
        if name in home.computers:
            _set_transport(home, home.computers[name], web_socket, tunnel)


def _set_again(home: Installation, name: str) -> None:
    """Nodes.setNodes puts a new object in the old one's place."""
    computer = home.computers.get(name)
    lost = home.has(MARK_IN_NODE) and not home.has(RELOAD_KEEPS_MARK)
    if computer is not None and computer.mark is not None and lost:
        computer.set_mark(None)


def _set_transport(
    home: Installation, computer: Computer, web_socket: bool, tunnel: str | None
) -> None:
    config = computer.config
    if config.launcher is None or (config.web_socket, config.tunnel) == (web_socket, tunnel):
        return
    root = deepcopy(config.root)
    changed = NodeConfig(root)
    launcher = changed.launcher
    assert launcher is not None  # noqa: S101 - the copy of one that has it
    for old in launcher.findall("tunnel"):
        launcher.remove(old)
    if tunnel:
        element = Element("tunnel")
        element.text = tunnel
        launcher.insert(0, element)
    flag = launcher.find("webSocket")
    if flag is not None:
        flag.text = str(web_socket).lower()
    home.reconfigure(computer, changed)


def inbound_nodes(jenkins: dict[str, Any]) -> dict[str, tuple[bool, str | None]]:
    """(webSocket, tunnel) of each permanent node that dials in, by name."""
    found: dict[str, tuple[bool, str | None]] = {}
    for item in jenkins.get("nodes") or ():
        node = item.get("permanent") or {}
        launcher = node.get("launcher")
        if launcher is None or launcher in ("inbound", "jnlp"):
            settings: dict[str, Any] = {}
        elif isinstance(launcher, dict) and {"inbound", "jnlp"} & set(launcher):
            settings = launcher.get("inbound", launcher.get("jnlp")) or {}
        else:
            continue
        flag = str(settings.get("webSocket", False)).lower() == "true"
        found[str(node.get("name"))] = (flag, settings.get("tunnel") or None)
    return found
