"""What the script describe-launch says of this process: the keys of the Groovy one.

What a JVM reads from /proc, systemd and its service account, this reads from what the sandbox
put in their place (``settings``), and the files are real.
"""

import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrate.sandbox.agent import settings
from migrate.sandbox.agent.control import NoManager, call
from migrate.sandbox.agent.files import sha256
from migrate.sandbox.agent.proxy_settings import proxy_settings
from migrate.sandbox.agent.units import Unit, load

if TYPE_CHECKING:
    from migrate.sandbox.agent.engine import Engine

MASK = "****"
_SECRET_OPTIONS = frozenset(
    {
        "-secret",
        "-jnlpCredentials",
        "-credentials",
        "-proxyCredentials",
        "-auth",
        "-username",
        "-password",
        "-passwordFile",
        "-passwordEnvVariable",
    }
)
_OWN_SECRET = ("-secret", "-password")
_HEX = re.compile(r"\b[0-9a-fA-F]{64}\b")
_SHELL = re.compile(r"-?(?:ba|da|k|z|a)?sh|busybox")
_GUESSES = (
    ("Deployment", re.compile(r"(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}")),
    ("StatefulSet", re.compile(r"(.+)-[0-9]{1,4}")),
    ("DaemonSet", re.compile(r"(.+)-[a-z0-9]{5}")),
)
_LEVELS = 5

Files = list[dict[str, Any]]


def masked(words: list[str]) -> list[str]:
    """A command line without secrets; ``@file`` keeps the file's name."""
    shown: list[str] = []
    for word in words:
        follows = bool(shown) and shown[-1] in _SECRET_OPTIONS
        shown.append(MASK if follows and not word.startswith("@") else _HEX.sub(MASK, word))
    return shown


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[A-Za-z0-9_@%+=:,./*-]+", word) else f"'{word}'"


def describe_launch(engine: "Engine", url: str = "") -> dict[str, Any]:
    """How this process was started, secrets masked. ``url``: where agents connect."""
    launch = engine.launch
    jar = engine.jar.path
    own = launch.own
    supervisor, detail, files = _supervisor()
    policy = _restart(engine, supervisor, detail)
    image = supervisor in ("docker", "kubernetes")
    java = Path(os.environ.get(settings.JAVA, "java")).absolute()
    machine = {"x86_64": "amd64"}.get(os.uname().machine, os.uname().machine)
    work_dir = own[own.index("-workDir") + 1] if "-workDir" in own else str(Path.cwd())
    pod = supervisor == "kubernetes"
    return {
        "kind": _kind(engine, image),
        "command": " ".join(_quoted(word) for word in masked([str(java), *launch.arguments])),
        "options": [word for word in own if word.startswith("-")],
        "jar": jar,
        "jar_sha256": sha256(jar),
        # In the image the jar belongs to root and the agent runs as jenkins.
        "jar_writable": not image and os.access(Path(jar).parent, os.W_OK),
        "java_version": settings.java_version(),
        "java_home": str(java.parent.parent),
        "os": f"{os.uname().sysname} {machine}",
        "user": "jenkins" if image else _user(),
        "host": os.environ.get("HOSTNAME") if image else _host(),
        "pid": os.getpid(),
        "supervisor": supervisor,
        "supervisor_detail": detail,
        "restarter": engine.permanent,
        "restart": policy,
        # A status that neither systemd nor sysexits.h gives a meaning.
        "restart_exit": 93 if policy in ("always", "on-failure") else None,
        "main_process": _main_process() if supervisor == "systemd" else None,
        "main": "hudson.remoting.jnlp.Main" if launch.entry == "main" else jar,
        "work_dir": work_dir,
        "work_dir_writable": os.access(work_dir, os.W_OK),
        "secret_in_clear": _in_clear(own),
        "launch_files": files,
        "namespace": os.environ.get(settings.NAMESPACE) if pod else None,
        "owner_guess": _owner(detail) if pod else None,
        "proxy": proxy_settings(launch.properties, own, url),
    }


def _kind(engine: "Engine", image: bool) -> str:
    if engine.jar.swarm:
        return "swarm"
    if image:
        return "container"
    if "-jnlpUrl" in engine.launch.own:
        return "jnlp-url"
    return "jnlp-main" if engine.launch.entry == "main" else "url-name"


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _host() -> str:
    folder = os.environ.get(settings.HOST)
    return Path(folder).name if folder else socket.gethostname()


def _in_clear(words: list[str]) -> bool:
    before = ["", *words]
    for previous, word in zip(before, words, strict=False):
        secret = previous in _OWN_SECRET
        if (secret and not word.startswith("@")) or _HEX.fullmatch(word):
            return True
    return False


def _restart(engine: "Engine", supervisor: str, detail: str) -> str | None:
    """What the supervisor does when the process ends; ``Launch.restart`` has the words."""
    if supervisor == "winsw":
        return "service" if engine.permanent else None
    if supervisor != "systemd":
        return None
    if "/user@" in os.environ.get(settings.CGROUP, "") and unit_state(detail) == "active":
        return "user-unit"
    unit = load(Path(os.environ[settings.HOST]), detail)
    return (unit.values.get("Restart") or ["no"])[-1] if unit else None


def unit_state(name: str) -> str:
    """ActiveState of a unit of this host; empty when its manager does not answer."""
    try:
        return str(call(Path(os.environ[settings.HOST]), "status", name)["state"])
    except NoManager:
        return ""


def _main_process() -> bool:
    """Whether the service manager itself started this process: no shell waits in between."""
    return os.getppid() == int(os.environ.get(settings.PARENT) or "0")


def _owner(pod: str) -> str | None:
    for kind, pattern in _GUESSES:
        if found := pattern.fullmatch(pod):
            return f"{kind} {found[1]}"
    return None


def _supervisor() -> tuple[str, str, Files]:
    """Supervisor, its detail, and the files that hold the launch."""
    env = os.environ
    group = env.get(settings.CGROUP, "")
    if "WINSW_EXECUTABLE" in env:
        xml = Path(env["WINSW_EXECUTABLE"]).with_suffix(".xml")
        return "winsw", env.get("WINSW_SERVICE_ID", ""), _listed([(xml, "winsw-xml")])
    if "KUBERNETES_SERVICE_HOST" in env:
        return "kubernetes", env.get("HOSTNAME", ""), []
    if group.startswith("/docker/"):
        return "docker", env.get("HOSTNAME", ""), []
    scripts = [(path, "script") for path in _scripts()]
    if group.endswith(".service"):
        name = group.rpartition("/")[2]
        unit = load(Path(env[settings.HOST]), name)
        return "systemd", name, _listed((_unit_files(unit) if unit else []) + scripts)
    return "none", "", _listed(scripts)


def _unit_files(unit: Unit) -> list[tuple[Path, str]]:
    found = [(unit.fragment, "systemd-unit")]
    found += [(path, "systemd-drop-in") for path in unit.drop_ins]
    for value in unit.values.get("EnvironmentFile", []):
        found.append((Path(value.lstrip("-")), "env-file"))
    for value in unit.values.get("ExecStart", []):
        path = Path(value.split()[0].strip('"'))
        # Java itself is a script here.
        if path.name != "java" and path.is_file() and path.read_bytes()[:2] == b"#!":
            found.append((path, "script"))
    return found


def _listed(files: list[tuple[Path, str]]) -> Files:
    seen: dict[str, dict[str, Any]] = {}
    for path, kind in files:
        if path.is_file():
            writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
            seen.setdefault(str(path), {"path": str(path), "kind": kind, "writable": writable})
    return list(seen.values())


def _scripts() -> list[Path]:
    """Shell scripts that wait for this process, the nearest one last."""
    found: list[Path] = []
    pid = os.getppid()
    for _ in range(_LEVELS):
        proc = Path("/proc") / str(pid)
        try:
            words = (proc / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
            folder = (proc / "cwd").readlink()
            pid = int((proc / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
        named = [word for word in words[1:] if not word.startswith("-")][:1]
        if not words or not _SHELL.fullmatch(Path(words[0]).name) or "-c" in words or not named:
            break
        found.insert(0, folder / named[0])
    return found
