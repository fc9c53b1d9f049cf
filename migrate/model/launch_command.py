"""Reads an agent's command line and writes the one that uses WebSocket. Pure.

The command is text from a host with its secrets masked. Option rules: jenkinsci/remoting
hudson/remoting/Launcher.java and (before 3176) hudson/remoting/jnlp/Main.java.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrate.model.agent_options import WITH_VALUE, forbidden_options
from migrate.model.secrets import MASK
from migrate.model.versions import AGENT_URL_NAME_FROM, Version

JNLP_MAIN = "hudson.remoting.jnlp.Main"

_DIRECT_ONLY = ("-instanceIdentity", "-protocols")
_NO_LONGER_NEEDED = ("-text", "-ping", "-auth", "-tcp", "-connectTo")
_JVM_WITH_VALUE = ("-cp", "-classpath", "--class-path", "--add-opens", "--add-exports", "-p")

Option = tuple[str, str | None]


@dataclass(frozen=True)
class LaunchLine:
    """A taken-apart agent command."""

    java: str
    """The program as typed; ``java`` when the command did not say."""
    jvm: tuple[str, ...]
    """JVM options, without ``-jar`` and the class path."""
    jar: str
    """The jar as typed."""
    main_class: bool
    """Whether hudson.remoting.jnlp.Main is named (``-cp JAR``) instead of ``-jar JAR``."""
    options: tuple[Option, ...]
    positional: tuple[str, ...] = ()
    """Old form: SECRET NAME."""

    def value(self, name: str) -> str | None:
        """Value of the first option with this name."""
        return next((value for key, value in self.options if key == name), None)

    def argv(self) -> tuple[str, ...]:
        """The command again."""
        start = ("-cp", self.jar, JNLP_MAIN) if self.main_class else ("-jar", self.jar)
        options = tuple(part for option in self.options for part in option if part is not None)
        return (self.java, *self.jvm, *start, *options, *self.positional)

    def secret(self) -> str | None:
        """The secret as typed: ``@file``, or the mask for one in clear; None: there is none."""
        if self.positional:
            return self.positional[0]
        return self.value("-secret")

    def with_secret(self, secret: str) -> "LaunchLine":
        """The same command with this secret (``@file``) in the place of the old one."""
        if self.positional:
            return replace(self, positional=(secret, *self.positional[1:]))
        options = tuple((k, secret if k == "-secret" else v) for k, v in self.options)
        return replace(self, options=options)


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
    """``read_launch`` for words that are split already, with the position of the first option."""
    java: str = "java"
    jvm: list[str] = []
    typed, main_class, position = "", False, 0
    if words and not _is_jar(words[0]) and words[0] != JNLP_MAIN:
        java, position = words[0], 1
    while position < len(words):
        word = words[position]
        if word in ("-jar", "-cp", "-classpath") and position + 1 < len(words):
            typed, position = words[position + 1], position + 2
            if word == "-jar":
                break
        elif word == JNLP_MAIN:
            main_class, position = True, position + 1
            break
        elif _is_jar(word) and not typed:
            typed, position = word, position + 1
            break
        elif word in _JVM_WITH_VALUE and position + 1 < len(words):
            jvm += words[position : position + 2]
            position += 2
        else:
            jvm.append(word)
            position += 1
    typed = typed or jar or ""
    if not typed or any(word in WITH_VALUE for word in jvm):
        return None
    options, positional = read_options(words[position:], node)
    return LaunchLine(java, tuple(jvm), typed, main_class, options, positional), position


def _is_jar(word: str) -> bool:
    return word.lower().endswith(".jar")


def read_options(
    words: Sequence[str], node: str = ""
) -> tuple[tuple[Option, ...], tuple[str, ...]]:
    """Options and positional words of the agent's own arguments (what follows the jar)."""
    options: list[Option] = []
    positional: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if not word.startswith("-"):
            positional.append(word)
        elif word not in WITH_VALUE or position >= len(words):
            options.append((word, None))
        else:
            count = _name_length(words[position:], node) if word == "-name" else 1
            options.append((word, " ".join(words[position : position + count])))
            position += count
    if len(positional) > 2:
        positional = [positional[0], " ".join(positional[1:])]
    return tuple(options), tuple(positional)


def _name_length(words: Sequence[str], node: str) -> int:
    parts = node.split()
    return len(parts) if parts and list(words[: len(parts)]) == parts else 1


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
    names = tuple(name for name, _ in old.options)
    dropped = forbidden_options(names, version)
    from_file = old.value("-jnlpUrl") is not None
    main_class = old.main_class or (from_file and not modern)
    options = websocket_options(old.options, version, url)
    if main_class and not modern and ("-headless", None) not in options:
        options = (("-headless", None), *options)
    elif not main_class:
        options = tuple(option for option in options if option[0] != "-headless")
    line = replace(old, main_class=main_class, options=options)
    if not from_file:
        return NewLine(line, dropped)
    if work_dir and "-workDir" not in names:
        options = (*options, ("-workDir", work_dir))
    secret = old.secret() or MASK
    if modern:
        options = _named(options, node, secret)
        return NewLine(replace(line, options=options, positional=()), dropped)
    rest = [option for option in options if option[0] not in ("-secret", "-name")]
    rest = [("-noreconnect" if name == "-noReconnect" else name, value) for name, value in rest]
    return NewLine(replace(line, options=tuple(rest), positional=(secret, node)), dropped)


def websocket_options(
    options: Sequence[Option], version: str | None, url: str | None
) -> tuple[Option, ...]:
    """These options without what ``-webSocket`` forbids, with it and with a single ``-url``.

    ``url`` is added where there is none; None adds none. ``-jnlpUrl`` gives its place to
    ``-webSocket -url``.
    """
    names = tuple(name for name, _ in options)
    gone = {*forbidden_options(names, version), *_DIRECT_ONLY, *_NO_LONGER_NEEDED, "-jnlpUrl"}
    marks: list[Option] = [] if "-webSocket" in names else [("-webSocket", None)]
    if "-url" not in names and url is not None:
        marks.append(("-url", url))
    place = names.index("-jnlpUrl") if "-jnlpUrl" in names else _first_place(names)
    new: list[Option] = []
    for number, option in enumerate((*options, None)):
        if number == place:
            new += marks
        if option is None or option[0] in gone:
            continue
        if option[0] in ("-url", "-webSocket") and any(option[0] == name for name, _ in new):
            continue
        new.append(option)
    return tuple(new)


def _first_place(names: tuple[str, ...]) -> int:
    return next((i for i, name in enumerate(names) if name != "-headless"), len(names))


def _named(options: tuple[Option, ...], node: str, secret: str) -> tuple[Option, ...]:
    """The options with ``-name`` right after ``-url``, and the secret where it was."""
    rest = [option for option in options if option[0] != "-name"]
    place = next(i for i, (name, _) in enumerate(rest) if name == "-url") + 1
    rest.insert(place, ("-name", node))
    if not any(name == "-secret" for name, _ in rest):
        rest.insert(place + 1, ("-secret", secret))
    return tuple(rest)
