"""What a person is told to type next, with the connection options that they gave. Pure.

Texts name commands without them (``migrate apply PLAN --resume``): who raises an error or makes a
plan does not know how the tool was called. At each door to a person (messages, errors, tickets,
reports) ``with_given`` puts the options in that the named command takes.
"""

import posixpath
import re
import shlex
from urllib.parse import urlsplit

from migrate.model.secrets import mask
from migrate.model.text import visible

Given = tuple[tuple[str, str], ...]
"""(option, value) as given on the command line; an empty value is a flag. Never a secret."""

CONNECTION = (
    "--jenkins-url",
    "--jenkins-user",
    "--token-file",
    "--ca-file",
    "--client-cert",
    "--client-key",
    "--header-file",
    "--insecure-http",
    "--kubeconfig",
    "--context",
    "--no-cluster",
    "--jenkins-service",
    "--namespace",
    "--config",
    "--controller",
    "--timeout",
)
"""Where and how to connect; a token itself is no option of any command."""
FLAGS = ("--no-cluster", "--insecure-http")
READING = ("--launch-timeout",)
PLANS = "--plans"
"""The folder of the plans, where it is not ``plans``."""
TAKES = {
    "doctor": (*CONNECTION, *READING),
    "scan": (*CONNECTION, *READING),
    "plan": (*CONNECTION, *READING, PLANS),
    "apply": CONNECTION,
    "verify": (*CONNECTION, PLANS),
    "rollback": CONNECTION,
    "unlock": CONNECTION,
    "diff": (*CONNECTION, *READING),
}
"""Commands that connect, and which of these options they take."""
ANY_PLAN = "plans/NAME"
"""How a text names a plan of whatever name."""

_COMMAND = re.compile(rf"\bmigrate ({'|'.join(TAKES)})(?![\w-])")
_END = re.compile(r"\n|\bmigrate [a-z]| # ")
"""Where a command ends at the latest."""


def with_given(text: str, given: Given) -> str:
    """``text`` with the options put behind each command in it that connects, but those that it
    has already. Safe on any text, and on its own result."""
    if not given:
        return text
    text = text.replace(f" {ANY_PLAN}", f" {shlex.quote(plan_folder(given, 'NAME'))}")
    parts: list[str] = []
    at = 0
    for found in _COMMAND.finditer(text):
        end = _END.search(text, found.end())
        rest = text[found.end() : end.start() if end else len(text)]
        parts += [text[at : found.end()], _words(given, TAKES[found[1]], rest)]
        at = found.end()
    return "".join(parts) + text[at:]


def plan_folder(given: Given, name: str) -> str:
    """Where the plan of that name lies, as a person types it."""
    return posixpath.join(next((v for o, v in given if o == PLANS), "plans"), name)


def with_plans(given: Given, plans: str) -> Given:
    """``given`` for plans that lie in the folder ``plans``."""
    rest = tuple((option, value) for option, value in given if option != PLANS)
    return rest if plans == "plans" or not is_safe(PLANS, plans) else (*rest, (PLANS, plans))


def _words(given: Given, takes: tuple[str, ...], rest: str) -> str:
    told = ""
    for option, value in given:
        if option in takes and not re.search(rf"(?<!\S){option}(?![\w-])", rest):
            told += f" {option}" if option in FLAGS else f" {option} {shlex.quote(visible(value))}"
    return told


def is_safe(option: str, value: str) -> bool:
    """Whether a given option may be repeated: it is known, nothing in it looks secret."""
    if option not in (*CONNECTION, *READING, PLANS) or mask(value) != value:
        return False
    try:
        parts = urlsplit(value)
        return parts.password is None and parts.username is None
    except ValueError:
        return False
