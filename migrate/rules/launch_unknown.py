"""M021: how a connected agent was started is not known."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, LaunchKind
from migrate.model.plan import Choices
from migrate.rules.nodes import launch_kind, subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import measured

_FIX = (
    "Scan as a user with Overall/Administer, or say it where you know it: migrate plan --launch "
    "'PATTERN=jnlp-url' (or url-name, jnlp-main, container, swarm)"
)


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        if node.online and launch_kind(node, choices) is LaunchKind.UNKNOWN:
            skip = next(
                (s for s in inventory.skips if s.subject == subject(node) and s.what == "launch"),
                None,
            )
            yield Hit(
                subject(node),
                "how its agent was started is not known: it is not restarted by this tool",
                skip.reason if skip else "no launch was read on its host",
                "Only an agent started with -jnlpUrl follows the node's webSocket flag. Any other "
                "one would come back over TCP, or not at all.",
                f"What is needed: {skip.needed}" if skip and skip.needed else _FIX,
            )


RULE = Rule(
    id="M021",
    name="launch-unknown",
    title="How an agent was started is not known",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent's command line could not be read on its host (the evidence says why: a "
    "right that lacks, an answer that came too late), and nobody said what it is.",
    why="The flag in the node's configuration moves only agents started with -jnlpUrl. A plan "
    "that guesses would strand the others.",
    by_hand="On the host: ps -ef | grep -e agent.jar -e remoting; or the controller's log from "
    "2.437 on, which warns of each agent that uses -jnlpUrl.",
    fix=_FIX,
    sources=(measured("only -jnlpUrl agents changed transport after webSocket and doDisconnect"),),
)
