"""``migrate sandbox demo``: the whole story on the sandbox, as a person would type it.

Every command runs in a process of its own with the sandbox's environment; at the end the
story looks at the installation itself, not at what the commands said.
"""

import os
import shlex
import socket
import subprocess
import sys
import textwrap
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
    """For a reader who does not know the project."""
    command: str
    expect: int = 0
    first: Callable[["Sandbox"], str] | None = None
    """What happens right before it, told in the line that it returns."""


def begin_build(sandbox: "Sandbox") -> str:
    """A build on the node ``builder``."""
    sandbox.jenkins.start_build("builder", BUILD_SECONDS)
    return f"A build of {BUILD_SECONDS} s has just begun on the node builder."


def delete_balancer(sandbox: "Sandbox") -> str:
    """The LoadBalancer Service of ``two-edges``, as who keeps it in Argo CD's repository would."""
    sandbox.kube.remove("Service", "jenkins", "jenkins-agents-lb")
    return "Its keeper took Service jenkins/jenkins-agents-lb out of its repository."


MAIN_STORY = (
    Act(
        "What is there? A node is Jenkins' record of a machine that builds; its agent is the\n"
        "process on that machine. The transport is read from each agent's own log.",
        "migrate scan -q",
    ),
    Act(
        "Write a plan: first one node (the canary), then the others in waves, then the port.\n"
        "Only this command decides; what follows does what the plan says.",
        "migrate plan -q --name demo --probe-hold 5",
    ),
    Act(
        "Rehearse it: every target is read again, Kubernetes tries each change without keeping\n"
        "it, and the differences are shown. Nothing is changed.",
        f"migrate apply {PLAN} --dry-run",
    ),
    Act(
        "Now for real. Each node: hold it (no new builds), wait for its builds, try the new way\n"
        "from its own host (probe), switch, restart the agent, verify in its log, release.\n"
        "One agent's command line must be changed by a person: there it stops (exit 4).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        4,
        first=begin_build,
    ),
    Act(
        "The person's part: review and run, on that host, the script that the plan holds.",
        f"sh {PLAN}/runbooks/by-name.sh",
    ),
    Act(
        "Go on where it stopped. Every agent is on WebSocket now; the one that was never\n"
        "connected is accepted as it is. So the port is closed, from the outside inwards.",
        f"migrate apply {PLAN} --resume --yes --confirm localhost --soak 0 --poll 0.5 "
        "--accept-offline all",
    ),
    Act("Is everything on WebSocket and the port closed, now?", "migrate verify -q"),
    Act(
        "The record of the run, from its journal. `migrate rollback` would work from the same.",
        f"migrate status {PLAN}",
    ),
    Act(
        "The same as an attachment to the change ticket.",
        f"migrate report {PLAN} -o md > report.md",
    ),
)

FLEET_STORY = (
    Act(
        "What is there? Forty nodes with every way of starting an agent, and two clouds.",
        "migrate scan -q",
    ),
    Act(
        "Write a plan: what can be moved from here, and what a person must change on its host.",
        "migrate plan -q --name demo --probe-hold 5",
    ),
    Act(
        "Move what can be moved. The rest is handed to a person, each node with its steps, and "
        "the port stays open for it (exit 4).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        4,
    ),
    Act("Where that leaves it.", f"migrate status {PLAN}"),
)

BEHIND_PROXIES_STORY = (
    Act(
        "What is there? Two agents get out only through a forward proxy, one meets a front that\n"
        "drops Upgrade, and two have names that a WebSocket handshake cannot carry.",
        "migrate scan -q",
    ),
    Act(
        "Write a plan. Who would be lost is named and left on TCP. (The sandbox has no TLS.)",
        "migrate plan -q --name demo --accept-http --probe-hold 5",
    ),
    Act(
        "Move the others. Each agent's own host tries the way first: what one of them meets\n"
        "cannot be seen from here. Its node stays as it was (exit 7).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        7,
    ),
    Act(
        "Without that one, nothing is left to move.",
        "migrate plan -q --name rest --accept-http --exclude west-office",
    ),
    Act(
        "The port is not closed while agents need it, and each of them is named (exit 4).",
        "migrate apply plans/rest --yes --confirm localhost --soak 0 --poll 0.5",
        4,
    ),
)

TWO_EDGES_STORY = (
    Act(
        "What is there? Two ingress controllers and a LoadBalancer Service lead to one agent\n"
        "port, by three different ports, and agents come in by each.",
        "migrate scan -q",
    ),
    Act(
        "The plan closes each of them and tries each of them afterwards. One belongs to Argo CD,\n"
        "so a person must take it away.",
        "migrate plan -q --name demo --probe-hold 5",
    ),
    Act(
        "Every agent is moved and two ways are closed. The third waits for its keeper (exit 4).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        4,
    ),
    Act(
        "Not closed: each way is named with its answer, and one of them still answers (exit 4).",
        "migrate verify -q",
        4,
    ),
    Act(
        "Go on.",
        f"migrate apply {PLAN} --resume --yes --confirm localhost --soak 0 --poll 0.5",
        first=delete_balancer,
    ),
    Act("Now nothing accepts connections on any of them.", "migrate verify -q"),
    Act(
        "The way back would open each of them again.",
        f"migrate rollback {PLAN} --dry-run",
    ),
)

NO_UPGRADE_STORY = (
    Act(
        "WebSocket begins as an HTTP request with the header Upgrade. This installation's proxy\n"
        "drops that header, as many do. The scan says so.",
        "migrate scan -q",
    ),
    Act("So does doctor.", "migrate doctor -q"),
    Act("A plan can be made ...", "migrate plan -q --name demo --probe-hold 5"),
    Act(
        "... but apply tries the way first, with a probe node of its own, and refuses (exit 3).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        3,
    ),
)

DEAD_AGENT_STORY = (
    Act("Write a plan.", "migrate plan -q --name demo --probe-hold 5 --verify-timeout 20"),
    Act(
        "One agent's process dies and never comes back. Its node is put back as far as it can\n"
        "be, nobody goes on with the next wave, and the port stays open (exit 1).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        1,
    ),
    Act(
        "The report's loudest line says what a person must do, and on which host.",
        f"migrate report {PLAN} -o text",
    ),
)


def run_story(sandbox: "Sandbox", folder: Path, acts: tuple[Act, ...]) -> list[str]:
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
    builds = _ended_builds(sandbox)
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


def fleet_checks(sandbox: "Sandbox") -> Iterator[tuple[str, bool]]:
    """What must be true when the fleet's own part is done and a person's is not."""
    movable = [
        n.name
        for n in sandbox.scenario.nodes
        if n.launcher == "inbound" and n.agent and n.agent.launch == "jnlp-url"
    ]
    on_ws = [name for name in movable if transport(sandbox, name) == "WebSocket"]
    yield (
        f"{len(on_ws)} of {len(movable)} agents that were started with -jnlpUrl are on WebSocket",
        len(on_ws) == len(movable),
    )
    yield from open_checks(sandbox)


def behind_proxies_checks(sandbox: "Sandbox") -> Iterator[tuple[str, bool]]:
    """What must be true when all moved that can, and nobody else."""
    able = {"plain-1", "plain-2", "proxy-by-java"}
    names = [node.name for node in sandbox.scenario.nodes]
    on_ws = {name for name in names if transport(sandbox, name) == "WebSocket"}
    yield f"{len(on_ws & able)} of {len(able)} agents that can are on WebSocket", on_ws == able
    left = [name for name in names if name not in able]
    on_tcp = [name for name in left if transport(sandbox, name) == "JNLP4-connect"]
    yield f"{len(on_tcp)} of {len(left)} others are still connected over TCP", on_tcp == left
    yield from open_checks(sandbox)


def two_edges_checks(sandbox: "Sandbox") -> Iterator[tuple[str, bool]]:
    """What must be true when every way is closed."""
    for port in (sandbox.agent_port, *sandbox.other_ports.values()):
        yield f"a TCP connection to localhost:{port} is refused", _refused(port)
    nodes = [node.name for node in sandbox.scenario.nodes]
    on_ws = [name for name in nodes if transport(sandbox, name) == "WebSocket"]
    yield f"{len(on_ws)} of {len(nodes)} nodes are on WebSocket", on_ws == nodes
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
"""Of the scenario ``default``, by fault."""
OTHER_SCENARIOS = {
    "fleet": (FLEET_STORY, fleet_checks),
    "behind-proxies": (BEHIND_PROXIES_STORY, behind_proxies_checks),
    "two-edges": (TWO_EDGES_STORY, two_edges_checks),
}


def demo(sandbox: "Sandbox", folder: Path, fault: str) -> int:
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


def _ended_builds(sandbox: "Sandbox") -> list[str]:
    """How the builds ended. One that was queued while its node was held may still run now."""
    deadline = time.monotonic() + 2 * BUILD_SECONDS
    while time.monotonic() < deadline:
        states = [build.state for build in sandbox.jenkins.builds]
        if not {"queued", "running"} & set(states):
            break
        time.sleep(0.5)
    return states


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
