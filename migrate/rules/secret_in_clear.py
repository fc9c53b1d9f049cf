"""M042: an agent's secret stands on its command line."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.secrets import MASK
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        if node.launch is not None and MASK in node.launch.command:
            yield Hit(
                subject(node),
                "has its secret in clear on its command line",
                f"read on its host, masked there: {node.launch.command}",
                "Everyone who may list processes on that host can read it.",
                "Put the secret into a file with mode 0600 and start the agent with -secret @FILE: "
                "migrate plan --secrets-to-files does so where it edits the launch.",
            )


RULE = Rule(
    id="M042",
    name="secret-in-clear",
    title="An agent's secret stands on its command line",
    severity=Severity.INFO,
    find=_find,
    meaning="The command line holds a value that was masked when it was read.",
    why="The secret is constant for a node's name on this controller: who has it can take the "
    "agent's place.",
    by_hand="ps -ef on the host.",
    fix="Use -secret @FILE; with migrate plan --secrets-to-files the drivers ssh and inband write "
    "the file and name it where they edit a launch.",
    sources=(remoting("docs/inbound-agent.md: any argument may be @file"),),
)
