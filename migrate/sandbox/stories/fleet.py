"""The story of a fleet: what can be moved, and what is handed to a person."""

from collections.abc import Iterator

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import PLAN, Act
from migrate.sandbox.stories.seen import open_checks, transport

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


def fleet_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
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
