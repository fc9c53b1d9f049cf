"""The story of agents that no longer come through as they did over TCP."""

from collections.abc import Iterator

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import PLAN, Act
from migrate.sandbox.stories.seen import open_checks, transport

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


def behind_proxies_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """What must be true when all moved that can, and nobody else."""
    able = {"plain-1", "plain-2", "proxy-by-java"}
    names = [node.name for node in sandbox.scenario.nodes]
    on_ws = {name for name in names if transport(sandbox, name) == "WebSocket"}
    yield f"{len(on_ws & able)} of {len(able)} agents that can are on WebSocket", on_ws == able
    left = [name for name in names if name not in able]
    on_tcp = [name for name in left if transport(sandbox, name) == "JNLP4-connect"]
    yield f"{len(on_tcp)} of {len(left)} others are still connected over TCP", on_tcp == left
    yield from open_checks(sandbox)
