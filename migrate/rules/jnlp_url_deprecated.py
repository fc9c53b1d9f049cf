"""M051: agents are started with -jnlpUrl, which is deprecated."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, LaunchKind
from migrate.model.plan import Choices
from migrate.model.versions import JNLP_URL_DEPRECATED_FROM, Version
from migrate.rules.edge import agents_url
from migrate.rules.nodes import inbound, launch_kind
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins, remoting

MODERN = "java -jar agent.jar -url {url} -name NAME -secret @SECRET_FILE -webSocket -workDir DIR"
"""From agent.jar 3176 on."""


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    version = Version.maybe(inventory.controller.version)
    if version is None or version < JNLP_URL_DEPRECATED_FROM:
        return
    names = [n.name for n in inbound(inventory) if launch_kind(n, choices) is LaunchKind.JNLP_URL]
    if names:
        one = len(names) == 1
        yield Hit(
            "agents",
            f"{len(names)} {'agent is' if one else 'agents are'} started with -jnlpUrl, which is "
            "deprecated",
            f"the controller is {inventory.controller.version}; {', '.join(names)}",
            "Jenkins warns of this form from 2.437 on, and the node's page no longer shows its "
            "setting for WebSocket; it still works, and is moved by the flag in config.xml.",
            "Nothing before the move. When the launch is changed next, start the agent with: "
            + MODERN.format(url=agents_url(inventory.controller))
            + " (agent.jar 3176 or newer)",
        )


RULE = Rule(
    id="M051",
    name="jnlp-url-deprecated",
    title="Agents are started with -jnlpUrl, which is deprecated",
    severity=Severity.INFO,
    find=_find,
    meaning="The controller is 2.437 (LTS 2.440.1) or newer, and agents are started with -jnlpUrl.",
    why="Such agents take WebSocket from the node's configuration. From 2.437 on, a node's page "
    "shows 'Use WebSocket', the tunnel and the work directory only while one of them is set; so "
    "there may be no box to tick: the flag <webSocket> is set in config.xml, as the plan does.",
    by_hand="ps -ef on the host; the controller's log warns at each start of such an agent.",
    fix="Start agents as the node's page says: " + MODERN.format(url="JENKINS_URL") + ". It needs "
    "agent.jar 3176 or newer, and from then on the command line alone decides on the transport.",
    sources=(
        jenkins("6a2d94bfbe, 05037a087f (2.437, LTS 2.440.1): JNLPLauncher, config.jelly, the log"),
        remoting("3198.v03a_401881f3e: -jnlpUrl warns; 207ec082 (3176): one entry point"),
    ),
)
