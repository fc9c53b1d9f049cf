"""``migrate sandbox demo``: the whole story on the sandbox, as a person would type it.

Every command runs in a process of its own with the sandbox's environment; at the end the
story looks at the installation itself, not at what the commands said.
"""

import os
import shlex
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from migrate.cli.console import result, say
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import Act
from migrate.sandbox.stories.registry import OTHER_SCENARIOS, STORIES


def run_story(sandbox: Sandbox, folder: Path, acts: tuple[Act, ...]) -> list[str]:
    """Run the acts; returns what went differently than expected."""
    wrong: list[str] = []
    environment = {**os.environ, **sandbox.environment()}
    if not sys.stdout.isatty():
        environment["COLUMNS"] = "110"
    bin_dir = str(Path(sys.executable).parent)
    environment["PATH"] = f"{environment['PATH']}{os.pathsep}{bin_dir}"
    for number, act in enumerate(acts, start=1):
        told = f"# {number}. {act.why}"
        result("\n" + textwrap.fill(told, 80, subsequent_indent="# ", break_on_hyphens=False))
        if act.first is not None:
            result(f"# ({act.first(sandbox)})")
        result(f"$ {act.command}")
        code = _run(act.command, folder, environment)
        if code != act.expect:
            wrong.append(f"`{act.command}` ended with {code}, not {act.expect}")
        if act.expect:
            result(f"(exit {code})")
    return wrong


def _run(command: str, folder: Path, environment: dict[str, str]) -> int:
    """Run a command line of the story, with its ``> FILE``; its exit code."""
    typed, _, file = command.partition(" > ")
    words = shlex.split(typed)
    if words[0] == "migrate":
        words = [sys.executable, "-m", "migrate", *words[1:]]
    if not file:
        return subprocess.run(words, cwd=folder, env=environment, check=False).returncode
    with (folder / file).open("wb") as out:
        return subprocess.run(
            words, cwd=folder, env=environment, check=False, stdout=out
        ).returncode


def demo(sandbox: Sandbox, folder: Path, fault: str) -> int:
    """Run the story of ``fault`` (empty: the main one) and check the installation."""
    started = time.monotonic()
    acts, checks = OTHER_SCENARIOS.get(sandbox.scenario.name, STORIES[fault])
    wrong = run_story(sandbox, folder, acts)
    result("\n# And what the installation itself says:")
    for text, good in checks(sandbox):
        result(f"{'ok ' if good else 'NO '} {text}")
        if not good:
            wrong.append(text)
    say(f"{time.monotonic() - started:.0f} s")
    for text in wrong:
        say(f"WRONG: {text}")
    return 1 if wrong else 0
