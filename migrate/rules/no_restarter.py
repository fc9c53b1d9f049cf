"""M039: an agent that reconnects inside the same process, and so with the same transport."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Launch, LaunchKind
from migrate.model.plan import Choices
from migrate.model.restart import restart_of, unit_of
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
            started = _is_started(launch, choices)
            yield Hit(
                subject(node),
                "reconnects without a restart, and is started anew by its supervisor instead"
                if started
                else "reconnects without a restart: it would come back over TCP",
                "read on its host: no restarter of Jenkins works there; "
                f"os {launch.os or 'not read'}, "
                f"supervisor {launch.supervisor}",
                "The JNLP file is read at process start only. Jenkins' own restarter needs Unix "
                "with JNA, or WinSW on Windows.",
                "Nothing: the plan has its supervisor start it after the switch."
                if started
                else "Restart the agent's process on its host after the switch: the plan has it as "
                "a manual step.",
                Severity.WARNING if started else Severity.BLOCKER,
            )


def _is_started(launch: Launch, choices: Choices | None) -> bool:
    """Whether a driver can have it started: from within, or over ssh by its unit."""
    over_ssh = choices is not None and choices.access.ssh is not None and unit_of(launch) != ""
    return over_ssh or restart_of(launch).by != ""


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
    levels="A warning where its supervisor starts it anew for the driver inband or ssh.",
)
