"""What the tool's ``inventory`` script answers on the controller."""

import base64
from typing import Any

from migrate.sandbox.jenkins.casc import source_text
from migrate.sandbox.jenkins.causes import USER, Cause
from migrate.sandbox.jenkins.changes import java
from migrate.sandbox.jenkins.escapes import reason
from migrate.sandbox.jenkins.permissions import names_held
from migrate.sandbox.jenkins.security import Caller
from migrate.sandbox.jenkins.state import PROTOCOLS, Computer, Installation

_LOG_HEAD = 48 << 10
_LOG_TAIL = 16 << 10


def inventory(home: Installation, caller: Caller) -> dict[str, Any]:
    """All that an administrator's one script call sees."""
    return {
        "version": home.version,
        "root_url": home.url,
        "agent_port": home.agent_port,
        "enforced": False,
        "inbound_url": home.inbound_url,
        "java_version": java(home.version),
        "jar_version": home.jar_version,
        "minimum_remoting": home.minimum_remoting,
        "protocols": PROTOCOLS.split(", "),
        "jcasc": "slaveAgentPort" in source_text(home),
        "user": caller.name,
        "permissions": names_held(caller.permissions),
        "nodes": [_node(home, computer) for computer in home.sorted_computers()],
    }


def _cut(log: bytes) -> bytes:
    """Who connected stands in the head of a log, how it ended in its tail."""
    if len(log) <= _LOG_HEAD + _LOG_TAIL:
        return log
    return log[:_LOG_HEAD] + b"\n" + log[-_LOG_TAIL:]


def _mark(home: Installation, cause: Cause | None) -> dict[str, str]:
    """Without a word in it while a lost connection stands in its place."""
    person = cause if cause is not None and cause.class_name == USER else None
    return {"by": person.user if person else "", "reason": reason(home, person) if person else ""}


def _node(home: Installation, computer: Computer) -> dict[str, Any]:
    config = computer.config
    cause = computer.cause if computer.offline else None
    return {
        "name": computer.name,
        "class": config.computer_class,
        "config_xml": base64.b64encode(config.to_bytes()).decode(),
        "online": computer.channel is not None,
        "busy": len(computer.running),
        "mark": None if computer.mark is None else _mark(home, computer.cause),
        "offline_reason": "" if cause is None else reason(home, cause),
        "labels": sorted(set(config.labels) - {computer.name}),
        "description": config.text("description"),
        "executors": config.executors,
        "log": base64.b64encode(_cut(computer.log.read())).decode(),
        "remote_fs": config.text("remoteFS"),
    }
