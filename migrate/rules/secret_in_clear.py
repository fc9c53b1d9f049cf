"""M042: a secret stands on an agent's command line."""

from collections.abc import Iterator

from migrate.agents.command import LaunchLine, masked_words, read_launch
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Node
from migrate.model.plan import Choices
from migrate.model.secrets import MASK
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting


def _line(node: Node) -> LaunchLine | None:
    launch = node.launch
    if launch is None:
        return None
    windows = bool(launch.os and launch.os.lower().startswith("windows"))
    return read_launch(launch.command, node.name, jar=launch.jar, windows=windows)


def agents_own(line: LaunchLine) -> bool:
    """Whether the agent's own secret was masked, or that of a Swarm client's user."""
    if line.swarm:
        return any(MASK in word for word in (*line.positional, *line.strange))
    return MASK in (line.secret() or "")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        if node.launch is None or MASK not in node.launch.command:
            continue
        line = _line(node)
        if line is None or agents_own(line):
            yield Hit(
                subject(node),
                "has its secret in clear on its command line",
                f"read on its host, masked there: {node.launch.command}",
                "Everyone who may list processes on that host can read it.",
                "Put the secret into a file with mode 0600 and start the agent with -secret @FILE: "
                "migrate plan --secrets-to-files does so where it edits the launch.",
            )
        else:
            words = masked_words(line)
            yield Hit(
                subject(node),
                f"has a secret in clear on its command line that is not the agent's: "
                f"{', '.join(words) or 'a masked word'}",
                f"read on its host, masked there: {node.launch.command}",
                "Everyone who may list processes on that host can read it.",
                "Put the word into a file with mode 0600 that is named as @FILE: options of "
                "agent.jar take one, and java does so for its own from Java 9 on. A runbook "
                "leaves such a value for the person to fill in.",
            )


RULE = Rule(
    id="M042",
    name="secret-in-clear",
    title="A secret stands on an agent's command line",
    severity=Severity.INFO,
    find=_find,
    meaning="The command line holds a value that was masked when it was read: the agent's own "
    "secret, or another one such as -Djavax.net.ssl.trustStorePassword or -proxyCredentials.",
    why="The agent's secret is constant for a node's name on this controller: who has it can take "
    "the agent's place.",
    by_hand="ps -ef on the host.",
    fix="Use -secret @FILE; with migrate plan --secrets-to-files the drivers ssh and inband write "
    "the file and name it where they edit a launch.",
    sources=(remoting("docs/inbound-agent.md: any argument may be @file"),),
)
