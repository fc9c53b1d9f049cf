"""A stand-in for ``systemctl`` on one host: ``python -m ...systemctl HOST-FOLDER ARGUMENTS``.

As with the real one, a changed unit file counts only after ``daemon-reload``.
"""

import sys
from pathlib import Path

from migrate.sandbox.agent.control import NoManager, call
from migrate.sandbox.agent.units import BadUnit, Unit, load, unit_names

_LIFE = ("start", "stop", "restart", "try-restart", "reload-or-restart")


def main(host: Path, arguments: list[str]) -> int:
    """Run one command; the exit code is systemctl's."""
    properties, words, value_only = _options(arguments)
    if not words:
        print("systemctl: no command", file=sys.stderr)  # noqa: T201
        return 1
    command, names = words[0], [_full(word) for word in words[1:]]
    try:
        if command == "daemon-reload":
            return reload(host)
        if command == "show":
            return _show(host, names, properties, value_only)
        if command in _LIFE:
            return max([_live(host, command, name) for name in names], default=1)
        if command in ("is-active", "status"):
            return max([_state(host, name) for name in names], default=1)
        if command == "cat":
            return max([_cat(host, name) for name in names], default=1)
    except (NoManager, BadUnit, OSError) as error:
        print(f"Failed to {command}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    if command in ("is-enabled", "enable"):
        return 0
    print(f"Unknown command verb {command}.", file=sys.stderr)  # noqa: T201
    return 1


def reload(host: Path) -> int:
    """Tell the manager what every unit file says now; a broken one keeps its old meaning."""
    for name in unit_names(host):
        unit = load(host, name)
        if unit is None:
            continue
        try:
            call(host, "define", name, definition=unit.definition())
        except BadUnit as error:
            print(error, file=sys.stderr)  # noqa: T201
    return 0


def _options(arguments: list[str]) -> tuple[list[str], list[str], bool]:
    properties: list[str] = []
    words: list[str] = []
    value_only = False
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("-p", "--property") and rest:
            properties += rest.pop(0).split(",")
        elif word.startswith("--property="):
            properties += word.partition("=")[2].split(",")
        elif word == "--value":
            value_only = True
        elif word == "--" or not word.startswith("-"):
            words += [word] if word != "--" else []
    return properties, words, value_only


def _full(name: str) -> str:
    return name if "." in name else f"{name}.service"


def _live(host: Path, command: str, name: str) -> int:
    if load(host, name) is None:
        print(f"Failed to {command} {name}: Unit {name} not found.", file=sys.stderr)  # noqa: T201
        return 5
    call(host, "restart" if command.endswith("restart") else command, name)
    return 0


def _state(host: Path, name: str) -> int:
    state = _status(host, name)["ActiveState"]
    print(state)  # noqa: T201
    return 0 if state == "active" else 3


def _cat(host: Path, name: str) -> int:
    unit = load(host, name)
    if unit is None:
        print(f"No files found for {name}.", file=sys.stderr)  # noqa: T201
        return 1
    for path in (unit.fragment, *unit.drop_ins):
        print(f"# {path}\n{path.read_text('utf-8')}")  # noqa: T201
    return 0


def _status(host: Path, name: str) -> dict[str, str]:
    try:
        status = call(host, "status", name)
    except NoManager:
        status = {"state": "inactive", "pid": 0, "restarts": 0}
    sub = {"active": "running", "activating": "auto-restart"}.get(status["state"], "dead")
    return {
        "ActiveState": status["state"],
        "SubState": sub,
        "MainPID": str(status["pid"]),
        "NRestarts": str(status["restarts"]),
    }


def _show(host: Path, names: list[str], properties: list[str], value_only: bool) -> int:
    for name in names:
        facts = {"Id": name, **_files(load(host, name)), **_status(host, name)}
        for key in properties or facts:
            if key in facts:
                print(facts[key] if value_only else f"{key}={facts[key]}")  # noqa: T201
    return 0


def _files(unit: Unit | None) -> dict[str, str]:
    if unit is None:
        return {"LoadState": "not-found", "FragmentPath": "", "DropInPaths": ""}
    return {
        "LoadState": "loaded",
        "FragmentPath": str(unit.fragment),
        "DropInPaths": " ".join(str(path) for path in unit.drop_ins),
        "Restart": (unit.values.get("Restart") or ["no"])[-1],
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
