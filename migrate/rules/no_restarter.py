"""M039: an agent that reconnects inside the same process, and so with the same transport."""

from collections.abc import Iterator

from migrate.agents.restart import restart_of, unit_of
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, LaunchKind
from migrate.model.plan import Choices
from migrate.rules.nodes import launch_kind, subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    for node in to_move(inventory):
        launch = node.launch
        if (
            launch is not None
            and launch.restarter is False
            and launch_kind(node, choices) is LaunchKind.JNLP_URL
        ):
            within = restart_of(launch).by != ""
            # Whether ssh is configured is the planner's to know: without, it has a manual step.
            started = within or unit_of(launch) != ""
            yield Hit(
                subject(node),
                "reconnects without a restart, and is started anew by its supervisor instead"
                if within
                else "reconnects without a restart: its unit has to be restarted"
                if started
                else "reconnects without a restart: it would come back over TCP",
                "read on its host: no restarter of Jenkins works there; "
                f"os {launch.os or 'not read'}, "
                f"supervisor {launch.supervisor}",
                "The JNLP file is read at process start only. Jenkins' own restarter needs Unix "
                "with JNA, or WinSW on Windows.",
                "Nothing: the plan has its supervisor start it after the switch."
                if within
                else "Configure ssh (drivers: ssh: in the --config file), and the plan restarts "
                "its unit after the switch; without, the plan has that as a manual step."
                if started
                else "Restart the agent's process on its host after the switch: the plan has it as "
                "a manual step.",
                Severity.WARNING if started else Severity.BLOCKER,
            )


RULE = Rule(
    id="M039",
    name="no-restarter",
    title="An agent that can't restart itself",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="Neither of Jenkins' restarters works on the agent's host.",
    why="After a disconnect such an agent reconnects in the same process, with the transport that "
    "it read at its start.",
    by_hand="The agent's output after a disconnect lacks 'Restarting agent via'.",
    fix="Restart the process by hand, or by its service, after the node's flag was set.",
    sources=(
        jenkins("core/src/main/java/jenkins/slaves/restarter/ (Unix: JNA execv; WinSW restart!)"),
        jenkins("28f592df56: only plain permanent agents since 2.396 and LTS 2.401.1"),
    ),
    levels="A warning where its supervisor can start it anew: for the driver inband, or its "
    "systemd unit over ssh.",
)
