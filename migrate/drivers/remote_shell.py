"""One POSIX shell script on a remote host through the system's OpenSSH client.

The command line that ssh hands to the login shell is constant: it reads exactly the script's
bytes from its standard input and runs them, and what follows on the input is the script's own
(a file to store). So no name, path or content ever meets the login shell's quoting.
"""

import shlex
from dataclasses import dataclass

from migrate.drivers.errors import DriverError, HostUnreachable, shown_output
from migrate.drivers.program import run_program
from migrate.model.access import is_host, is_user
from migrate.net.bounded import size_text

SETTINGS = (
    "BatchMode=yes",
    # What this tool does on a host needs none of them, whatever the user's configuration lends to
    # every host: an agent or a display that the host could use, ports, a command here.
    "ForwardAgent=no",
    "ForwardX11=no",
    "GSSAPIDelegateCredentials=no",
    "ClearAllForwardings=yes",
    "Tunnel=no",
    "PermitLocalCommand=no",
    # Nobody is there to look at a new key, and files go to whoever answers.
    "StrictHostKeyChecking=yes",
    # A dead host is noticed also in the middle of a command.
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
)
"""Of each session; they go before ssh's configuration files."""
_SSH_FAILED = 255
"""ssh's own exit status: no connection, or no session."""
_MOST_OUTPUT = 4 << 20
"""Bytes of output of one command; the start of more would be lost."""


@dataclass(frozen=True)
class Host:
    """Where to run scripts. The user's own ssh configuration decides jump hosts and keys."""

    name: str
    user: str = ""
    port: int = 0
    sudo: bool = False
    config: str = ""
    connect_timeout: int = 10

    def command(self, script_bytes: int) -> list[str]:
        """The ssh command line. ``DriverError`` for a host or user that could be an option."""
        if not is_host(self.name) or (self.user and not is_user(self.user)):
            raise DriverError(
                "the host or user of the ssh driver is not a plain name",
                next_command="look at drivers: ssh: in the --config file",
            )
        words = ["ssh", "-T"]
        for setting in (*SETTINGS, f"ConnectTimeout={self.connect_timeout}"):
            words += ["-o", setting]
        if self.config:
            words += ["-F", self.config]
        if self.user:
            words += ["-l", self.user]
        if self.port:
            words += ["-p", str(self.port)]
        shell = "exec sudo -n /bin/sh -c" if self.sudo else "exec /bin/sh -c"
        reader = f'eval "$(dd bs=1 count={script_bytes} 2>/dev/null)"'
        return [*words, "--", self.name, f"{shell} '{reader}'"]


@dataclass(frozen=True)
class Answer:
    """What a script gave."""

    status: int
    out: bytes
    err: str


PRELUDE = r"""set -u
LC_ALL=C; export LC_ALL
PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"; export PATH
umask 022
die() { printf '%s\n' "$1" >&2; exit "${2:-1}"; }
sum_of() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum < "$1" | cut -c1-64
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256 < "$1" | cut -c1-64
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 < "$1" | sed 's/.* //'
  else die 'no sha256sum, shasum or openssl on this host'; fi
}
enter_private() { # FOLDER: goes into a new folder in there, which is nobody else's
  # Known names in a folder that others may write could be links that they left there. In a folder
  # that is entered, whatever becomes of its name, only its owner makes and opens files.
  private=$(mktemp -d "$1/.migrate-XXXXXXXX") || exit 1
  cd -P -- "$private" || exit 1
  case $(ls -ldn .) in drwx------*|drwx--S---*) ;; *) die "$private was exchanged";; esac
  [ -O . ] && [ -z "$(ls -A)" ] || die "$private was exchanged"
  trap 'rm -f -- ./new ./old; cd / && rmdir -- "$private" 2>/dev/null' 0
}
sum_or_none() { if [ -e "$1" ]; then sum_of "$1"; else echo none; fi; }
"""


def whole(script: str, variables: dict[str, str]) -> str:
    """The script with all that it needs: the prelude's functions, and its variables set."""
    head = "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
    return PRELUDE + head + script


def run(
    host: Host,
    script: str,
    variables: dict[str, str] | None = None,
    *,
    payload: bytes = b"",
    timeout: float = 60.0,
) -> Answer:
    """Run ``script`` with ``variables`` set and ``payload`` on its standard input.

    ``HostUnreachable`` when there was no session: nothing was run then. A script's own failure
    is an ``Answer`` with its status.
    """
    text = whole(script, variables or {}).encode("utf-8", "surrogateescape")
    try:
        done = run_program(
            host.command(len(text)),
            stdin=text + payload,
            timeout=timeout,
            kept=_MOST_OUTPUT,
            one_output=False,
        )
    except FileNotFoundError:
        raise HostUnreachable(
            "there is no ssh on this machine",
            next_command="migrate plan --name NEW-NAME --driver 'NODE=manual'    # or install ssh",
        ) from None
    if done.code is None:
        raise DriverError(
            f"host {host.name} did not answer within {timeout:.0f} s",
            next_command=f"ssh {host.name} true",
        )
    if len(done.out) >= _MOST_OUTPUT:
        raise DriverError(
            f"host {host.name} sent more than {size_text(_MOST_OUTPUT)}, of which nothing is used",
            next_command=f"ssh {host.name}, and look there",
        )
    err = done.err.decode("utf-8", "replace")
    if done.code == _SSH_FAILED:
        raise HostUnreachable(
            f"no ssh session on {host.name}: {shown_output(err, 300) or 'no reason given'}",
            next_command=f"ssh -o BatchMode=yes {host.name} true",
        )
    if host.sudo and done.code == 1 and "sudo:" in err:
        raise HostUnreachable(
            f"sudo on {host.name} refuses: {shown_output(err, 300)}",
            next_command=f"ssh {host.name} sudo -n true",
        )
    return Answer(done.code, done.out, err)
