"""``inband``: everything goes through the agent itself. Pure.

Its own host tries the new way first, can be brought a newer agent.jar, and edits the launch where
the agent's own user may write it and its supervisor starts it again.
"""

from migrate.agents.options import forbidden_options
from migrate.agents.restart import EXIT, SERVICE, Restart, editable_within, restart_of
from migrate.model.inventory import Launch, LaunchKind, Node
from migrate.model.reach import InbandReach
from migrate.model.versions import AGENT_RETRIES_FIRST_CONNECT, Version
from migrate.planner.jar import jar_within, next_version
from migrate.planner.offers.base import INBAND, Facts, Offer, Refusal, at_hand
from migrate.planner.offers.launch import (
    BY_HAND,
    EDITED,
    ByFlag,
    by_flag,
    files_edit,
    lost_at_restart,
    nothing_runs_there,
)
from migrate.planner.secrets import secret_file, wanted


def offer(node: Node, facts: Facts) -> Offer | Refusal:
    """By a disconnect where that is enough, else by a restart of its supervisor."""
    launch = at_hand(node, facts)
    if isinstance(launch, Refusal):
        return launch
    if launch.kind in EDITED:
        return _by_supervisor(node, facts, launch)
    if launch.kind is not LaunchKind.JNLP_URL:
        return Refusal(BY_HAND[launch.kind])
    flag = by_flag(node, facts, launch)
    if flag.stuck is not None or wanted(launch, facts.choices):
        found = _by_supervisor(node, facts, launch)
        # A secret alone is no reason to restart an agent otherwise, if it would stay all the same.
        if flag.stuck is not None or (isinstance(found, Offer) and found.launch_edit):
            return found
    return nothing_runs_there(facts, launch) or _by_disconnect(facts, flag)


def _by_disconnect(facts: Facts, flag: ByFlag) -> Offer:
    """An agent that was started with ``-jnlpUrl`` then reads its JNLP file again."""
    if flag.jar.to is not None:
        return Offer(f"{flag.jar.why}, and it can be replaced", upgrade_to=flag.jar.to)
    # Neither comes back by the flag alone: one is gone, one retries over WebSocket.
    version = Version.maybe(flag.runs)
    exits = version is not None and version < AGENT_RETRIES_FIRST_CONNECT
    if not exits and facts.asked == INBAND:
        return Offer("it was asked for (--driver)", note=flag.jar.why)
    comes_of_it = "exits for good" if exits else "retries without end"
    return Offer(
        f"remoting {flag.runs} {comes_of_it} when its first WebSocket handshake fails, "
        "so its host tries the way first",
        note=flag.jar.why,
    )


def _by_supervisor(node: Node, facts: Facts, launch: Launch) -> Offer | Refusal:
    closed = nothing_runs_there(facts, launch)
    if closed is not None:
        return closed
    restart = restart_of(launch)
    if restart.obstacle:
        return Refusal(restart.obstacle, restart.possible)
    jar = jar_within(node, facts.controller, launch, upgrade=facts.choices.upgrade)
    runs = jar.to or next_version(node, facts.controller, launch)
    files = editable_within(launch, restart)
    secret = secret_file(node, launch, facts.choices) if files else ""
    edit = None
    if launch.kind in EDITED or secret or forbidden_options(launch.options, runs):
        if not files:
            return _no_file(restart)
        edit = files_edit(facts, launch, files, runs, restart.unit, secret)
    elif restart.by == SERVICE and launch.restarter is not True:
        return Refusal("Jenkins' restarter does not work on it")
    # Its supervisor starts it, and the editor takes out what does not go with -webSocket.
    lost = lost_at_restart((), runs, jar.why)
    if lost is not None:
        return lost
    return Offer(
        _why(restart, edited=edit is not None),
        note=jar.why if jar.to is None else "",
        upgrade_to=jar.to,
        reach=InbandReach(restart.by, restart.unit),
        launch_edit=edit,
    )


def _no_file(restart: Restart) -> Refusal:
    if restart.by == EXIT:
        return Refusal(
            "its unit itself counts only after a systemctl daemon-reload by root, and names no "
            "script or file of variables that the agent's own user may write",
            "use ssh, which has root reload it",
        )
    return Refusal(
        "no file that holds its launch may be written by the agent's own user",
        "let that user write it",
    )


def _why(restart: Restart, *, edited: bool) -> str:
    start = {
        EXIT: "systemd starts it again when it ends",
        SERVICE: "Jenkins' restarter starts its WinSW service anew",
    }.get(restart.by, "that user's own systemd restarts it")
    return f"its own user may write its launch, and {start}" if edited else start
