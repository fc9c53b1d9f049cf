"""``migrate sandbox demo``: the whole story on the sandbox, as a person would type it.

Every command runs in a process of its own with the sandbox's environment; at the end the
story looks at the installation itself, not at what the commands said.
"""

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.cli.console import result, say

if TYPE_CHECKING:
    from migrate.sandbox.installation import Sandbox

PLAN = "plans/demo"
BUILD_SECONDS = 20


@dataclass(frozen=True)
class Act:
    """One command of the story."""

    why: str
    command: str
    expect: int = 0
    build: bool = False
    """Start a build of 20 s on the node ``builder`` first."""


MAIN_STORY = (
    Act("What is there, and what stands in the way?", "migrate scan"),
    Act("Write a plan: a canary, waves, then the port.", "migrate plan --name demo --probe-hold 5"),
    Act("Rehearse it. Nothing is changed.", f"migrate apply {PLAN} --dry-run"),
    Act(
        "Move what can be moved. It stops at the node that only a person can move (exit 4).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        4,
        build=True,
    ),
    Act(
        "The person's part: the script that the plan holds for that host.",
        f"sh {PLAN}/runbooks/by-name.sh",
    ),
    Act(
        "Go on: every node is on WebSocket, the offline ones are accepted, the port is closed.",
        f"migrate apply {PLAN} --resume --yes --confirm localhost --soak 0 --poll 0.5 "
        "--accept-offline all",
    ),
    Act("Is everything on WebSocket and the port closed, now?", "migrate verify"),
    Act("The record of the run.", f"migrate status {PLAN}"),
    Act("The attachment to the change ticket.", f"migrate report {PLAN} -o md"),
)

NO_UPGRADE_STORY = (
    Act("The proxy drops Upgrade: the scan says so.", "migrate scan"),
    Act("So does doctor.", "migrate doctor"),
    Act("A plan can be made ...", "migrate plan --name demo --probe-hold 5"),
    Act(
        "... but apply proves it first, with a probe node, and refuses (exit 3).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        3,
    ),
)

DEAD_AGENT_STORY = (
    Act("Write a plan.", "migrate plan --name demo --probe-hold 5 --verify-timeout 20"),
    Act(
        "One agent never comes back: it is put back as far as it can be, the wave stops (exit 1).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        1,
    ),
    Act("Its report's loudest line says what a person must do.", f"migrate report {PLAN} -o text"),
)


def run_story(sandbox: "Sandbox", folder: Path, acts: tuple[Act, ...]) -> list[str]:
    """Run the acts; returns what went differently than expected."""
    wrong: list[str] = []
    environment = {**os.environ, **sandbox.environment(), "COLUMNS": "110"}
    bin_dir = str(Path(sys.executable).parent)
    environment["PATH"] = f"{environment['PATH']}{os.pathsep}{bin_dir}"
    for act in acts:
        if act.build:
            sandbox.jenkins.start_build("builder", BUILD_SECONDS)
            result(f"\n# (A build of {BUILD_SECONDS} s begins on the node builder.)")
        result(f"\n# {act.why}\n$ {act.command}")
        words = shlex.split(act.command)
        if words[0] == "migrate":
            words = [sys.executable, "-m", "migrate", *words[1:]]
        done = subprocess.run(words, cwd=folder, env=environment, check=False)
        if done.returncode != act.expect:
            wrong.append(f"`{act.command}` ended with {done.returncode}, not {act.expect}")
        if act.expect:
            result(f"(exit {done.returncode})")
    return wrong


def main_checks(sandbox: "Sandbox") -> Iterator[tuple[str, bool]]:
    """What must be true of the installation after the main story."""
    port = sandbox.agent_port
    yield f"a TCP connection to localhost:{port} is refused", _refused(port)
    moved = [n for n in sandbox.scenario.nodes if n.launcher == "inbound" and n.agent is not None]
    on_ws = [n.name for n in moved if transport(sandbox, n.name) == "WebSocket"]
    yield (
        f"{len(on_ws)} of {len(moved)} connected inbound nodes are on WebSocket",
        len(on_ws) == len(moved),
    )
    builds = [build.state for build in sandbox.jenkins.builds]
    yield "every build that was running finished", bool(builds) and set(builds) == {"finished"}
    yield "the database behind the same edge still answers", _greets(sandbox.db_port, b"db ok")


def untouched_checks(sandbox: "Sandbox") -> Iterator[tuple[str, bool]]:
    """What must be true when apply refused."""
    yield f"the TCP port localhost:{sandbox.agent_port} is open", not _refused(sandbox.agent_port)
    moved = [n for n in sandbox.scenario.nodes if n.launcher == "inbound" and n.agent is not None]
    same = [
        n
        for n in moved
        if n.web_socket or n.agent is None or transport(sandbox, n.name) == "JNLP4-connect"
    ]
    yield "no node was touched", len(same) == len(moved)
    yield "the database behind the same edge still answers", _greets(sandbox.db_port, b"db ok")


def open_checks(sandbox: "Sandbox") -> Iterator[tuple[str, bool]]:
    """What must be true when a wave was stopped."""
    yield f"the TCP port localhost:{sandbox.agent_port} is open", not _refused(sandbox.agent_port)
    yield "the database behind the same edge still answers", _greets(sandbox.db_port, b"db ok")


STORIES: dict[str, tuple[tuple[Act, ...], Callable[["Sandbox"], Iterator[tuple[str, bool]]]]] = {
    "": (MAIN_STORY, main_checks),
    "no-upgrade": (NO_UPGRADE_STORY, untouched_checks),
    "dead-agent": (DEAD_AGENT_STORY, open_checks),
}


def demo(sandbox: "Sandbox", folder: Path, fault: str) -> int:
    """Run the story of ``fault`` (empty: the main one) and check the installation."""
    started = time.monotonic()
    acts, checks = STORIES[fault]
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


def transport(sandbox: "Sandbox", node: str) -> str:
    """What the node's log on the controller says; empty when it is not connected."""
    if not sandbox.jenkins.is_online(node):
        return ""
    lines = sandbox.jenkins.agent_log(node).splitlines()
    prefix = "Communication Protocol: "
    return next((line.removeprefix(prefix) for line in lines if line.startswith(prefix)), "")


def _refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def _greets(port: int, expected: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(64).startswith(expected)
    except OSError:
        return False
