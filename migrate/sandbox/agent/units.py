"""systemd unit files with their drop-ins, as far as an agent's service needs them.

Only the standard library: the stand-in for ``systemctl`` starts often. Grammar: systemd.unit(5)
and systemd.service(5): continuation lines, list reset by an empty value, ``-`` before a path
that may be missing, ``$VAR`` and ``${VAR}`` in a command line, ``%n``, ``%i`` and ``%%``.
"""

import re
import shlex
from pathlib import Path
from typing import Any

from migrate.sandbox.agent import settings

USER_FOLDER = "home/.config/systemd/user"
"""Units of the agent's own user, whose systemd the same stand-in plays."""
FOLDERS = ("etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", USER_FOLDER)
"""Under the host's folder, the one that wins first."""
_LISTS = frozenset({"ExecStart", "Environment", "EnvironmentFile"})
_RESTART_SECONDS = 0.1


class BadUnit(Exception):
    """systemd would not load it; the text says why."""


class Unit:
    """A loaded unit: its files and what they say."""

    def __init__(self, name: str, fragment: Path, drop_ins: list[Path]) -> None:
        """Reads all of them; ``OSError`` when one is gone."""
        self.name = name
        self.fragment = fragment
        self.drop_ins = drop_ins
        self.values: dict[str, list[str]] = {}
        for path in (fragment, *drop_ins):
            self._read(path.read_text("utf-8"))

    def _read(self, text: str) -> None:
        section = ""
        for raw in re.sub(r"\\\n", " ", text.replace("\r\n", "\n")).splitlines():
            line = raw.strip()
            if not line or line[0] in "#;":
                continue
            if line.startswith("["):
                section = line.strip("[]")
                continue
            key, _, value = (part.strip() for part in line.partition("="))
            if section != "Service":
                continue
            if key not in _LISTS:
                self.values[key] = [value]
            elif value:
                self.values.setdefault(key, []).append(value)
            else:
                self.values[key] = []

    def _one(self, key: str, default: str = "") -> str:
        return (self.values.get(key) or [default])[-1]

    def definition(self) -> dict[str, Any]:
        """What the manager runs. ``BadUnit`` without exactly one ExecStart.

        The files of EnvironmentFile= are only named: as with systemd, they are read at each start.
        """
        commands = self.values.get("ExecStart", [])
        if len(commands) != 1:
            raise BadUnit(f"{self.name}: Service has {len(commands)} ExecStart= settings. Refusing")
        own = str(self.fragment.parent).endswith(USER_FOLDER)
        slices = "user.slice/user-1000.slice/user@1000.service/app.slice" if own else "system.slice"
        environment: dict[str, str] = {}
        for value in self.values.get("Environment", []):
            for word in shlex.split(value):
                name, _, text = word.partition("=")
                environment[name] = text
        seconds = self._one("RestartSec", str(_RESTART_SECONDS)).removesuffix("s")
        return {
            "command": commands[0].lstrip("-@:+!"),
            "unit": self.name,
            "env": environment,
            "env_files": self.values.get("EnvironmentFile", []),
            "marks": {settings.CGROUP: f"/{slices}/{self.name}"},
            "cwd": self._one("WorkingDirectory", "/").lstrip("-"),
            "restart": self._one("Restart", "no"),
            "delay": float(seconds),
        }


def at_start(definition: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Words and environment of a definition at this moment; ``OSError`` without a needed file."""
    if "command" not in definition:
        return list(definition["argv"]), dict(definition.get("env", {}))
    environment = dict(definition["env"])
    for value in definition["env_files"]:
        path = Path(value.lstrip("-"))
        if path.exists() or not value.startswith("-"):
            environment.update(read_environment(path.read_text("utf-8")))
    words = _words(definition["command"], str(definition["unit"]), environment)
    return words, {**environment, **definition["marks"]}


def _words(command: str, unit: str, environment: dict[str, str]) -> list[str]:
    instance = unit.removesuffix(".service").partition("@")[2]
    replaced = {"%%": "%", "%n": unit, "%i": instance}
    words: list[str] = []
    for word in shlex.split(command):
        if re.fullmatch(r"\$\w+", word):
            words += environment.get(word[1:], "").split()
            continue
        filled = re.sub(r"\$\{(\w+)\}", lambda m: environment.get(m[1], ""), word)
        words.append(re.sub("%[%ni]", lambda m: replaced[m[0]], filled).replace("$$", "$"))
    return words


def read_environment(text: str) -> dict[str, str]:
    """An environment file: ``NAME=VALUE`` lines, quotes allowed, comments skipped."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name[:1] not in ("#", ";"):
            found[name] = " ".join(shlex.split(value)) if value[:1] in "\"'" else value
    return found


def unit_names(host: Path) -> list[str]:
    """Names of all units of the host."""
    found = {p.name for folder in FOLDERS for p in (host / folder).glob("*.service")}
    return sorted(found)


def load(host: Path, name: str) -> Unit | None:
    """The unit of that name; None when the host has none."""
    fragments = [host / folder / name for folder in FOLDERS]
    fragment = next((path for path in fragments if path.is_file()), None)
    if fragment is None:
        return None
    drop_ins: dict[str, Path] = {}
    for folder in reversed(FOLDERS):
        for path in (host / folder / f"{name}.d").glob("*.conf"):
            drop_ins[path.name] = path
    return Unit(name, fragment, [drop_ins[key] for key in sorted(drop_ins)])
