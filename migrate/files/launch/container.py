"""How an inbound-agent container is told to use WebSocket. Pure.

Source: jenkinsci/docker-agent, ``jenkins-agent`` (the image's entry point): it turns variables
into options of agent.jar, and hands variables that exclude each other on unchecked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrate.files.launch.base import FoundLaunch, NotEditable, Wanted, hidden
from migrate.files.launch.words import OPAQUE
from migrate.model.agent_options import forbidden_options
from migrate.model.inventory import LaunchKind
from migrate.model.launch_command import (
    Option,
    read_options,
    websocket_options,
)
from migrate.model.versions import Version, v

WEB_SOCKET = "JENKINS_WEB_SOCKET"
FORBIDDEN = (
    "JENKINS_TUNNEL",
    "JENKINS_DIRECT_CONNECTION",
    "JENKINS_INSTANCE_IDENTITY",
    "JENKINS_PROTOCOLS",
)
"""Variables that become options which must not stand beside ``-webSocket``."""
OPTIONS = "REMOTING_OPTS"
"""Options for agent.jar as one variable (images from 2024-05 on)."""
NAMES = ("JENKINS_NAME", "JENKINS_AGENT_NAME")
"""The node's name; the first wins."""

_IMAGE = re.compile(
    r"(?:^|/)(?:docker-)?(?:inbound-agent|jnlp-slave|jnlp-agent)[\w-]*(?::([^@]*))?"
)
_FIRST_IMAGE = v("4.0.1")
"""docker-inbound-agent 4.0.1-1 (eebbdf2) is the first that knows JENKINS_WEB_SOCKET."""


@dataclass(frozen=True)
class Container:
    """A container that runs the image's own entry point."""

    where: str
    image: str
    env: Mapping[str, str | None]
    """None: the value comes from the environment of the one who starts it."""
    args: tuple[str, ...]

    def node(self) -> str | None:
        """The node's name, as far as told here."""
        options, positional = read_options(self.args)
        named = dict(options).get("-name") or (positional[1] if len(positional) > 1 else None)
        name = next((self.env[n] for n in NAMES if self.env.get(n)), None) or named
        return None if not name or "$" in name or OPAQUE in name else name

    def secret(self) -> str | None:
        """The secret, when it stands here in clear."""
        options, positional = read_options(self.args)
        value = self.env.get("JENKINS_SECRET") or dict(options).get("-secret")
        value = value or (positional[0] if positional else None)
        return None if not value or value[0] in "@$" or OPAQUE in value else value

    def is_agent(self) -> bool:
        """Whether this is an inbound agent at all."""
        keys = set(self.env)
        told = {"JENKINS_URL", "JENKINS_DIRECT_CONNECTION", "JENKINS_TUNNEL"} & keys
        named = {"JENKINS_SECRET", *NAMES} & keys
        return bool(_IMAGE.search(self.image) or (told and named))

    def websocket(self) -> bool:
        """Whether it asks for WebSocket."""
        own = (*self.args, *(self.env.get(OPTIONS) or "").split())
        return self.env.get(WEB_SOCKET) == "true" or "-webSocket" in own

    def found(self) -> FoundLaunch:
        """The same for the caller."""
        names = [name for name, _ in read_options(self.args)[0]]
        text = " ".join([self.image, *self.args]).replace(OPAQUE, "").strip()
        return FoundLaunch(
            node=self.node(),
            kind=LaunchKind.CONTAINER,
            command=hidden(text, [self.secret() or ""]),
            options=(*names, *(key for key in self.env if key.startswith("JENKINS_"))),
            websocket=self.websocket(),
            secret_in_clear=self.secret() is not None,
            where=self.where,
        )


@dataclass(frozen=True)
class Change:
    """What a container's environment and arguments should be."""

    put: Mapping[str, str]
    remove: tuple[str, ...]
    args: tuple[str, ...]
    notes: tuple[str, ...]


def change(container: Container, wanted: Wanted) -> Change:
    """``NotEditable`` for an image that can't use WebSocket."""
    _check_image(container.image, wanted)
    env = container.env
    remove = tuple(name for name in FORBIDDEN if name in env)
    notes = [f"{name} cannot stand beside {WEB_SOCKET}" for name in remove]
    put: dict[str, str] = {}
    told = env.get(OPTIONS)
    if told:
        value, dropped = option_text(told, wanted)
        notes += dropped
        if value != told:
            put[OPTIONS] = value
    options, positional = read_options(container.args)
    has_url = any(name == "-url" for name, _ in options)
    if has_url and "JENKINS_URL" in env:
        # The entry point adds another -url, and -webSocket takes a single one.
        options = tuple(option for option in options if option[0] != "-url")
        notes.append("JENKINS_URL says the same as -url: one of the two stays")
        has_url = False
    asks = container.websocket()
    names = tuple(name for name, _ in options)
    if has_url and not asks:
        new = websocket_options(options, wanted.version, None)
    else:
        gone = {*forbidden_options(names, wanted.version), "-instanceIdentity", "-protocols"}
        new = tuple(option for option in options if option[0] not in gone)
    notes += [
        f"{n} cannot stand beside -webSocket" for n in forbidden_options(names, wanted.version)
    ]
    if not asks and not has_url:
        put[WEB_SOCKET] = "true"
    if "JENKINS_URL" not in env and not has_url:
        put["JENKINS_URL"] = wanted.url
    if container.secret():
        notes.append("the secret still stands in this file; mount a file and name it as @FILE")
    args = (
        container.args
        if new == options and len(options) == _count(container.args)
        else (*flat(new), *positional)
    )
    return Change(put, remove, args, tuple(notes))


def _count(args: Sequence[str]) -> int:
    return len(read_options(args)[0])


def flat(options: Sequence[Option]) -> tuple[str, ...]:
    """Options as words."""
    return tuple(part for option in options for part in option if part is not None)


def _check_image(image: str, wanted: Wanted) -> None:
    match = _IMAGE.search(image)
    tag = Version.maybe(match[1]) if match and match[1] else None
    if tag is not None and tag < _FIRST_IMAGE:
        raise NotEditable(
            f"its image {image} is older than 4.0.1-1 and knows no {WEB_SOCKET}", wanted.path
        )


def option_text(value: str, wanted: Wanted) -> tuple[str, list[str]]:
    """Options in one variable without those that end an agent on WebSocket, and the notes.

    With ``-url`` among them they get ``-webSocket`` too; ``-jnlpUrl`` gets it from elsewhere.
    """
    words = value.split()
    options, positional = read_options(words)
    names = tuple(name for name, _ in options)
    forbidden = forbidden_options(names, wanted.version)
    jnlp = "-jnlpUrl" in names
    if not jnlp and ("-url" in names or {"-direct", "-directConnection"} & set(names)):
        new = websocket_options(options, wanted.version, wanted.url)
    else:
        gone = {*forbidden, *(["-webSocket"] if jnlp else [])}
        new = tuple(option for option in options if option[0] not in gone)
    if new == options:
        return value, []
    if re.search(r"[\"'\\`$]", value):
        raise NotEditable(
            "options with quotes or variables in them would have to change", wanted.path
        )
    notes = [f"{name} cannot stand beside -webSocket" for name in dict.fromkeys(forbidden)]
    return " ".join([*flat(new), *positional]), notes
