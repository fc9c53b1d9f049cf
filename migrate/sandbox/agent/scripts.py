"""The tool's node scripts, with real effects on this agent's own files."""

import hashlib
import os
import re
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrate.sandbox.agent import settings, wire

if TYPE_CHECKING:
    from migrate.sandbox.agent.engine import Engine

MASK = "****"
_SECRET_OPTIONS = frozenset(
    {"-secret", "-jnlpCredentials", "-credentials", "-proxyCredentials", "-auth"}
)
_HEX = re.compile(r"\b[0-9a-fA-F]{64}\b")


class ScriptFailed(Exception):
    """The script throws; the text is its message."""


def run_script(engine: "Engine", name: str, arguments: dict[str, Any]) -> Any:
    """The result of one script; ``ScriptFailed`` or ``OSError`` when it throws."""
    if name == "describe-launch":
        return describe_launch(engine)
    if name == "echo":
        return {"text": arguments.get("text"), "remoting_version": engine.version}
    if name == "probe-from-host":
        return probe_from_host(str(arguments["url"]), float(arguments.get("timeout", 10)))
    if name == "upgrade-jar":
        return upgrade_jar(arguments["url"], arguments["sha256"], arguments["jar"])
    if name == "restore-jar":
        return restore_jar(arguments["jar"], arguments["backup"], arguments["sha256"])
    if name == "remove-file":
        return remove_file(arguments["path"])
    raise ScriptFailed(f"the sandbox's agent does not know the script {name}")


def masked(words: list[str]) -> list[str]:
    """A command line without secrets; ``@file`` keeps the file's name."""
    shown: list[str] = []
    for word in words:
        follows = bool(shown) and shown[-1] in _SECRET_OPTIONS
        shown.append(MASK if follows and not word.startswith("@") else _HEX.sub(MASK, word))
    return shown


def describe_launch(engine: "Engine") -> dict[str, Any]:
    """How this process was started, secrets masked."""
    import pwd

    launch = engine.launch
    jar = engine.jar.path
    own = launch.own
    if "-jnlpUrl" in own:
        kind = "jnlp-url"
    else:
        kind = "jnlp-main" if launch.entry == "main" else "url-name"
    java = os.environ.get(settings.JAVA, "java")
    return {
        "kind": kind,
        "command": " ".join(masked(["java", *launch.arguments])),
        "options": [word for word in own if word.startswith("-")],
        "jar": jar,
        "jar_sha256": sha256(jar),
        "jar_writable": os.access(Path(jar).parent, os.W_OK),
        "java_version": settings.java_version(),
        "java_home": str(Path(java).absolute().parent.parent),
        "os": "Linux",
        "user": pwd.getpwuid(os.getuid()).pw_name,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "supervisor": "none",
        "supervisor_detail": "",
        "restarter": True,
    }


def sha256(path: str) -> str | None:
    """Hex digest of a file, None when it cannot be read."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


# -- probe ------------------------------------------------------------------------------------


def probe_from_host(url: str, timeout: float) -> dict[str, Any]:
    """What /login, /cli/ws and /wsagents/ answer to this host, without any credential."""
    base = url.rstrip("/") + "/"
    web_socket = re.sub("^http", "ws", base)
    made_up = {"Node-Name": "no-such-node-probe", "Secret-Key": "0", "X-Remoting-Capability": "0"}
    return {
        "login": _tried(lambda: wire.get(base + "login", timeout).status),
        "cli_ws": _upgrade(web_socket + "cli/ws", {}, timeout),
        "wsagents": _upgrade(web_socket + "wsagents/", made_up, timeout),
    }


def _tried(ask: Any) -> dict[str, Any]:
    try:
        return {"status": ask(), "error": None}
    except OSError as error:
        return {"status": None, "error": java_error(error)}


def _upgrade(url: str, headers: dict[str, str], timeout: float) -> dict[str, Any]:
    try:
        wire.WebSocket(url, headers, timeout).close()
    except wire.HandshakeFailed as error:
        body = error.body.decode("utf-8", "replace")[:4096]
        return {"status": error.status, "body": body, "error": None}
    except OSError as error:
        return {"status": None, "body": "", "error": java_error(error)}
    return {"status": 101, "body": "", "error": None}


def java_error(error: OSError) -> str:
    """An error by the name that Java has for it."""
    if isinstance(error, TimeoutError):
        return "java.net.SocketTimeoutException: Connect timed out"
    if isinstance(error, socket.gaierror):
        return f"java.net.UnknownHostException: {error.strerror}"
    if type(error).__module__ == "ssl":
        return f"javax.net.ssl.SSLHandshakeException: {error.strerror or error}"
    if isinstance(error, ConnectionRefusedError):
        return "java.net.ConnectException: Connection refused"
    return f"java.net.SocketException: {error.strerror or error}"


# -- the jar ----------------------------------------------------------------------------------


def _backup_name(jar: str, digest: str) -> str:
    return f"{jar}.migrate-{digest[:12]}"


def upgrade_jar(url: str, wanted: str, jar: str) -> dict[str, Any]:
    """Download beside, compare, keep the old one, rename; nothing when it is right already."""
    before = sha256(jar)
    if before is None:
        raise ScriptFailed(f"{jar} cannot be read")
    if before == wanted:
        kept = [path for path in _backups(jar) if sha256(path) != wanted]
        return {
            "jar": jar,
            "before_sha256": before,
            "after_sha256": before,
            "backup": kept[0] if kept else None,
        }
    if urlsplit(url).scheme not in ("http", "https"):
        raise ScriptFailed(f"not a web address: {url}")
    answer = wire.get(url)
    got = hashlib.sha256(answer.body).hexdigest()
    if answer.status != 200 or got != wanted:
        raise ScriptFailed(f"{url} answered {answer.status} with SHA-256 {got}, not {wanted}")
    partial = f"{jar}.migrate-new"
    with Path(partial).open("wb") as file:
        file.write(answer.body)
        file.flush()
        os.fsync(file.fileno())
    backup = _backup_name(jar, before)
    _copy(jar, backup)
    Path(partial).replace(jar)
    return {"jar": jar, "before_sha256": before, "after_sha256": sha256(jar), "backup": backup}


def _backups(jar: str) -> list[str]:
    pattern = re.compile(re.escape(Path(jar).name) + r"\.migrate-[0-9a-f]{12}")
    return sorted(str(p) for p in Path(jar).parent.iterdir() if pattern.fullmatch(p.name))


def _copy(source: str, target: str) -> None:
    partial = f"{target}.part"
    shutil.copy2(source, partial)
    Path(partial).replace(target)


def restore_jar(jar: str, backup: str, wanted: str) -> dict[str, Any]:
    """Rename a copy of the kept jar into place; the kept one stays."""
    if sha256(backup) != wanted:
        raise ScriptFailed(f"{backup} is not the jar that was kept")
    _copy(backup, jar)
    return {"after_sha256": sha256(jar)}


def remove_file(path: str) -> dict[str, Any]:
    """Remove a file of the tool's own, known by its name."""
    if ".migrate-" not in Path(path).name:
        raise ScriptFailed(f"{path} is not a file of migrate")
    try:
        Path(path).unlink()
    except FileNotFoundError:
        return {"removed": False}
    return {"removed": True}
