"""The ``drivers:`` section of the ``--config`` file: how hosts are reached. No secret in it."""

from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from migrate.model.access import (
    COMMAND_ACTIONS,
    Access,
    CommandAccess,
    SshAccess,
    is_host,
    is_user,
)
from migrate.model.errors import UsageProblem
from migrate.model.serialize import from_data


class _Ssh(msgspec.Struct, frozen=True):
    host: str = "{node}"
    hosts: dict[Any, Any] = msgspec.field(default_factory=dict)
    user: str = ""
    port: int = 0
    sudo: bool = False
    config: str = ""
    connect_timeout: int = 10


class _Command(msgspec.Struct, frozen=True):
    program: list[Any] = msgspec.field(default_factory=list)
    actions: list[Any] = msgspec.field(default_factory=lambda: list(COMMAND_ACTIONS))
    nodes: list[Any] = msgspec.field(default_factory=list)
    timeout: int = 600


class _Drivers(msgspec.Struct, frozen=True):
    ssh: dict[Any, Any] | None = None
    command: dict[Any, Any] | None = None


S = TypeVar("S", _Ssh, _Command, _Drivers)


def read_access(data: object, config: Path) -> Access:
    """What the section says; ``UsageProblem`` names the first thing in it that is wrong.

    Relative paths (ssh's ``config``, the program) count from the config file's folder.
    """
    if data is None:
        return Access()
    section = _section(data, "drivers", _Drivers, config)
    return Access(
        ssh=_ssh(section.ssh, config) if section.ssh is not None else None,
        command=_command(section.command, config) if section.command is not None else None,
    )


def _problem(config: Path, text: str) -> UsageProblem:
    return UsageProblem(f"{config}: {text}", next_command="see docs/agents.md, and --config FILE")


def _section(data: object, name: str, of: type[S], config: Path) -> S:
    """The section, of the one type that each of its keys has."""
    if not isinstance(data, dict):
        raise _problem(config, f"{name} is not a mapping of keys to values")
    known = {field.name: _plain(field.type) for field in msgspec.structs.fields(of)}
    for key, value in data.items():
        if key not in known:
            raise _problem(config, f"{name} has the unknown key {key!r}; known: {', '.join(known)}")
        wrong_bool = isinstance(value, bool) and known[key] is not bool
        if not isinstance(value, known[key]) or wrong_bool:
            raise _problem(config, f"{name}: {key} is no {known[key].__name__}")
    return from_data(data, of)


def _plain(of: Any) -> type:
    """``dict`` of ``dict[Any, Any] | None``."""
    first = get_args(of)[0] if isinstance(of, UnionType) else of
    found: type = get_origin(first) or first
    return found


def _ssh(data: object, config: Path) -> SshAccess:
    known = _section(data, "drivers: ssh", _Ssh, config)
    for host in known.hosts.values():
        if not isinstance(host, str) or not is_host(host.replace("{node}", "n")):
            raise _problem(config, f"drivers: ssh: hosts: {host!r} is not a host name")
    if not is_host(known.host.replace("{node}", "n")):
        raise _problem(config, f"drivers: ssh: host: {known.host!r} is not a host name")
    if known.user and not is_user(known.user):
        raise _problem(config, f"drivers: ssh: user: {known.user!r} is not a user name")
    if not 0 <= known.port < 65536:
        raise _problem(config, "drivers: ssh: port is no port number")
    return SshAccess(
        host=known.host,
        hosts=tuple((str(pattern), host) for pattern, host in known.hosts.items()),
        user=known.user,
        port=known.port,
        sudo=known.sudo,
        config=str(_path(config, known.config)) if known.config else "",
        connect_timeout=known.connect_timeout,
    )


def _command(data: object, config: Path) -> CommandAccess:
    known = _section(data, "drivers: command", _Command, config)
    for key, words in (
        ("program", known.program),
        ("actions", known.actions),
        ("nodes", known.nodes),
    ):
        if not all(isinstance(word, str) for word in words):
            raise _problem(config, f"drivers: command: {key} is no list of texts")
    if not known.program:
        raise _problem(config, "drivers: command has no program")
    unknown = sorted(set(known.actions) - set(COMMAND_ACTIONS))
    if unknown:
        told = f"{', '.join(unknown)}; known: {', '.join(COMMAND_ACTIONS)}"
        raise _problem(config, f"drivers: command: unknown actions {told}")
    if known.timeout < 1:
        raise _problem(config, "drivers: command: timeout is a number of seconds above 0")
    program, *arguments = known.program
    # A bare name is looked for on the PATH.
    first = str(_path(config, program)) if "/" in program else program
    return CommandAccess(
        program=(first, *arguments),
        actions=tuple(known.actions),
        nodes=tuple(known.nodes),
        timeout=known.timeout,
    )


def _path(config: Path, text: str) -> Path:
    path = Path(text).expanduser()
    return path if path.is_absolute() else (config.parent / path).absolute()
