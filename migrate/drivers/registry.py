"""All drivers by name."""

from collections.abc import Mapping
from typing import Any

from migrate.drivers.base import Driver
from migrate.drivers.inband import Inband
from migrate.drivers.reread import Reread
from migrate.model.errors import UsageProblem

NAMES = ("reread", "inband", "ssh", "command")


def driver(name: str, reach: Mapping[str, Any] | None = None) -> Driver:
    """The driver with this name; ``UsageProblem`` for an unknown one.

    ``reach`` is how the plan says that the node's host is reached: for ``ssh`` {host, user,
    port, sudo, config, connect_timeout, unit}, for ``inband`` with a launch to edit {by, unit}, for
    ``command`` {program, actions, timeout, ...}.
    """
    known = dict(reach or {})
    if name == "reread":
        return Reread()
    if name == "inband":
        return Inband(by=str(known.get("by", "")), unit=str(known.get("unit", "")))
    if name == "ssh":
        from migrate.drivers.remote_shell import Host
        from migrate.drivers.ssh import Ssh

        host = Host(
            name=str(known.get("host", "")),
            user=str(known.get("user", "")),
            port=int(known.get("port", 0)),
            sudo=bool(known.get("sudo", False)),
            config=str(known.get("config", "")),
            connect_timeout=int(known.get("connect_timeout", 10)),
        )
        return Ssh(host, unit=str(known.get("unit", "")))
    if name == "command":
        from migrate.drivers.command import Command

        return Command(
            program=tuple(known.get("program", ())),
            actions=tuple(known.get("actions", ())),
            timeout=float(known.get("timeout", 600)),
            facts=dict(known.get("facts", {})),
        )
    raise UsageProblem(
        f"there is no driver {name!r}; known: {', '.join(sorted(NAMES))}, manual",
        next_command="migrate plan --help",
    )
