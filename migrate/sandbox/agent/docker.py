"""A stand-in for ``docker`` on one host: ``compose [-f FILE] up -d``, ``restart NAME``, ``ps``.

The daemon knows containers, not compose files: a changed file counts after the next ``up``.
"""

import sys
from pathlib import Path
from typing import Any

from migrate.sandbox.agent import image, settings
from migrate.sandbox.agent.control import NoManager, call
from migrate.sandbox.jar import agent_jar

_FILE = "compose.yaml"


def main(host: Path, arguments: list[str]) -> int:
    """Run one command; the exit code is docker's."""
    words = [word for word in arguments if word not in ("-d", "--detach", "--force-recreate")]
    try:
        if words[:1] == ["compose"]:
            return _compose(host, words[1:])
        if words[:1] == ["restart"]:
            for name in words[1:]:
                call(host, "restart", name)
            return 0
        if words[:1] == ["ps"]:
            for name in call(host, "list")["names"]:
                print(name)  # noqa: T201
            return 0
    except (NoManager, OSError, ValueError) as error:
        print(f"Error response from daemon: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"docker: '{' '.join(words)}' is not a command of the sandbox", file=sys.stderr)  # noqa: T201
    return 1


def _compose(host: Path, words: list[str]) -> int:
    path = Path(_FILE)
    if words[:1] in (["-f"], ["--file"]):
        path, words = Path(words[1]), words[2:]
    definitions = containers(host, path.resolve())
    action, chosen = words[0], words[1:] or list(definitions)
    for name in chosen:
        if name not in definitions:
            raise ValueError(f"no such service: {name}")
        if action == "up":
            # A container that is as its file says is left running.
            restarted = call(host, "define", name, definition=definitions[name])
            call(host, "restart" if restarted.get("changed") else "start", name)
        elif action in ("restart", "stop", "start"):
            call(host, action, name)
        else:
            raise ValueError(f"compose {action} is not imitated")
    return 0


def containers(host: Path, compose: Path) -> dict[str, dict[str, Any]]:
    """What each service of a compose file runs. ``ValueError`` for what is not imitated."""
    from ruamel.yaml import YAML

    document = YAML(typ="safe").load(compose.read_text("utf-8"))
    return {
        str(service.get("container_name", name)): _definition(host, str(name), service)
        for name, service in document["services"].items()
    }


def _definition(host: Path, name: str, service: dict[str, Any]) -> dict[str, Any]:
    given = service.get("environment") or {}
    pairs = (e.partition("=")[::2] for e in given) if isinstance(given, list) else given.items()
    environment = {str(key): "" if value is None else _text(value) for key, value in pairs}
    own = service.get("command") or []
    arguments = own.split() if isinstance(own, str) else [str(word) for word in own]
    tag = str(service["image"])
    version = image.jar_version(tag)
    jar = host / "images" / tag.rpartition(":")[2] / "agent.jar"
    if not jar.exists():
        jar.parent.mkdir(parents=True, exist_ok=True)
        jar.write_bytes(agent_jar(version))
    java = str(host.parents[1] / "bin" / f"jdk-{image.java_version(tag)}" / "bin" / "java")
    policy = {"unless-stopped": "always"}.get(str(service.get("restart")), service.get("restart"))
    marks = {settings.CGROUP: f"/docker/{name}", "HOSTNAME": name}
    return {
        "argv": image.command(java, str(jar), version, environment, arguments),
        "env": {**environment, **marks},
        "cwd": str(host),
        "restart": policy or "no",
        "delay": 1,
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
