"""The driver of a step, made from what the plan says and what the operator configured."""

from migrate.drivers.base import Driver
from migrate.drivers.inband import Inband
from migrate.drivers.reread import Reread
from migrate.model.access import Access
from migrate.model.errors import UsageProblem
from migrate.model.reach import CommandReach, InbandReach, Reach, SshReach, reach_obstacle


def driver_for(reach: Reach, access: Access, node: str) -> Driver:
    """The driver that reaches ``node``.

    Programs and the settings of ssh come from ``access`` alone. ``UsageProblem`` where that lacks
    them, or gives another host than the plan says.
    """
    obstacle = reach_obstacle(reach, access, node)
    if obstacle:
        raise UsageProblem(obstacle, next_command="migrate apply PLAN --config FILE")
    if isinstance(reach, SshReach) and access.ssh is not None:
        from migrate.drivers.remote_shell import Host
        from migrate.drivers.ssh import Ssh

        ssh = access.ssh
        host = Host(
            name=reach.host,
            user=ssh.user,
            port=ssh.port,
            sudo=ssh.sudo,
            config=ssh.config,
            connect_timeout=ssh.connect_timeout,
        )
        return Ssh(host, unit=reach.unit)
    if isinstance(reach, CommandReach) and access.command is not None:
        from migrate.drivers.command import Command

        program = access.command
        return Command(program.program, program.actions, float(program.timeout), reach.facts)
    if isinstance(reach, InbandReach):
        return Inband(by=reach.by, unit=reach.unit)
    return Reread()
