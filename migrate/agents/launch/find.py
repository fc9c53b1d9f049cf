"""Every agent that a command starts: itself, in a container, or through a shell. Pure.

All editors ask here, so that one construct gets one answer in every kind of file.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

from migrate.agents.launch.command import AGENT, JAVA, find_command, find_options
from migrate.agents.launch.docker_run import DockerRun, find_run
from migrate.agents.launch.launched import Launched, Unclear
from migrate.agents.launch.site import Site
from migrate.model.java_words import find_program
from migrate.splice.sh_words import GAP, read_script
from migrate.splice.text import NotEditable
from migrate.splice.view import View, in_quotes
from migrate.splice.words import OPAQUE, Style, Word

SHELL = Style(render=shlex.quote, gap=GAP)
_DEPTH = 4
_AGENT = re.compile(r"-jar[\s\"']|hudson\.remoting|inbound-agent|jnlp-slave|jnlp-agent|-jnlpUrl")
_HANDS_ON = re.compile(
    r"(?:^|[/\\])(?:(?i:cmd)(?:\.exe)?|(?:ba|da|k|z|a)?sh|busybox|su|runuser|sudo|doas|setpriv|tmux|screen|script|ssh|"
    r"systemd-run|start-stop-daemon|daemon|timeout|flock|setsid|nohup|env|xvfb-run|chroot|nsenter|"
    r"eval|watch|parallel|xargs)$"
)
"""Programs that hand a text of their arguments to a shell."""
_SETS = re.compile(r"[A-Za-z_]\w*\+?=")
"""An assignment: its value is looked at where it is used."""
_ONLY_TEXT = re.compile(
    r"(?i)(?:^@?|/)(?:echo|printf|logger|p?grep|egrep|pkill|ps|test|\[|cat|tee|sed|alias|title|:)$"
)
"""Programs for which a command is no more than text."""
_REGISTERS = re.compile(r"(?i)(?:^|[/\\])(nssm|sc|schtasks|prunsrv|procrun)(?:\.exe)?$")
"""Programs that keep a command for later: what runs is what they keep."""


def mentions_agent(text: str) -> bool:
    """Whether a text looks as if it started an agent."""
    return "-jar" in text and any(option in text for option in AGENT)


def find(
    words: Sequence[Word], site: Site, where: str, *, inside: bool = False, depth: int = 0
) -> tuple[Launched, ...]:
    """The agents that these words start, as far as this tool follows; ``Unclear`` beyond."""
    if words and _ONLY_TEXT.search(words[0].value.removeprefix(OPAQUE)):
        return ()
    command = find_command(words, where)
    keeper = next((m for word in words if (m := _REGISTERS.search(word.value))), None)
    if keeper and (command is not None or any(_AGENT.search(word.value) for word in words)):
        reason = (
            f"{where} hands a command to {keeper[1]}, which keeps it: what is kept there must "
            "change, not this file"
        )
        return (Unclear(where, reason, command.node() if command else None),)
    if command is not None:
        return (replace(command, site=site, inside=inside),)
    run = find_run(words, where)
    if run is not None:
        return _container(*run, site, where, depth)
    unclear = not_read(words, where)
    return (unclear,) if unclear else _in_texts(words, site, where, inside=inside, depth=depth)


def not_read(words: Sequence[Word], where: str) -> Unclear | None:
    """Java with an agent's options, whose program is not plain to see: the word that hides it."""
    values = [word.value for word in words]
    start = next((i for i, value in enumerate(values) if JAVA.search(value)), None)
    if start is None or not AGENT & set(values[start:]):
        return None
    found = find_program(values, start + 1)
    if isinstance(found, str) and found and not re.search(r"\s", found):
        return Unclear(where, f"{where}: what java runs stands behind its word {found}")
    if not isinstance(found, str) and found.argument_files and "-jar" not in values[start:]:
        files = " or ".join(found.argument_files)
        return Unclear(where, f"{where}: what java runs stands in {files}, a file of its options")
    if isinstance(found, str) or found.main_at is None or "-jar" not in values[start:]:
        return None
    number = found.main_at - start + 1
    reason = f"{where}: word {number} of its command stands where java takes its program's name"
    return Unclear(where, reason)


def _container(
    run: DockerRun, own: tuple[Word, ...], site: Site, where: str, depth: int
) -> tuple[Launched, ...]:
    found = find(own, site, where, inside=True, depth=depth + 1) if own and depth < _DEPTH else ()
    if found or not run.container.is_agent():
        return found
    return (replace(run, site=site),)


def _in_texts(
    words: Sequence[Word], site: Site, where: str, *, inside: bool, depth: int
) -> tuple[Launched, ...]:
    """What a shell is told to run by one of the words."""
    programs = [word.value.removeprefix(OPAQUE) for word in words]
    if depth > _DEPTH:
        return ()
    found: list[Launched] = []
    for number, word in enumerate(words):
        text = word.value.removeprefix(OPAQUE)
        if not _AGENT.search(text) or not re.search(r"\s", text) or _SETS.match(text):
            continue
        view = site.inside(site.view, word) if depth < _DEPTH else None
        if view is None:
            found += _hidden(text, where)
            continue
        place = f"{where}, a shell's text in quotes"
        read = site.script or in_script
        told = read(view, where=place, inside=inside, depth=depth + 1)
        if told and not any(_HANDS_ON.search(program) for program in programs[:number]):
            reason = f"{where}: a text in quotes has it, and what its program does is not known"
            told = (Unclear(where, reason, told[0].found().node),)
        found += told
    return tuple(found)


def _hidden(text: str, where: str) -> tuple[Launched, ...]:
    """An agent in a text whose quotes are not plain to see."""
    try:
        quoted = text[:1] in "\"'" and text[:1] == text[-1:]
        seen = in_script(View(text[1:-1] if quoted else text), where=where, depth=_DEPTH + 1)
    except NotEditable:
        seen = ()
    if not seen:
        return ()
    return (
        Unclear(where, f"{where}: a shell's text in quotes has it, quoted in a way of its own"),
    )


def in_script(
    view: View, *, where: str = "", inside: bool = False, depth: int = 0
) -> tuple[Launched, ...]:
    """The agents that a shell script starts. ``where``: empty tells the line of each."""
    script = read_script(view.text)
    site = Site(view, SHELL, _in_word)
    found: list[Launched] = []
    for words in script.commands:
        place = where or f"line {view.text.count(chr(10), 0, words[0].start) + 1}"
        found += find(words, site, place, inside=inside, depth=depth)
    for programs, start, end in script.documents:
        if any(_HANDS_ON.search(word) for word in programs) and depth < _DEPTH:
            line = view.text.count("\n", 0, start)
            place = f"{where or f'line {line}'}, its here-document"
            found += in_script(view.part(start, end), where=place, inside=inside, depth=depth + 1)
    for name, words in script.variables:
        command = find_options(words, f"variable {name}")
        if command is not None:
            found.append(replace(command, site=site, inside=inside))
    return tuple(found)


def _in_word(view: View, word: Word) -> View | None:
    return in_quotes(view, word.start, word.end)
