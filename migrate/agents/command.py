"""Reads an agent's command line and writes the one that uses WebSocket. Pure.

The one reader of such a command: units, service files, scripts, files of variables, containers,
runbooks and what was read on a host all come through here. The command is text from a host with
its secrets masked. Option rules: jenkinsci/remoting hudson/remoting/Launcher.java and (before
3176) hudson/remoting/jnlp/Main.java; args4j takes ``-name=value`` for ``-name value``, and the
lines of a file for each word ``@file``.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from migrate.agents.options import FLAGS, WITH_VALUE, forbidden_options
from migrate.model.java_words import find_program
from migrate.model.secrets import MASK
from migrate.model.versions import AGENT_URL_NAME_FROM, Version

JNLP_MAIN = "hudson.remoting.jnlp.Main"
LAUNCHER = "hudson.remoting.Launcher"
"""What ``-jar agent.jar`` runs, by its name."""

_DIRECT_ONLY = ("-instanceIdentity", "-protocols")
_NO_LONGER_NEEDED = ("-text", "-ping", "-auth", "-tcp", "-connectTo")
_SWARM = re.compile(r"(?i)swarm[^/\\]*\.jar$|^hudson\.plugins\.swarm\.")
HARMLESS = "-\0"
"""Begins a word that stands for several options which stay as they are."""


class Option(NamedTuple):
    """One option of agent.jar."""

    name: str
    value: str | None = None
    """None: it takes none."""
    glued: bool = False
    """Written as ``-name=value``."""

    def words(self) -> tuple[str, ...]:
        """As it is written."""
        if self.value is None:
            return (self.name,)
        return (f"{self.name}={self.value}",) if self.glued else (self.name, self.value)


@dataclass(frozen=True)
class LaunchLine:
    """A taken-apart agent command."""

    java: str
    """The program as typed; ``java`` when the command did not say."""
    jvm: tuple[str, ...]
    """Java's own words without ``-jar JAR``, or without ``-cp JAR`` for a main class."""
    jar: str
    """The jar as typed; of a class path of several the whole path."""
    main: str
    """The main class (``-cp JAR``); empty: ``-jar JAR``."""
    options: tuple[Option, ...]
    """A word ``@file`` whose lines are more options is one, too, without a value."""
    positional: tuple[str, ...] = ()
    """Old form: SECRET NAME."""
    strange: tuple[str, ...] = ()
    """Words that agent.jar does not know, as far as this tool knows."""

    @property
    def main_class(self) -> bool:
        """Whether hudson.remoting.jnlp.Main is named."""
        return self.main == JNLP_MAIN

    @property
    def argument_files(self) -> tuple[str, ...]:
        """Paths of the files that hold more options, one word a line."""
        return tuple(o.name[1:] for o in self.options if o.name.startswith("@"))

    @property
    def swarm(self) -> bool:
        """Whether it is the client of the Swarm plugin, whose options are others."""
        return bool(_SWARM.search(self.main or self.jar))

    def value(self, name: str) -> str | None:
        """Value of the first option with this name."""
        return next((option.value for option in self.options if option.name == name), None)

    def argv(self) -> tuple[str, ...]:
        """The command again."""
        start = ("-cp", self.jar, self.main) if self.main else ("-jar", self.jar)
        return (self.java, *self.jvm, *start, *flat(self.options), *self.positional, *self.strange)

    def secret(self) -> str | None:
        """The secret as typed: ``@file``, or the mask for one in clear; None: there is none."""
        if self.positional:
            return self.positional[0]
        return self.value("-secret")

    def with_secret(self, secret: str) -> "LaunchLine":
        """The same command with this secret (``@file``) in the place of the old one."""
        if self.positional:
            return replace(self, positional=(secret, *self.positional[1:]))
        options = tuple(
            o._replace(value=secret) if o.name == "-secret" else o for o in self.options
        )
        return replace(self, options=options)


def flat(options: Sequence[Option]) -> tuple[str, ...]:
    """Options as words."""
    return tuple(word for option in options for word in option.words())


def split_command(command: str, *, windows: bool = False) -> tuple[str, ...]:
    """Words of a command line; a lone quote ends up in a word instead of failing."""
    if windows:
        words = re.findall(r'(?:"[^"]*"|[^\s"])+', command)
        return tuple(word.replace('"', "") for word in words)
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return tuple(command.split())


def read_launch(
    command: str, node: str, *, jar: str | None = None, windows: bool = False
) -> LaunchLine | None:
    """Take an agent's command apart; None when it is not one that this tool understands.

    ``node`` is the node's name: a command that was joined by spaces can't tell a name with a
    space from two words. ``jar`` is the jar's path as found on the host. A command that starts
    with the jar or the main class is what ``sun.java.command`` shows.
    """
    found = read_words(split_command(command, windows=windows), node, jar=jar)
    return found[0] if found else None


def read_words(
    words: Sequence[str], node: str, *, jar: str | None = None
) -> tuple[LaunchLine, int] | None:
    """``read_launch`` for words that are split already, with the position of the first option.

    ``strange`` of the line names what is left over: a caller that changes a command refuses it.
    """
    if not words:
        return None
    if _is_program(words[0]):
        # As sun.java.command shows it: java and its own options are gone.
        bare = () if words[0].endswith(".jar") else (words[0],)
        line = LaunchLine("java", (), jar or "", bare[0] if bare else "", ())
        line = line if bare else replace(line, jar=words[0])
        return (_with_options(line, words[1:], node), 1) if line.jar else None
    found = find_program(words, 1)
    if isinstance(found, str):
        return None
    if found.jar_at is not None:
        jvm = (*words[1 : found.jar_at - 1],)
        line = LaunchLine(words[0], jvm, words[found.jar_at], "", ())
    elif found.main_at is not None and _is_main(words[found.main_at]):
        at = found.class_path_at
        head = list(words[1 : found.main_at])
        if at is not None:
            del head[at - 2 : at]
        typed = words[at] if at is not None else jar or ""
        line = LaunchLine(words[0], tuple(head), typed, words[found.main_at], ())
    else:
        return None
    if not line.jar:
        return None
    return _with_options(line, words[found.end :], node), found.end


def _is_program(word: str) -> bool:
    return word.lower().endswith(".jar") or _is_main(word)


def _is_main(word: str) -> bool:
    return word in (JNLP_MAIN, LAUNCHER) or word.startswith("hudson.plugins.swarm.")


def _with_options(line: LaunchLine, words: Sequence[str], node: str) -> LaunchLine:
    options, positional, strange = read_options(words, node)
    return replace(line, options=options, positional=positional, strange=strange)


def read_options(
    words: Sequence[str], node: str = ""
) -> tuple[tuple[Option, ...], tuple[str, ...], tuple[str, ...]]:
    """(options, SECRET NAME, what is neither) of the agent's own words, which follow the program.

    A lone ``@file`` holds options; with a second plain word it is the secret of SECRET NAME.
    """
    options: list[Option] = []
    positional: list[str] = []
    strange: list[str] = []
    place: list[int] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            positional.append(word)
            place.append(len(options))
        elif equals and name in WITH_VALUE:
            options.append(Option(name, value, glued=True))
        elif word in WITH_VALUE:
            if at >= len(words):
                strange.append(word)
                continue
            count = _name_length(words[at:], node) if word == "-name" else 1
            options.append(Option(word, " ".join(words[at : at + count])))
            at += count
        elif word in FLAGS or word.startswith(HARMLESS):
            options.append(Option(word))
        else:
            strange.append(word)
    if node and len(positional) > 2 and " ".join(positional[1:]) == node:
        positional = [positional[0], node]
    files = [n for n, w in enumerate(positional) if w.startswith("@") and w != "@"]
    if len(positional) != 2 or len(files) > 1 or files == [1]:
        for number in reversed(files):
            options.insert(place[number], Option(positional.pop(number)))
    elif _names(options):
        # SECRET NAME beside -name or -secret: neither agent.jar nor this tool would know which.
        strange, positional = [*strange, *positional], []
    return tuple(options), tuple(positional[:2]), (*strange, *positional[2:])


def in_place(
    words: Sequence[str], options: Sequence[Option], positional: Sequence[str]
) -> tuple[str, ...]:
    """``words`` with these options and SECRET NAME: whatever stays, stays where it stands.

    New options come before the next one that stays, else last.
    """
    old, plain, _ = read_options(words)
    if len(plain) != len(positional):
        return (*flat(options), *positional)
    out: list[str] = []
    rest, left, at = list(options), list(positional), 0
    for option in old:
        here = _find_words(words, option.words(), at)
        out += left[: here - at]
        del left[: here - at]
        at = here + len(option.words())
        place = next((i for i, one in enumerate(rest) if _same(one, option)), None)
        if place is not None:
            out += flat(rest[: place + 1])
            del rest[: place + 1]
    return (*out, *left, *flat(rest))


def _find_words(words: Sequence[str], wanted: tuple[str, ...], start: int) -> int:
    """Where these words stand next."""
    size = len(wanted)
    return next(i for i in range(start, len(words)) if tuple(words[i : i + size]) == wanted)


def _same(new: Option, old: Option) -> bool:
    return new == old or (new.name == old.name == "-secret")


def _names(options: Sequence[Option]) -> bool:
    return any(option.name in ("-name", "-secret") for option in options)


def _name_length(words: Sequence[str], node: str) -> int:
    parts = node.split()
    return len(parts) if parts and list(words[: len(parts)]) == parts else 1


def masked_words(line: LaunchLine) -> tuple[str, ...]:
    """Names of what was masked besides the agent's own secret, such as ``-proxyCredentials`` and
    ``-Djavax.net.ssl.trustStorePassword``."""
    java = [word.partition("=")[0] for word in (line.java, *line.jvm) if MASK in word]
    own = [o.name for o in line.options if o.name != "-secret" and o.value and MASK in o.value]
    return tuple(dict.fromkeys([*java, *own]))


@dataclass(frozen=True)
class NewLine:
    """The command to use from now on."""

    line: LaunchLine
    dropped: tuple[str, ...]
    """Options of the old command that must not stand beside ``-webSocket``."""


def to_websocket(
    old: LaunchLine, node: str, url: str, version: str | None, work_dir: str | None
) -> NewLine:
    """The old command, made to use WebSocket; what may stay, stays where it is.

    ``url`` is what agents are told (used where the command has no ``-url``), ``version`` the
    remoting version that will run, ``work_dir`` what the controller tells a ``-jnlpUrl`` agent.
    ``-url`` and ``-name`` with ``-jar`` need 3176 (207ec082); older jars get jnlp.Main.
    """
    parsed = Version.maybe(version)
    modern = parsed is not None and parsed >= AGENT_URL_NAME_FROM
    names = tuple(option.name for option in old.options)
    dropped = forbidden_options(names, version)
    from_file = old.value("-jnlpUrl") is not None
    main = JNLP_MAIN if from_file and not modern else old.main
    options = websocket_options(old.options, version, None if old.argument_files else url)
    if main == JNLP_MAIN and not modern and Option("-headless") not in options:
        options = (Option("-headless"), *options)
    line = replace(old, main=main, options=options)
    if not from_file:
        return NewLine(line, dropped)
    if work_dir and "-workDir" not in names:
        options = (*options, Option("-workDir", work_dir))
    secret = old.secret() or MASK
    if modern:
        options = _with_names(options, node, secret)
        return NewLine(replace(line, options=options, positional=()), dropped)
    rest = [option for option in options if option.name not in ("-secret", "-name")]
    rest = [o._replace(name="-noreconnect") if o.name == "-noReconnect" else o for o in rest]
    return NewLine(replace(line, options=tuple(rest), positional=(secret, node)), dropped)


def websocket_options(
    options: Sequence[Option], version: str | None, url: str | None
) -> tuple[Option, ...]:
    """These options without what ``-webSocket`` forbids, with it and with a single ``-url``.

    ``url`` is added where there is none; None adds none. ``-jnlpUrl`` gives its place to
    ``-webSocket -url``.
    """
    names = tuple(option.name for option in options)
    gone = {*forbidden_options(names, version), *_DIRECT_ONLY}
    if "-jnlpUrl" in names:
        gone |= {*_NO_LONGER_NEEDED, "-jnlpUrl"}
    marks: list[Option] = [] if "-webSocket" in names else [Option("-webSocket")]
    if "-url" not in names and url is not None:
        marks.append(Option("-url", url))
    place = names.index("-jnlpUrl") if "-jnlpUrl" in names else _first_place(names)
    new: list[Option] = []
    for number, option in enumerate((*options, None)):
        if number == place:
            new += marks
        if option is None or option.name in gone:
            continue
        if option.name in ("-url", "-webSocket") and any(option.name == o.name for o in new):
            continue
        new.append(option)
    return tuple(new)


def _first_place(names: tuple[str, ...]) -> int:
    return next((i for i, name in enumerate(names) if name != "-headless"), len(names))


def _with_names(options: tuple[Option, ...], node: str, secret: str) -> tuple[Option, ...]:
    """The options with ``-name`` right after ``-url``, and the secret where it was."""
    rest = [option for option in options if option.name != "-name"]
    place = next(i for i, option in enumerate(rest) if option.name == "-url") + 1
    rest.insert(place, Option("-name", node))
    if not any(option.name == "-secret" for option in rest):
        rest.insert(place + 1, Option("-secret", secret))
    return tuple(rest)
