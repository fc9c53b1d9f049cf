"""The drivers that edit a launch and have it started anew: ``ssh`` and ``inband``. Pure."""

from dataclasses import replace

from migrate.agents.options import forbidden_options
from migrate.agents.restart import EXIT, SERVICE, Restart, editable_within, restart_of
from migrate.model.inventory import Controller, Launch, LaunchKind, Node
from migrate.model.plan import Choices
from migrate.model.plan_steps import FilesEdit, LaunchEdit
from migrate.model.reach import InbandReach
from migrate.planner.driver_choice import (
    ADMINISTER,
    BY_HAND,
    INBAND,
    SSH,
    DriverChoice,
    is_administrator,
    manual,
    restart_obstacle,
)
from migrate.planner.jar import jar_within, judge_jar, next_version
from migrate.planner.reach import EDITABLE_FILES, OverSsh
from migrate.planner.secrets import secret_file

EDITED = (LaunchKind.URL_NAME, LaunchKind.JNLP_MAIN)
"""Launches that hold the transport themselves."""
_NOT_FLAG = "a disconnect alone would not move it"


def edited(
    node: Node,
    controller: Controller,
    choices: Choices,
    launch: Launch,
    wanted: str | None,
    *,
    reach: OverSsh,
) -> DriverChoice:
    """``ssh`` where it reaches the host, else ``inband``, else a person; ``wanted`` is asked for.

    ssh comes first: it also starts an agent that has ended, which nothing can from within.
    """
    within = None if wanted == SSH else _inband(node, controller, choices, launch)
    if wanted == INBAND and within is not None:
        return within if not isinstance(within, str) else _by_hand(launch, within)
    if not reach.obstacle:
        over = over_ssh(node, controller, choices, launch, reach)
        if isinstance(within, DriverChoice) and over.driver != SSH:
            return replace(within, not_better=f"{over.reason}; {over.not_better}".rstrip("; "))
        return over
    if isinstance(within, DriverChoice):
        told = f"ssh can also start an agent that has ended, but {reach.obstacle}"
        return replace(within, not_better="; ".join(t for t in (told, within.not_better) if t))
    if within is None:
        return _by_hand(launch, reach.obstacle)
    return _by_hand(launch, f"inband: {within}; {reach.obstacle}")


def _by_hand(launch: Launch, why: str) -> DriverChoice:
    return manual(
        BY_HAND.get(launch.kind, _NOT_FLAG),
        f"reread moves only agents that were started with -jnlpUrl; {why}",
        launch,
    )


def over_ssh(
    node: Node, controller: Controller, choices: Choices, launch: Launch, reach: OverSsh
) -> DriverChoice:
    """Over ssh, with the launch edited where that is needed."""
    if reach.how is None:
        return _by_hand(launch, reach.obstacle)
    upgrade_to, note = None, ""
    if choices.upgrade:
        jar = judge_jar(node, controller, launch)
        upgrade_to, note = jar.to, jar.why
    runs = upgrade_to or next_version(node, controller, launch)
    # systemd starts it again, so the agent need not do so itself.
    quits = tuple(name for name in launch.options if name.lower() != "-noreconnect")
    files = tuple(f.path for f in launch.launch_files if f.kind in EDITABLE_FILES)
    secret = secret_file(node, launch, choices, as_root=reach.as_root) if files else ""
    edit: LaunchEdit | None = None
    if launch.kind is not LaunchKind.JNLP_URL or secret:
        quits = ()  # The editor takes out what does not go with -webSocket.
        if not files:
            what = "which file holds its launch was not found on its host"
            return manual(BY_HAND.get(launch.kind, _NOT_FLAG), what, launch)
        edit = _edit(controller, files, runs, reach.how.unit, secret, launch)
    obstacle = restart_obstacle(replace(launch, restarter=None, options=quits), runs)
    if obstacle:
        return manual(obstacle, note, launch)
    why = f"{reach.how.unit} on {reach.how.host} is restarted over ssh"
    if edit:
        why = f"its launch is edited and {why}"
    return DriverChoice(
        SSH, why, note if upgrade_to is None else "", launch, upgrade_to, reach.how, edit
    )


def _inband(
    node: Node, controller: Controller, choices: Choices, launch: Launch
) -> DriverChoice | str:
    """Through the agent itself; or in one clause why not."""
    if not is_administrator(controller):
        return f"without {ADMINISTER} nothing can be run on its host"
    restart = restart_of(launch)
    if restart.obstacle:
        return restart.obstacle
    jar = jar_within(node, controller, launch, upgrade=choices.upgrade)
    upgrade_to, note = jar.to, jar.why
    runs = upgrade_to or next_version(node, controller, launch)
    files = editable_within(launch, restart)
    secret = secret_file(node, launch, choices) if files else ""
    edit: LaunchEdit | None = None
    if launch.kind in EDITED or secret or forbidden_options(launch.options, runs):
        if not files:
            return _no_file(restart)
        edit = _edit(controller, files, runs, restart.unit, secret, launch)
    elif restart.by == SERVICE and launch.restarter is not True:
        return "Jenkins' restarter does not work on it"
    # Its supervisor starts it, and the editor takes out what does not go with -webSocket.
    obstacle = restart_obstacle(replace(launch, restarter=None, options=()), runs)
    if obstacle:
        return "; ".join(told for told in (obstacle, note) if told)
    return DriverChoice(
        INBAND,
        _why(edit, restart),
        note if upgrade_to is None else "",
        launch,
        upgrade_to,
        InbandReach(restart.by, restart.unit),
        edit,
    )


def within(
    node: Node, controller: Controller, choices: Choices, launch: Launch
) -> DriverChoice | None:
    """``inband`` with a restart by the supervisor, where that works."""
    found = _inband(node, controller, choices, launch)
    return None if isinstance(found, str) else found


def _no_file(restart: Restart) -> str:
    if restart.by == EXIT:
        return (
            "its unit itself counts only after a systemctl daemon-reload by root, and names no "
            "script or file of variables that the agent's own user may write"
        )
    return "no file that holds its launch may be written by the agent's own user"


def _why(edit: LaunchEdit | None, restart: Restart) -> str:
    start = {
        EXIT: "systemd starts it again when it ends",
        SERVICE: "Jenkins' restarter starts its WinSW service anew",
    }.get(restart.by, "that user's own systemd restarts it")
    return f"its own user may write its launch, and {start}" if edit else start


def _edit(  # noqa: PLR0917
    controller: Controller,
    files: tuple[str, ...],
    runs: str | None,
    unit: str,
    secret: str,
    launch: Launch,
) -> FilesEdit:
    return FilesEdit(
        files=files,
        url=controller.inbound_url or controller.root_url or controller.url,
        version=runs,
        unit=unit,
        secret_file=secret or None,
        secret_owner=launch.user if secret else None,
    )
