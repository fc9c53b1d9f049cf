"""A workload's container that is an inbound agent, and the same container on WebSocket. Pure.

What its variables and arguments mean is read by ``migrate.agents.container``.
"""

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from migrate.agents.command import read_options
from migrate.agents.container import (
    NAMES,
    URL,
    WEB_SOCKET,
    Container,
    ContainerChange,
    NotClear,
    agent_command,
    change,
)
from migrate.model.text import visible

Json = dict[str, Any]

__all__ = ["NAMES", "WEB_SOCKET", "agent_command"]


def container_of(container: Mapping[str, Any]) -> Container:
    """What the one reader of containers takes; a value from elsewhere is None."""
    env: dict[str, str | None] = {}
    for item in container.get("env") or []:
        told = str(item["value"]) if "value" in item else None
        env[str(item.get("name"))] = told if told is not None or "valueFrom" in item else ""
    return Container(
        image=str(container.get("image", "")),
        env=env,
        args=tuple(args_of(container)),
        command=tuple(str(word) for word in container.get("command") or []),
        files=bool(container.get("envFrom")),
    )


def is_agent(container: Mapping[str, Any]) -> bool:
    """Whether this container is an inbound agent: by its image, variables or arguments."""
    return container_of(container).is_agent()


def positional(words: list[str]) -> list[str]:
    """Arguments that are neither options nor their values: SECRET NAME."""
    return list(read_options(words)[1])


def args_of(container: Mapping[str, Any]) -> list[str]:
    """Its arguments as written."""
    return [str(word) for word in container.get("args") or []]


def asks_for_websocket(container: Mapping[str, Any]) -> bool:
    """Whether its agent uses WebSocket."""
    return container_of(container).websocket()


def tunnels(container: Mapping[str, Any]) -> bool:
    """Whether a tunnel is set."""
    return container_of(container).tunnels()


def connects_directly(container: Mapping[str, Any]) -> bool:
    """Whether it connects without asking the controller over HTTP."""
    return container_of(container).direct()


def obstacle(container: Mapping[str, Any]) -> str:
    """Why this container can't be moved by editing its variables; empty when it can."""
    try:
        _change(container)
    except NotClear as error:
        return visible(str(error))
    return ""


def _change(container: Mapping[str, Any]) -> ContainerChange:
    read = container_of(container)
    if not read.direct():
        # Where its address is not written here, a ConfigMap or the image itself has it.
        read = replace(read, env={URL: None, **read.env})
    return change(read, None, None)


def to_websocket(container: Json) -> Json:
    """The container on WebSocket, everything else in its place. ``NotClear`` where it can't be."""
    made = _change(container)
    out = deepcopy(container)
    env = [item for item in out.get("env") or [] if item.get("name") not in made.remove]
    for name, value in made.put.items():
        places = [i for i, item in enumerate(env) if item.get("name") == name]
        wanted = {"name": name, "value": value}
        if places:
            env[places[0]] = wanted
            env = [item for i, item in enumerate(env) if i not in places[1:]]
        else:
            env.append(wanted)
    out["env"] = env
    if list(made.args) != args_of(out):
        out["args"] = list(made.args)
    return out


def fingerprint(container: Mapping[str, Any]) -> str:
    """SHA-256 of what decides how its agent starts."""
    kept = {k: container.get(k) for k in ("image", "command", "args", "env", "envFrom")}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
