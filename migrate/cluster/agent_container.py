"""The container of an inbound agent: its settings, and the same container on WebSocket. Pure.

Source: the image's start script (jenkinsci/docker-agent, jenkins-agent and jenkins-agent.ps1),
which turns JENKINS_* variables into options of agent.jar. JENKINS_WEB_SOCKET counts only when it
is exactly ``true``; together with JENKINS_TUNNEL or JENKINS_DIRECT_CONNECTION the agent ends at
once, because the script hands both on.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from migrate.cluster.args import image_path
from migrate.model.agent_options import WITH_VALUE
from migrate.model.text import visible
from migrate.model.versions import Version, v

Json = dict[str, Any]

WEB_SOCKET = "JENKINS_WEB_SOCKET"
TUNNEL = "JENKINS_TUNNEL"
DIRECT = "JENKINS_DIRECT_CONNECTION"
_WITH_DIRECT = ("JENKINS_INSTANCE_IDENTITY", "JENKINS_PROTOCOLS")
"""Only of use beside a direct connection; agent.jar refuses them without one."""
NAMES = ("JENKINS_NAME", "JENKINS_AGENT_NAME")
"""The first wins (the start script, sh)."""
FIRST_IMAGE = v("4.0.1")
"""docker-inbound-agent 4.0.1-1 is the first whose script knows JENKINS_WEB_SOCKET."""
_IMAGES = ("inbound-agent", "jnlp-slave", "jnlp-agent")
_SCRIPTS = ("jenkins-agent", "jenkins-slave", "jenkins-agent.ps1")
_FORBIDDEN = frozenset(
    ["-direct", "-directConnection", "-credentials", "-jnlpCredentials", "-noKeepAlive", "-jnlpUrl"]
)
"""Arguments that end an agent on WebSocket and can't be taken out without losing a meaning."""


def is_agent(container: Mapping[str, Any]) -> bool:
    """Whether this container is an inbound agent: by its image, or by the variables of one."""
    base = image_path(str(container.get("image", ""))).rsplit("/", 1)[-1]
    if any(name in base for name in _IMAGES):
        return True
    names = {str(item.get("name")) for item in container.get("env") or []}
    return bool(names & set(NAMES)) and bool(names & {"JENKINS_SECRET", "JENKINS_URL", DIRECT})


def image_version(image: str) -> str | None:
    """The remoting version in the image's tag; None for ``latest``, a digest or a tag of one's
    own."""
    tag = image.split("@", 1)[0].rpartition(":")[2]
    match = re.match(r"(?:v|alpine-|windows-)?(\d+\.[0-9a-z_.]+)", tag)
    return match[1] if match and "/" not in tag else None


def literal(container: Mapping[str, Any], name: str) -> str | None:
    """The value of a variable as written; None when it is absent or comes from elsewhere."""
    for item in reversed(container.get("env") or []):
        if item.get("name") == name:
            return str(item["value"]) if "value" in item else None
    return None


def has(container: Mapping[str, Any], name: str) -> bool:
    """Whether the variable is set to something, or may be."""
    return any(
        item.get("name") == name and (item.get("value") or item.get("valueFrom"))
        for item in container.get("env") or []
    )


def positional(words: list[str]) -> list[str]:
    """Arguments that are neither options nor their values: SECRET NAME."""
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in WITH_VALUE
        else:
            found.append(word)
    return found


def args_of(container: Mapping[str, Any]) -> list[str]:
    """Its arguments as written."""
    return [str(word) for word in container.get("args") or []]


def asks_for_websocket(container: Mapping[str, Any]) -> bool:
    """Whether its agent uses WebSocket."""
    return literal(container, WEB_SOCKET) == "true" or "-webSocket" in args_of(container)


def tunnels(container: Mapping[str, Any]) -> bool:
    """Whether a tunnel is set."""
    return has(container, TUNNEL) or "-tunnel" in args_of(container)


def connects_directly(container: Mapping[str, Any]) -> bool:
    """Whether it connects without asking the controller over HTTP."""
    return has(container, DIRECT) or bool(
        {"-direct", "-directConnection"} & set(args_of(container))
    )


def obstacle(container: Mapping[str, Any]) -> str:
    """Why this container can't be moved by editing its variables; empty when it can."""
    image = str(container.get("image", ""))
    version = Version.maybe(image_version(image))
    if version is not None and version < FIRST_IMAGE:
        return (
            f"its image {visible(image)} is older than 4.0.1-1, whose start script is the first "
            f"that knows {WEB_SOCKET}"
        )
    command = [str(word) for word in container.get("command") or []]
    if command and not any(re.split(r"[/\\]", word)[-1] in _SCRIPTS for word in command):
        return f"it runs a command of its own ({visible(command[0])}), not the image's start script"
    words = args_of(container)
    bad = sorted(_FORBIDDEN & set(words))
    if bad:
        return f"its arguments have {', '.join(bad)}, which does not go with -webSocket"
    options = set((literal(container, "REMOTING_OPTS") or "").split())
    bad = sorted((_FORBIDDEN | {"-tunnel"}) & options)
    if bad:
        return f"its REMOTING_OPTS has {', '.join(bad)}, which does not go with -webSocket"
    has_url = any(i.get("name") == "JENKINS_URL" for i in container.get("env") or [])
    if connects_directly(container) and not has_url and "-url" not in words:
        return "it connects directly and has no JENKINS_URL, which WebSocket needs"
    return ""


def to_websocket(container: Json) -> Json:
    """The container with JENKINS_WEB_SOCKET exactly ``true`` and nothing that forbids it.

    Everything else keeps its place. With ``envFrom`` a tunnel may come from a ConfigMap or a
    Secret: an empty variable of the container's own goes before that.
    """
    out = deepcopy(container)
    drop = {TUNNEL, DIRECT} | (set(_WITH_DIRECT) if connects_directly(container) else set())
    env = [item for item in out.get("env") or [] if item.get("name") not in drop]
    if "-webSocket" not in args_of(container):
        places = [i for i, item in enumerate(env) if item.get("name") == WEB_SOCKET]
        wanted = {"name": WEB_SOCKET, "value": "true"}
        if places:
            env[places[0]] = wanted
            env = [item for i, item in enumerate(env) if i not in places[1:]]
        else:
            env.append(wanted)
    if out.get("envFrom"):
        env += [{"name": name, "value": ""} for name in (TUNNEL, DIRECT)]
    out["env"] = env
    words = args_of(out)
    if "-tunnel" in words:
        place = words.index("-tunnel")
        out["args"] = words[:place] + words[place + 2 :]
    return out


def fingerprint(container: Mapping[str, Any]) -> str:
    """SHA-256 of what decides how its agent starts."""
    kept = {k: container.get(k) for k in ("image", "command", "args", "env", "envFrom")}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
