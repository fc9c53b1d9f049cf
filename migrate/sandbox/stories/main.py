"""The main story: everything is moved and the port closed."""

import time
from collections.abc import Iterator

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import PLAN, Act
from migrate.sandbox.stories.seen import greets, refused, transport

BUILD_SECONDS = 20


def begin_build(sandbox: Sandbox) -> str:
    """A build on the node ``builder``."""
    sandbox.jenkins.start_build("builder", BUILD_SECONDS)
    return f"A build of {BUILD_SECONDS} s has just begun on the node builder."


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


def main_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """What must be true of the installation after the main story."""
    port = sandbox.agent_port
    yield f"a TCP connection to localhost:{port} is refused", refused(port)
    moved = [n for n in sandbox.scenario.nodes if n.launcher == "inbound" and n.agent is not None]
    on_ws = [n.name for n in moved if transport(sandbox, n.name) == "WebSocket"]
    yield (
        f"{len(on_ws)} of {len(moved)} connected inbound nodes are on WebSocket",
        len(on_ws) == len(moved),
    )
    builds = ended_builds(sandbox)
    yield "every build that was running finished", bool(builds) and set(builds) == {"finished"}
    yield "the database behind the same edge still answers", greets(sandbox.db_port, b"db ok")


def ended_builds(sandbox: Sandbox) -> list[str]:
    """How the builds ended. One that was queued while its node was held may still run now."""
    deadline = time.monotonic() + 2 * BUILD_SECONDS
    while time.monotonic() < deadline:
        states = [build.state for build in sandbox.jenkins.builds]
        if not {"queued", "running"} & set(states):
            break
        time.sleep(0.5)
    return states
