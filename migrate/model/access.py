"""How drivers reach agents' hosts, as the config file's ``drivers:`` section says. No secret."""

import re
from dataclasses import dataclass

from migrate.model.errors import UsageProblem
from migrate.model.patterns import matches
from migrate.model.text import visible

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,246}\.service")
_HOST = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253}[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9]+)?"
)
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\$?")
COMMAND_ACTIONS = ("probe", "upgrade", "switch", "restart", "rollback")
"""What the driver ``command`` may be asked to do, in the order of a move."""


@dataclass(frozen=True)
class SshAccess:
    """Reaching hosts with the system's OpenSSH client and the user's own configuration."""

    host: str = "{node}"
    """Host name for a node; ``{node}`` stands for the node's name."""
    hosts: tuple[tuple[str, str], ...] = ()
    """(node pattern, host) that go before ``host``; the first match wins."""
    user: str = ""
    """Login name; empty: as ssh's own configuration says."""
    port: int = 0
    """0: as ssh's own configuration says."""
    sudo: bool = False
    """Files and units need ``sudo -n``."""
    config: str = ""
    """An ssh_config file instead of the user's own (``ssh -F``)."""
    connect_timeout: int = 10
    """Seconds."""


@dataclass(frozen=True)
class CommandAccess:
    """The user's own program, called once for each action."""

    program: tuple[str, ...]
    """Program and its arguments; the node is not among them."""
    actions: tuple[str, ...] = COMMAND_ACTIONS
    """Those that the program knows; the others are left out."""
    nodes: tuple[str, ...] = ()
    """Node patterns that this driver is for without being asked by ``--driver``."""
    timeout: int = 600
    """Seconds for one action."""


@dataclass(frozen=True)
class Access:
    """All that is configured."""

    ssh: SshAccess | None = None
    command: CommandAccess | None = None


NO_ACCESS = Access()
"""Nothing is configured."""


def ssh_host(access: SshAccess, node: str) -> str:
    """The host of a node. ``UsageProblem`` for what is no host name or address: a node's name is
    text from outside, and must never become an option or a piece of shell."""
    chosen = next(
        (host for pattern, host in access.hosts if matches(node, pattern)),
        access.host,
    )
    host = chosen.replace("{node}", node)
    if not is_host(host):
        raise UsageProblem(
            f"{visible(host)!r} is not a host name: node {visible(node)} cannot be reached by ssh",
            next_command="give it a host under drivers: ssh: hosts: in the --config file",
        )
    return host


def is_host(text: str) -> bool:
    """Whether ``text`` may be given to ssh as a host."""
    return bool(_HOST.fullmatch(text))


def is_user(text: str) -> bool:
    """Whether ``text`` may be given to ssh as a login name."""
    return bool(_USER.fullmatch(text))


def is_unit(text: str) -> bool:
    """Whether ``text`` is the name of a systemd service (systemd.unit(5)) that no command takes
    for an option."""
    return bool(_UNIT.fullmatch(text))
