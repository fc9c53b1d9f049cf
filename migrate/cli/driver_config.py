"""The ``drivers:`` section of the ``--config`` file: how hosts are reached. No secret in it."""

from pathlib import Path
from typing import Any

from migrate.model.access import (
    COMMAND_ACTIONS,
    Access,
    CommandAccess,
    SshAccess,
    is_host,
    is_user,
)
from migrate.model.errors import UsageProblem

_SSH: dict[str, type] = {
    "host": str,
    "hosts": dict,
    "user": str,
    "port": int,
    "sudo": bool,
    "config": str,
    "connect_timeout": int,
}
_COMMAND: dict[str, type] = {"program": list, "actions": list, "nodes": list, "timeout": int}


def read_access(data: object, config: Path) -> Access:
    """What the section says; ``UsageProblem`` names the first thing in it that is wrong.

    Relative paths (ssh's ``config``, the program) count from the config file's folder.
    """
    if data is None:
        return Access()
    section = _mapping(data, "drivers", {"ssh": dict, "command": dict}, config)
    ssh, command = section.get("ssh"), section.get("command")
    return Access(
        ssh=_ssh(ssh, config) if ssh is not None else None,
        command=_command(command, config) if command is not None else None,
    )


def _problem(config: Path, text: str) -> UsageProblem:
    return UsageProblem(f"{config}: {text}", next_command="see docs/agents.md, and --config FILE")


def _mapping(data: object, name: str, known: dict[str, type], config: Path) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _problem(config, f"{name} is not a mapping of keys to values")
    for key, value in data.items():
        if key not in known:
            raise _problem(config, f"{name} has the unknown key {key!r}; known: {', '.join(known)}")
        wrong_bool = isinstance(value, bool) and known[key] is not bool
        if not isinstance(value, known[key]) or wrong_bool:
            raise _problem(config, f"{name}: {key} is no {known[key].__name__}")
    return data


def _ssh(data: object, config: Path) -> SshAccess:
    known = _mapping(data, "drivers: ssh", _SSH, config)
    hosts = known.get("hosts", {})
    for host in hosts.values():
        if not isinstance(host, str) or not is_host(host.replace("{node}", "n")):
            raise _problem(config, f"drivers: ssh: hosts: {host!r} is not a host name")
    if "host" in known and not is_host(known["host"].replace("{node}", "n")):
        raise _problem(config, f"drivers: ssh: host: {known['host']!r} is not a host name")
    if known.get("user") and not is_user(known["user"]):
        raise _problem(config, f"drivers: ssh: user: {known['user']!r} is not a user name")
    if not 0 <= known.get("port", 0) < 65536:
        raise _problem(config, "drivers: ssh: port is no port number")
    file = str(_path(config, known["config"])) if known.get("config") else ""
    return SshAccess(
        **{
            **known,
            "hosts": tuple((str(pattern), host) for pattern, host in hosts.items()),
            "config": file,
        }
    )


def _command(data: object, config: Path) -> CommandAccess:
    known = _mapping(data, "drivers: command", _COMMAND, config)
    for key in ("program", "actions", "nodes"):
        if not all(isinstance(word, str) for word in known.get(key, ())):
            raise _problem(config, f"drivers: command: {key} is no list of texts")
    if not known.get("program"):
        raise _problem(config, "drivers: command has no program")
    unknown = sorted(set(known.get("actions", ())) - set(COMMAND_ACTIONS))
    if unknown:
        told = f"{', '.join(unknown)}; known: {', '.join(COMMAND_ACTIONS)}"
        raise _problem(config, f"drivers: command: unknown actions {told}")
    if known.get("timeout", 1) < 1:
        raise _problem(config, "drivers: command: timeout is a number of seconds above 0")
    program, *arguments = known["program"]
    # A bare name is looked for on the PATH.
    first = str(_path(config, program)) if "/" in program else program
    return CommandAccess(
        program=(first, *arguments),
        actions=tuple(known.get("actions", COMMAND_ACTIONS)),
        nodes=tuple(known.get("nodes", ())),
        timeout=known.get("timeout", 600),
    )


def _path(config: Path, text: str) -> Path:
    path = Path(text).expanduser()
    return path if path.is_absolute() else (config.parent / path).absolute()
