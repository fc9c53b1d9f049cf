"""M038: an agent that ends when it is disconnected, and nobody to start it again."""

from collections.abc import Iterator

from migrate.agents.options import normal
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, LaunchKind
from migrate.model.plan import Choices
from migrate.rules.nodes import SUPERVISORS_THAT_RESTART, launch_kind, subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        launch = node.launch
        if (
            launch is None
            or "-noReconnect" not in normal(launch.options)
            or launch_kind(node, choices) is not LaunchKind.JNLP_URL
        ):
            continue
        watched = launch.supervisor in SUPERVISORS_THAT_RESTART
        yield Hit(
            subject(node),
            f"ends when it is disconnected, and {launch.supervisor} has to start it again"
            if watched
            else "ends when it is disconnected, and nothing starts it again",
            f"options read on its host: {' '.join(launch.options)}; supervisor: "
            f"{launch.supervisor} {launch.supervisor_detail}".rstrip(),
            "With -noReconnect the agent's process exits as soon as its connection is gone.",
            "See that the supervisor restarts it whatever its exit status is."
            if watched
            else "Take -noReconnect out of its launch, or put it under a supervisor that "
            "restarts it, then run: migrate plan --name NAME",
            Severity.WARNING if watched else Severity.BLOCKER,
        )


RULE = Rule(
    id="M038",
    name="no-reconnect",
    title="An agent with -noReconnect",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The agent was started with -noReconnect.",
    why="The move disconnects the agent so that it reads its JNLP file again. With this option "
    "it exits instead.",
    by_hand="The command line on its host.",
    fix="Remove the option, or make sure that a supervisor starts the agent again.",
    sources=(remoting("src/main/java/hudson/remoting/Engine.java, noReconnect"),),
    levels="A warning where systemd, WinSW, launchd, Docker or Kubernetes supervises it.",
)
