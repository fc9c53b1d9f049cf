"""A real sshd on loopback, with a stand-in systemctl on the remote PATH."""

import getpass
import os
import shutil
import socket
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SSHD = "/usr/sbin/sshd"

SYSTEMCTL = """#!/bin/sh
echo "$@" >> {log}
case $1 in
  restart) [ "$3" = broken.service ] && {{ echo "Job for $3 failed" >&2; exit 1; }}; exit 0;;
  is-active) echo active;;
  show)
    shift; wanted=
    while [ $# -gt 0 ]; do
      case $1 in -p) wanted="$wanted $2"; shift;; --) unit=$2; shift;; esac
      shift
    done
    for name in $wanted; do grep "^$name=" "{units}/$unit" 2>/dev/null || echo "$name="; done;;
esac
exit 0
"""
SUDO = """#!/bin/sh
[ "$1" = -n ] || exit 1
shift
[ -e {deny} ] && {{ echo "sudo: a password is required" >&2; exit 1; }}
echo "$1" >> {log}.sudo
exec "$@"
"""


def missing() -> str:
    """Why no sshd can run here; empty when it can."""
    if not Path(SSHD).exists() or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        return "no OpenSSH server and client here (Debian: apt-get install openssh-server)"
    if os.geteuid() == 0 and not Path("/run/sshd").is_dir():
        try:
            Path("/run/sshd").mkdir(mode=0o755)
        except OSError:
            return "sshd as root needs /run/sshd"
    return ""


@dataclass(frozen=True)
class Sshd:
    """A running sshd; ``config`` is the client's ssh_config, ``host`` the name in it."""

    folder: Path
    config: Path
    port: int
    host: str = "build-1"

    @property
    def calls(self) -> list[str]:
        """What systemctl was called with."""
        log = self.folder / "systemctl.log"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def sudo_calls(self) -> int:
        """How often sudo was used."""
        log = self.folder / "systemctl.log.sudo"
        return len(log.read_text().splitlines()) if log.exists() else 0


def say(sshd: Sshd, unit: str, **properties: str) -> None:
    """What systemd says of a unit from now on."""
    folder = sshd.folder / "units"
    folder.mkdir(exist_ok=True)
    lines = "".join(f"{name}={value}\n" for name, value in properties.items())
    (folder / unit).write_text(lines)


def _executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, extra_bin: Path | None = None) -> tuple[Sshd, subprocess.Popen[bytes]]:
    """Start it and wait until it answers. ``extra_bin`` goes before the stand-ins on the PATH."""
    for name in ("host_key", "user_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True
        )
    stand_ins = folder / "bin"
    stand_ins.mkdir()
    log = folder / "systemctl.log"
    _executable(stand_ins / "systemctl", SYSTEMCTL.format(log=log, units=folder / "units"))
    _executable(stand_ins / "sudo", SUDO.format(log=log, deny=folder / "deny-sudo"))
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = _port()
    paths = ":".join(str(p) for p in (extra_bin, stand_ins) if p)
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
        f"SetEnv PATH={paths}:/usr/local/bin:/usr/bin:/bin\n"
    )
    key = (folder / "host_key.pub").read_text().split()[:2]
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {' '.join(key)}\n")
    config = folder / "ssh_config"
    config.write_text(
        f"Host build-*\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n"
        f"  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {folder}/known_hosts\n  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n"
    )
    with (folder / "sshd.log").open("wb") as errors:
        process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(folder / "sshd_config")],
            stdin=subprocess.DEVNULL,
            stderr=errors,
        )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return Sshd(folder, config, port), process
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError((folder / "sshd.log").read_text())
