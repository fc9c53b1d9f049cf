"""The one reader of an inbound agent's container, and the same container on WebSocket. Pure.

Compose files, ``docker run``, quadlets, files of variables and the cluster's workloads all come
through here. Source: jenkinsci/docker-agent(s), the image's start scripts (``jenkins-agent``,
``jenkins-agent.ps1``): they turn variables into options of agent.jar, and hand variables that
exclude each other on unchecked. JENKINS_WEB_SOCKET counts when it is exactly ``true``; on Windows
whenever it is not empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrate.agents.command import (
    Option,
    flat,
    in_place,
    read_options,
    read_words,
    websocket_options,
)
from migrate.agents.image import is_windows, looks_like_agent, too_old
from migrate.agents.options import forbidden_options
from migrate.model.secrets import mask

WEB_SOCKET = "JENKINS_WEB_SOCKET"
TUNNEL = "JENKINS_TUNNEL"
DIRECT = "JENKINS_DIRECT_CONNECTION"
FORBIDDEN = (TUNNEL, DIRECT, "JENKINS_INSTANCE_IDENTITY", "JENKINS_PROTOCOLS")
"""Variables that become options which must not stand beside ``-webSocket``."""
OPTIONS = "REMOTING_OPTS"
"""Options for agent.jar as one variable (images from 2024-05 on)."""
URL = "JENKINS_URL"
SECRET = "JENKINS_SECRET"  # noqa: S105 - a variable's name
NAMES = ("JENKINS_NAME", "JENKINS_AGENT_NAME")
"""The node's name; the first wins."""
SCRIPTS = ("jenkins-agent", "jenkins-slave", "jenkins-agent.ps1")
"""The image's start script, by its names."""
_SECRET_NAME = re.compile(r"(?i)secret|passw|token|credential|api_?key")
_SECRET_OPTION = re.compile(r"(?i)^-(?:secret|\w*credentials|auth|webSocketHeader)$")
_JAVA = re.compile(r"(?:^|[/\\])java(?:\.exe)?$")
_ELSEWHERE = ("$", "\0", "%")
"""What begins a value that another place decides."""


class NotClear(Exception):
    """Why a container can't be moved by its variables and arguments alone; one clause."""


@dataclass(frozen=True)
class Container:
    """What decides how a container's agent starts."""

    image: str
    env: Mapping[str, str | None]
    """None: the value comes from somewhere else."""
    args: tuple[str, ...] = ()
    """What follows the start script."""
    command: tuple[str, ...] = ()
    """A command of its own in the place of the image's; empty: the image's."""
    files: bool = False
    """Variables may come from a file, a ConfigMap or a Secret, too."""
    built: bool = False
    """Its image is built by the same file, from a Dockerfile."""

    def node(self) -> str | None:
        """The node's name, as far as told here."""
        options, positional, _ = read_options(self.args)
        told, _, _ = read_options(self.remoting_options())
        named = next((self.env[n] for n in NAMES if self.env.get(n)), None)
        for own in (told, options):
            named = named or next((o.value for o in own if o.name == "-name"), None)
        named = named or (positional[1] if len(positional) > 1 else None)
        outside = not named or any(mark in named for mark in _ELSEWHERE[:2])
        return None if outside or named is None or mask(named) != named else named

    def secret(self) -> str | None:
        """The secret, when it stands here in clear."""
        options, positional, _ = read_options((*self.args, *self.remoting_options()))
        value = self.env.get(SECRET) or next(
            (o.value for o in options if o.name == "-secret"), None
        )
        value = value or (positional[0] if positional else None)
        return None if not value or value[0] in ("@", *_ELSEWHERE) or "\0" in value else value

    def secrets(self) -> tuple[str, ...]:
        """Every value in clear that must not be shown: by the variables' names and the options."""
        told = [value for key, value in self.env.items() if value and _SECRET_NAME.search(key)]
        options = read_options((*self.args, *self.remoting_options()))[0]
        told += [o.value for o in options if o.value and _SECRET_OPTION.search(o.name)]
        told += [self.secret() or ""]
        return tuple(one for one in told if one and one[0] not in ("@", *_ELSEWHERE))

    def is_agent(self) -> bool:
        """Whether this is an inbound agent: by its image, its variables, or its arguments."""
        keys = set(self.env)
        named = {SECRET, *NAMES} & keys
        if looks_like_agent(self.image) or (named and {URL, DIRECT, TUNNEL} & keys):
            return True
        if SECRET in keys and {*NAMES} & keys:
            return True
        options, positional, strange = read_options(self.args)
        names = {option.name for option in options}
        if agent_command((*self.command, *self.args)) is not None:
            return True
        told = len(positional) == 2 or {"-secret", "-name"} & names
        return bool("-url" in names and told and not strange and not self.command)

    def websocket(self) -> bool:
        """Whether it asks for WebSocket."""
        told = self.env.get(WEB_SOCKET)
        asked = bool(told) if is_windows(self.image) else told == "true"
        return asked or "-webSocket" in (*self.args, *self.remoting_options())

    def tunnels(self) -> bool:
        """Whether a tunnel is set, or may be."""
        return self._set(TUNNEL) or "-tunnel" in self._names()

    def direct(self) -> bool:
        """Whether it connects without asking the controller over HTTP."""
        return self._set(DIRECT) or bool({"-direct", "-directConnection"} & self._names())

    def remoting_options(self) -> tuple[str, ...]:
        """The words of REMOTING_OPTS: the start script splits it at blanks."""
        return tuple((self.env.get(OPTIONS) or "").split())

    def _names(self) -> set[str]:
        words = (*self.args, *self.remoting_options())
        return {option.name for option in read_options(words)[0]}

    def _set(self, name: str) -> bool:
        return name in self.env and self.env[name] != ""

    def own_command(self) -> str:
        """The first word of a command that is not the image's start script; empty: none is."""
        runs = any(re.split(r"[/\\]", word)[-1] in SCRIPTS for word in self.command)
        return "" if runs or not self.command else self.command[0]


def agent_command(words: Sequence[str]) -> tuple[Option, ...] | None:
    """Options of the agent that a container's own words start by java; None: they start none."""
    start = next((i for i, word in enumerate(words) if _JAVA.search(word)), None)
    read = None if start is None else read_words(words[start:], "")
    if read is None:
        return None
    names = {option.name for option in read[0].options}
    told = names & {"-url", "-jnlpUrl", "-direct", "-directConnection"}
    return read[0].options if told else None


@dataclass(frozen=True)
class ContainerChange:
    """What a container's environment and arguments should be."""

    put: Mapping[str, str]
    remove: tuple[str, ...]
    args: tuple[str, ...]
    notes: tuple[str, ...]


def change(container: Container, url: str | None, version: str | None) -> ContainerChange:
    """The container on WebSocket, with everything else as it is.

    ``url`` is what agents are told, used where the container has none (None: not known);
    ``version`` the remoting version that will run. ``NotClear`` where this can't be said.
    """
    _refuse(container)
    env = container.env
    # What may come from elsewhere as well is set to nothing here, which goes before that.
    put = {n: "" for n in (TUNNEL, DIRECT) if container.files and env.get(n) != ""}
    kept = (TUNNEL, DIRECT) if container.files else ()
    # One that is empty already counts as not set, and may hold back what is merged in.
    remove = tuple(n for n in FORBIDDEN if env.get(n, "") != "" and n not in kept)
    notes = [f"{n} cannot stand beside {WEB_SOCKET}" for n in FORBIDDEN if env.get(n, "") != ""]
    if container.files:
        notes.append(f"{OPTIONS} of its file of variables, if it has one, must hold no -tunnel")
    told = env.get(OPTIONS)
    if told:
        value, dropped = option_text(told, url, version)
        notes += dropped
        if value != told:
            put[OPTIONS] = value
    options, positional, _ = read_options(container.args)
    in_variable = any(o.name == "-url" for o in read_options(container.remoting_options())[0])
    has_url = any(option.name == "-url" for option in options)
    if has_url and (URL in env or in_variable):
        # The entry point adds another -url, and -webSocket takes a single one.
        options = tuple(option for option in options if option.name != "-url")
        place = URL if URL in env else OPTIONS
        notes.append(f"{place} says the same as -url: one of the two stays")
        has_url = False
    asks = container.websocket() or "-webSocket" in put.get(OPTIONS, "").split()
    new, gone = _arguments(options, version, add=has_url and not asks)
    notes += [f"{name} cannot stand beside -webSocket" for name in gone]
    if not asks and not has_url:
        put[WEB_SOCKET] = "true"
    if URL not in env and not (has_url or in_variable or container.files):
        if url is None:
            raise NotClear(f"it has no {URL}, which WebSocket needs")
        put[URL] = url
    args = in_place(container.args, new, positional)
    return ContainerChange(put, remove, args, tuple(notes))


def _arguments(
    options: tuple[Option, ...], version: str | None, *, add: bool
) -> tuple[tuple[Option, ...], tuple[str, ...]]:
    """The arguments' options without what forbids WebSocket, with it where asked; what went."""
    gone = forbidden_options(tuple(option.name for option in options), version)
    if add:
        return websocket_options(options, version, None), gone
    out = {*gone, "-instanceIdentity", "-protocols"}
    return tuple(option for option in options if option.name not in out), gone


def _refuse(container: Container) -> None:
    if too_old(container.image):
        raise NotClear(
            f"its image {container.image} is older than 4.0.1-1, whose start script is the first "
            f"that knows {WEB_SOCKET}"
        )
    own = container.own_command()
    if own:
        told = f"it runs a command of its own ({own}), not the image's start script"
        if agent_command((*container.command, *container.args)) is not None:
            told += ": -webSocket belongs in front of its -url, and -tunnel goes"
        raise NotClear(told)
    for words, where in ((container.args, "arguments"), (container.remoting_options(), OPTIONS)):
        options, positional, strange = read_options(words)
        names = [option.name for option in options]
        if "-jnlpUrl" in names:
            raise NotClear(f"its {where} have -jnlpUrl: the node's webSocket setting moves it")
        files = [name for name in names if name.startswith("@")]
        if files:
            raise NotClear(
                f"options of agent.jar stand in {files[0][1:]}, inside the container: -webSocket "
                "belongs there"
            )
        if strange or (where == OPTIONS and positional):
            word = (*strange, *positional)[0]
            told = word.lstrip("\0") if word[:1] in ("-", "\0", "$") else "one of them"
            raise NotClear(f"its {where} have words that are no options of agent.jar ({told})")


def option_text(value: str, url: str | None, version: str | None) -> tuple[str, list[str]]:
    """Options in one variable without those that end an agent on WebSocket, and the notes.

    With ``-url`` among them they get ``-webSocket`` too.
    """
    words = value.split()
    options, positional, strange = read_options(words)
    names = tuple(option.name for option in options)
    gone = forbidden_options(names, version)
    if "-url" in names or ({"-direct", "-directConnection"} & set(names) and url is not None):
        new = websocket_options(options, version, url)
    else:
        out = {*gone, "-instanceIdentity", "-protocols"}
        new = tuple(option for option in options if option.name not in out)
    if new == options:
        return value, []
    if re.search(r"[\"'\\`$]", value) or strange:
        raise NotClear("options with quotes or variables in them would have to change")
    notes = [f"{name} cannot stand beside -webSocket" for name in dict.fromkeys(gone)]
    return kept_gaps(value, [*flat(new), *positional]), notes


def kept_gaps(value: str, words: Sequence[str]) -> str:
    """These words joined as ``value`` has them: each word that stays keeps the blanks before it."""
    gaps = dict(zip(value.split(), re.findall(r"(\s*)\S+", value), strict=True))
    text = "".join((gaps.get(word) or " ") + word for word in words)
    return text if value[:1].isspace() else text.lstrip()
