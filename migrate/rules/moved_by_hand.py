"""M043: agents whose transport stands on their own command line."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.nodes import MOVED_BY_HAND, launch_kind, subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins, measured


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        kind = launch_kind(node, choices)
        if kind in MOVED_BY_HAND:
            launch = node.launch
            yield Hit(
                subject(node),
                f"was started as {kind}: its launch has to be changed on its host",
                f"read on its host{f' {launch.host}' if launch.host else ''}: {launch.command}"
                if launch is not None and launch.command
                else "as asserted with --launch",
                "The node's webSocket flag does not reach such an agent: its transport is what "
                "its own command line, unit file or environment says.",
                "Nothing where the plan says kubernetes, ssh, inband or command: they change the "
                "launch. Else run its runbook on the host when apply stops at the manual steps, "
                "then: migrate apply PLAN --resume",
            )


RULE = Rule(
    id="M043",
    name="moved-by-hand",
    title="An agent whose launch has to be changed on its host",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent was started with -url and -name, by hudson.remoting.jnlp.Main, as a Swarm "
    "client or in a container.",
    why="A tool that flips the flag and calls it done would strand this agent when the port is "
    "closed.",
    by_hand="The command line on the host has no -jnlpUrl.",
    fix="The plan changes the launch where a driver can (migrate explain drivers), and has a "
    "runbook for each other host: -webSocket added, what it forbids left out.",
    sources=(
        jenkins("core/src/main/java/hudson/slaves/JNLPLauncher.java: deprecated since 2.437"),
        measured("an agent started with -url came back over TCP after the flag was set"),
    ),
)
