"""``ssh``: the launch is edited and its unit restarted from outside. Pure."""

from migrate.agents.restart import unit_of
from migrate.model.access import SshAccess, ssh_host
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Launch, LaunchKind, Node
from migrate.model.reach import SshReach
from migrate.model.text import visible
from migrate.planner.jar import judge_jar, next_version
from migrate.planner.offers.base import SSH, Facts, Offer, Refusal, at_hand
from migrate.planner.offers.launch import BY_HAND, EDITED, by_flag, files_edit, lost_at_restart
from migrate.planner.secrets import secret_file, wanted

EDITABLE_FILES = ("systemd-unit", "systemd-drop-in", "env-file", "script", "argument-file", "")
"""Kinds of launch files that ssh edits: on hosts with a POSIX shell and systemd."""


def offer(node: Node, facts: Facts) -> Offer | Refusal:
    """Where it reaches the host, for a launch that has to be edited or does not start anew by
    itself. It also starts an agent that has ended, which nothing can from within."""
    launch = at_hand(node, facts)
    if isinstance(launch, Refusal):
        return launch
    if launch.kind in EDITED or (launch.kind is LaunchKind.JNLP_URL and facts.asked == SSH):
        return _over_ssh(node, facts, launch)
    if launch.kind is not LaunchKind.JNLP_URL:
        return Refusal(BY_HAND[launch.kind])
    stuck = by_flag(node, facts, launch).stuck is not None
    if stuck or wanted(launch, facts.choices):
        found = _over_ssh(node, facts, launch)
        # A secret alone is no reason to restart an agent otherwise, if it would stay all the same.
        if stuck or (isinstance(found, Offer) and found.launch_edit):
            return found
    return Refusal(
        "started with -jnlpUrl: a disconnect moves it, and nothing on its host has to be edited",
        "plan with --driver 'NODE=ssh'",
    )


def _over_ssh(node: Node, facts: Facts, launch: Launch) -> Offer | Refusal:
    reach = _reached(node, launch, facts.access.ssh)
    if isinstance(reach, Refusal):
        return reach
    upgrade_to, note = None, ""
    if facts.choices.upgrade:
        jar = judge_jar(node, facts.controller, launch)
        upgrade_to, note = jar.to, jar.why
    runs = upgrade_to or next_version(node, facts.controller, launch)
    files = tuple(f.path for f in launch.launch_files if f.kind in EDITABLE_FILES)
    as_root = facts.access.ssh is not None and facts.access.ssh.sudo
    secret = secret_file(node, launch, facts.choices, as_root=as_root) if files else ""
    edit = None
    # systemd starts it again, so the agent need not do so itself.
    options = tuple(name for name in launch.options if name.lower() != "-noreconnect")
    if launch.kind is not LaunchKind.JNLP_URL or secret:
        options = ()  # The editor takes out what does not go with -webSocket.
        if not files:
            return Refusal(
                "which file holds its launch was not found on its host",
                "put the command into a unit, or a script or file of variables that it names",
            )
        edit = files_edit(facts, launch, files, runs, reach.unit, secret)
    lost = lost_at_restart(options, runs, note)
    if lost is not None:
        return lost
    restarted = f"{reach.unit} on {reach.host} is restarted over ssh"
    return Offer(
        f"its launch is edited and {restarted}" if edit else restarted,
        note=note if upgrade_to is None else "",
        upgrade_to=upgrade_to,
        reach=reach,
        launch_edit=edit,
    )


def _reached(node: Node, launch: Launch, access: SshAccess | None) -> SshReach | Refusal:
    """How the host is reached, one whose systemd starts the agent; or why not."""
    if access is None:
        return Refusal(
            "ssh is not configured (drivers: ssh: in the --config file)", "name the hosts there"
        )
    if launch.asserted:
        return Refusal(
            "its launch was not read on its host, so nothing is restarted there",
            "have a scan read its launch there",
        )
    if launch.os and launch.os.lower().startswith("windows"):
        return Refusal("ssh needs a host with a POSIX shell, and this one runs Windows")
    unit = unit_of(launch)
    if not unit:
        return Refusal(
            f"ssh restarts systemd units, and {visible(launch.supervisor)} starts this agent",
            "start it by a systemd unit",
        )
    try:
        return SshReach(ssh_host(access, node.name), unit)
    except UsageProblem as error:
        return Refusal(error.cause, error.next_command)
