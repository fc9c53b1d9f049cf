"""An agent's command among the words of a text, and the words it should have. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from migrate.agents.command import (
    HARMLESS,
    JNLP_MAIN,
    LaunchLine,
    in_place,
    read_options,
    read_words,
    to_websocket,
)
from migrate.agents.launch.base import FoundLaunch, Wanted
from migrate.agents.launch.launched import Launched, Rewrite
from migrate.agents.launch.site import Site
from migrate.agents.options import forbidden_options
from migrate.model.inventory import LaunchKind
from migrate.model.secrets import MASK, mask
from migrate.splice.edit import SecretFile
from migrate.splice.text import NotEditable, hidden
from migrate.splice.words import OPAQUE, Word

JAVA = re.compile(r"(?i)(?:^|[/\\])javaw?(?:\.exe)?$|^\0.*java")
AGENT = frozenset(["-jnlpUrl", "-url", "-direct", "-directConnection"])
"""Options of which every agent has one."""
TRANSPORT = (
    "-webSocket",
    "-url",
    "-jnlpUrl",
    "-name",
    "-secret",
    "-headless",
    "-workDir",
    "-instanceIdentity",
    "-protocols",
    "-noReconnect",
    "-noreconnect",
    "-text",
    "-ping",
    "-auth",
    "-tcp",
    "-connectTo",
)
"""Options that a move to WebSocket adds, takes out, or writes otherwise."""
SECRET_OPTIONS = (
    "-secret",
    "-credentials",
    "-jnlpCredentials",
    "-proxyCredentials",
    "-auth",
    "-webSocketHeader",
)
"""Options whose values are never shown."""
_DECIDING = ("-url", "-name", "-secret", "-webSocket", "-jnlpUrl")
_MAIN = re.compile(r"hudson\.(?:remoting\.(?:jnlp\.Main|Launcher)|plugins\.swarm\.)")
_AGENT_JAR = re.compile(r"(?i)(?:agent|slave|remoting)[^/\\]*\.jar$")
_ARGUMENT = re.compile(r"^\0.*(?:\$\{?[@*\d]|%~?[*\d]|%%~?[A-Za-z])", re.DOTALL)
"""What another value stands for each time: an argument of a script, a loop's variable in cmd."""
_NAMED = re.compile(r"\$\{?[\w@*#?]+|\$\(|`|%[\w~]+%?|![\w]+!")
_COMPUTER = re.compile(r"/computer/([^/]+)/(?:jenkins|slave)-agent\.jnlp$")


@dataclass(frozen=True)
class Command:
    """An agent's command; the first of ``words`` is java."""

    words: tuple[Word, ...]
    line: LaunchLine
    options_at: int
    """Position of the first word that is the agent's own."""
    where: str
    site: Site | None = None
    """Where the words stand; None: in the file's own text, in the editor's own style."""
    inside: bool = False
    """It runs in a container, where no file of the host is."""

    def secret(self) -> str | None:
        """The secret that stands in the text; None: there is none, or it is elsewhere."""
        value = self.line.secret()
        outside = value is None or not value or value == MASK or value[0] in ("@", OPAQUE, "%")
        return None if outside else value

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown: the secret, and those of a few other options."""
        told = [o.value for o in self.line.options if o.name in SECRET_OPTIONS and o.value]
        return tuple(one for one in (self.secret(), *told) if one and one[0] not in ("@", OPAQUE))

    def node(self) -> str | None:
        """The node's name, as far as the text tells it."""
        line = self.line
        url = line.value("-jnlpUrl")
        if url is not None:
            match = _COMPUTER.search(urlsplit(url).path) if OPAQUE not in url else None
            return unquote(match[1]) if match else None
        name = line.value("-name")
        if name is None and len(line.positional) > 1 and not line.strange:
            name = line.positional[1]
        return None if name is None or OPAQUE in name or mask(name) != name else name

    def kind(self) -> LaunchKind:
        """How it is started."""
        if self.line.swarm:
            return LaunchKind.SWARM
        if self.line.value("-jnlpUrl") is not None:
            return LaunchKind.JNLP_URL
        main = self.line.main_class or (not self.line.jar and self.line.positional)
        return LaunchKind.JNLP_MAIN if main else LaunchKind.URL_NAME

    def found(self) -> FoundLaunch:
        """The same for the caller."""
        words = " ".join(
            word.value.removeprefix("-").removeprefix(OPAQUE)
            if OPAQUE in word.value
            else word.value
            for word in self.words
        )
        names = tuple(mask(o.name) for o in self.line.options if OPAQUE not in o.name)
        # A word that no rule explains may be a secret, too.
        stray = [word for word in self.line.strange if word[:1] not in ("-", OPAQUE)]
        return FoundLaunch(
            node=self.node(),
            kind=self.kind(),
            command=hidden(words, (*self.secrets(), *stray)),
            options=names,
            websocket="-webSocket" in names,
            secret_in_clear=self.secret() is not None,
            where=self.where,
        )

    def rewritten(self, wanted: Wanted) -> "Rewrite":
        """The words that it should have; ``NotEditable`` where that is not clear."""
        if self.inside:
            wanted = replace(wanted, secret_file=None)
        return rewrite(self, wanted)

    def same_but_transport(self, other: "Launched") -> bool:
        """Whether ``other`` starts the same agent: jar, node, secret, every other option."""
        if not isinstance(other, Command):
            return False
        mine, theirs = self.line, other.line
        jar = mine.jar == theirs.jar and mine.jvm == theirs.jvm
        return jar and self.node() in (None, other.node()) and _rest(mine) <= _rest(theirs)


def _rest(line: LaunchLine) -> set[str]:
    """Options that have nothing to do with the transport, with their values."""
    gone = {*TRANSPORT, *forbidden_options(tuple(o.name for o in line.options), None)}
    return {" ".join(o.words()) for o in line.options if o.name not in gone}


def find_command(words: Sequence[Word], where: str) -> Command | None:
    """The agent's command in these words; None: they start none.

    What stands before java (``exec``, ``nohup``, ``sudo -u``) is no part of it.
    """
    words = _without_daemon(words)
    values = [_harmless(word) for word in words]
    if not ("-jar" in values or _MAIN.search(" ".join(values))):
        return None
    reads = ((start, read_words(values[start:], "")) for start in _starts(values))
    start, read = next(((start, read) for start, read in reads if read is not None), (0, None))
    if read is None:
        return None
    line, options_at = read
    if not _is_agent(line, [name for word in words[start:] for name in word.hidden]):
        return None
    kept = tuple(
        word if word.value == value else Word(value, word.start, word.end)
        for word, value in zip(words[start:], values[start:], strict=True)
    )
    return Command(kept, line, options_at, where)


def _starts(values: Sequence[str]) -> list[int]:
    """Where java may stand: by its name, else in a variable with options of Java's behind it.

    A user or a variable before it may have java in its name, too.
    """
    named = [i for i, value in enumerate(values) if JAVA.search(value)]
    pairs = enumerate(pairwise(values))
    return named + [i for i, (a, b) in pairs if a.startswith(OPAQUE) and b.startswith("-")]


def _is_agent(line: LaunchLine, hidden_words: Sequence[str]) -> bool:
    """Whether java runs an agent, and not another program that takes ``-url``."""
    names = {option.name for option in line.options} | set(hidden_words)
    own = bool(line.main) or _AGENT_JAR.search(line.jar) is not None
    if line.swarm or names & (AGENT - {"-url"}):
        return True
    if own:
        return bool(names & AGENT or line.argument_files or line.strange or _open(line))
    told = names & {"-name", "-secret", "-webSocket", "-tunnel"} or line.positional
    return bool(line.argument_files or ("-url" in names and told and not line.strange))


def _without_daemon(words: Sequence[Word]) -> Sequence[Word]:
    """``start-stop-daemon --exec JAVA ... -- WORDS`` as ``JAVA WORDS``."""
    values = [word.value for word in words]
    if not any(re.search(r"(?:^|/)start-stop-daemon$", value) for value in values):
        return words
    if "--" not in values:
        return words
    end = values.index("--")
    java = [word for word in words[:end] if JAVA.search(word.value.rpartition("=")[2])]
    return (*java[-1:], *words[end + 1 :])


def _open(line: LaunchLine) -> bool:
    """Whether words that stand elsewhere may bring its options."""
    told = (*line.positional, *line.strange, *(o.name for o in line.options))
    return any(OPAQUE in word for word in told)


def find_options(words: Sequence[Word], where: str) -> Command | None:
    """An agent in a variable of its own words: all that follows java, or its options alone.

    None: it holds neither. What java, the jar and the options are, is read as everywhere.
    """
    values = [word.value for word in words]
    if any(JAVA.search(value) for value in values):
        return find_command(words, where)
    if "-jar" in values or _MAIN.search(" ".join(values)):
        return find_command((Word("java", words[0].start, words[0].start), *words), where)
    options, positional, strange = read_options(values)
    if not AGENT & {option.name for option in options}:
        return None
    line = LaunchLine("", (), "", "", options, positional, strange)
    return Command(tuple(words), line, 0, where)


def _harmless(word: Word) -> str:
    """A word of several options that may all stay is read as one option without a value."""
    if not word.hidden:
        return word.value
    names = tuple(w for w in word.hidden if w.startswith("-"))
    touched = [name for name in names if name in _DECIDING] or forbidden_options(names, None)
    whole = word.hidden[0].startswith("-")
    return word.value if touched or not whole else HARMLESS + word.value.removeprefix(OPAQUE)


def rewrite(command: Command, wanted: Wanted) -> Rewrite:
    """What the command's words should be; ``NotEditable`` with the reason if that is unclear."""
    old = command.line
    _refuse_unclear(command, wanted)
    keeps_url = old.value("-jnlpUrl") is not None and not wanted.rewrite_jnlp_url
    if not (keeps_url or old.jar) and old.value("-jnlpUrl") is not None:
        raise NotEditable(
            "it holds -jnlpUrl, and the command that uses it stands elsewhere", wanted.path
        )
    if keeps_url:
        line, notes, reason = _stay(old, wanted)
    else:
        made = to_websocket(old, wanted.node, wanted.url, wanted.version, wanted.work_dir)
        line, reason = made.line, ""
        notes = _dropped(made.dropped, old)
        if old.secret() is None and line.secret() is not None:
            raise NotEditable("it names no -secret", wanted.path)
    secret = command.secret()
    file = None
    if secret is not None and wanted.secret_file:
        file = SecretFile(wanted.secret_file, secret + "\n")
        line = line.with_secret("@" + wanted.secret_file)
        notes = (*notes, f"the secret moves to {wanted.secret_file}, which its owner alone reads")
    elif secret is not None:
        notes = (*notes, "the secret still stands in this file")
    values = [word.value for word in command.words]
    tail = in_place(values[command.options_at :], line.options, line.positional)
    head = _head(values[: command.options_at], old, line)
    return Rewrite((*head, *tail), notes, file, reason)


def _refuse_unclear(command: Command, wanted: Wanted) -> None:
    line = command.line
    if line.swarm:
        raise NotEditable(
            "it starts a Swarm client, whose options a person changes: -tunnel out, -webSocket in",
            wanted.path,
        )
    if line.argument_files:
        raise NotEditable(elsewhere(line), wanted.path)
    limit = 2 if line.main_class or OPAQUE not in "".join(line.positional) else 0
    values = [word.value for word in command.words]
    strange = [*line.positional[limit:], *line.strange]
    strange += [word for word in line.positional[:limit] if word not in values]
    if strange or len(line.positional) == 1:
        word = (strange or line.positional)[0]
        why = next((w.why for w in command.words if w.value == word), "")
        raise NotEditable(not_known(word, values, why), wanted.path)
    for name, value, _ in line.options:
        if OPAQUE in name and not name.startswith(HARMLESS):
            raise NotEditable("one of its options is not written out", wanted.path)
        if name in ("-name", "-jnlpUrl") and value and _ARGUMENT.search(value):
            raise NotEditable(
                f"the same line starts several agents: its {name} is an argument", wanted.path
            )


def elsewhere(line: LaunchLine) -> str:
    """Where the options of a command with ``@file`` stand, and what belongs there."""
    files = " and ".join(line.argument_files)
    return (
        f"options of agent.jar stand in {files}, a word a line: a line -webSocket belongs there, "
        "and -tunnel with the line behind it goes"
    )


def not_known(word: str, values: Sequence[str], why: str = "") -> str:
    """The reason for a word that no rule explains; one that may be a secret is not repeated."""
    if OPAQUE in word:
        why = why or "which stands elsewhere"
        # Only what is named by it: what is written around may be a secret.
        written = word.removeprefix(OPAQUE)
        told = " and ".join(dict.fromkeys(_NAMED.findall(written)))
        plain = re.fullmatch(r"[\"']?\$(?:\{?[\w@*\[\]]+\}?|\([^()]*\))[\"']?|%\w+%|!\w+!", written)
        return f"options may come from {written if plain or not told else told}, {why}"
    if word.startswith("-") and not re.search(r"\s", word):
        return f"its word {word.partition('=')[0]} is no option of agent.jar"
    at = values.index(word) if word in values else 0
    behind = next((w for w in reversed(values[:at]) if w.startswith("-")), "")
    told = f" (behind {behind.partition('=')[0]})" if behind else ""
    return f"word {at + 1} of its command{told} is no option of agent.jar"


def _stay(old: LaunchLine, wanted: Wanted) -> tuple[LaunchLine, tuple[str, ...], str]:
    """A ``-jnlpUrl`` launch gets ``-webSocket`` from the JNLP file: only obstacles go."""
    names = tuple(option.name for option in old.options)
    dropped = forbidden_options(names, wanted.version)
    if old.secret() is None and {"-credentials", "-jnlpCredentials"} & set(dropped):
        raise NotEditable("it logs in by -jnlpCredentials and has no -secret", wanted.path)
    options = tuple(o for o in old.options if o.name not in {*dropped, "-webSocket"})
    line = replace(old, options=options)
    reason = "it is started with -jnlpUrl: the node's webSocket setting moves it"
    return line, _dropped(dropped, old), reason


def _dropped(names: tuple[str, ...], old: LaunchLine) -> tuple[str, ...]:
    notes = [f"{name} cannot stand beside -webSocket" for name in dict.fromkeys(names)]
    urls = [option.value or "" for option in old.options if option.name == "-url"]
    if len(urls) > 1:
        notes.append(f"-webSocket takes a single -url: {urls[0]} stays".replace(OPAQUE, ""))
    return tuple(notes)


def _head(words: list[str], old: LaunchLine, new: LaunchLine) -> list[str]:
    """The words up to the agent's own: ``-jar JAR`` becomes ``-cp JAR`` and the main class."""
    if new.main == old.main:
        return words
    # The jar is the last word of the head, and -jar the one before it.
    return [*words[:-2], "-cp", words[-1], JNLP_MAIN]
