"""The tool's node scripts, with real effects on this agent's own files."""

import hashlib
import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrate.sandbox.agent import settings, websocket, wire
from migrate.sandbox.agent.describe import describe_launch
from migrate.sandbox.agent.files import ScriptFailed, sha256
from migrate.sandbox.agent.launch_scripts import (
    read_launch_file,
    restart_agent,
    write_launch_file,
)
from migrate.sandbox.agent.network import Address

if TYPE_CHECKING:
    from migrate.sandbox.agent.engine import Engine


def run_script(engine: "Engine", name: str, arguments: dict[str, Any]) -> Any:
    """The result of one script; ``ScriptFailed`` or ``OSError`` when it throws."""
    if name == "describe-launch":
        return describe_launch(engine, str(arguments.get("url") or ""))
    if name == "echo":
        return {"text": arguments.get("text"), "remoting_version": engine.version}
    if name == "probe-from-host":
        return probe_from_host(engine, arguments)
    if name == "try-ports":
        return [
            try_port(place, float(arguments.get("timeout", 5))) for place in arguments["places"]
        ]
    if name == "upgrade-jar":
        return upgrade_jar(arguments["url"], arguments["sha256"], arguments["jar"])
    if name == "restore-jar":
        return restore_jar(arguments["jar"], arguments["backup"], arguments["sha256"])
    if name == "remove-file":
        return remove_file(arguments["path"])
    if name == "read-launch-file":
        return read_launch_file(arguments["path"], int(arguments["limit"]))
    if name == "write-launch-file":
        return write_launch_file(arguments)
    if name == "restart-agent":
        return restart_agent(arguments)
    raise ScriptFailed(f"the sandbox's agent does not know the script {name}")


_TOLD = ("server", "x-jenkins", "x-cli-error")
"""Headers that the real script reports."""

# -- probe ------------------------------------------------------------------------------------


def probe_from_host(engine: "Engine", arguments: dict[str, Any]) -> dict[str, Any]:
    """What /login, /cli/ws and /wsagents/ answer to this host, without any credential.

    The two handshakes come ready-made, and go by Java's own choice of a proxy as they do in the
    real script.
    """
    base = str(arguments["url"]).rstrip("/") + "/"
    timeout = float(arguments.get("timeout", 10))
    login = engine.proxies.for_url(base)
    proxies = engine.proxies.for_tyrus(base)
    if given := arguments.get("proxy"):
        proxies.insert(0, (str(given["host"]), int(given["port"])))
    return {
        "via": f"{proxies[0][0]}:{proxies[0][1]}" if proxies else None,
        "login": _tried(lambda: wire.get(base + "login", timeout, proxy=login).status),
        "cli_ws": _upgrade(base, str(arguments["cli_ws"]), timeout, proxies),
        "wsagents": _upgrade(base, str(arguments["wsagents"]), timeout, proxies),
    }


def try_port(place: dict[str, Any], timeout: float) -> list[dict[str, Any]]:
    """What each address of a host answers to GET / on that port."""
    host, port = str(place["host"]), int(place["port"])
    nothing = {"accepted": False, "silent": False, "said": ""}
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return [{"address": host, **nothing, "error": java_error(error)}]
    answers = []
    for family, kind, _, _, address in found:
        one: dict[str, Any] = {"address": address[0], **nothing, "error": None}
        with socket.socket(family, kind) as sock:
            sock.settimeout(timeout)
            try:
                sock.connect(address)
                one["accepted"] = True
                sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
                while len(one["said"]) < 4096 and (came := sock.recv(4096)):
                    one["said"] += came.decode("latin-1")
            except TimeoutError as error:
                one["silent"] = one["accepted"] and not one["said"]
                one["error"] = None if one["accepted"] else java_error(error)
            except OSError as error:
                one["error"] = java_error(error)
        answers.append(one)
    return answers


def _tried(ask: Any) -> dict[str, Any]:
    try:
        return {"status": ask(), "error": None}
    except OSError as error:
        return {"status": None, "error": java_error(error)}


def _upgrade(url: str, request: str, timeout: float, proxies: list[Address]) -> dict[str, Any]:
    try:
        came = websocket.exchange(url, request, timeout, proxies)
    except OSError as error:
        return {"status": None, "headers": {}, "body": "", "error": java_error(error)}
    told = {name: came.headers[name] for name in _TOLD if name in came.headers}
    body = came.body.decode("utf-8", "replace")[:4096]
    return {"status": came.status, "headers": told, "body": body, "error": None}


def java_error(error: OSError) -> str:
    """An error by the simple name that Java has for it."""
    if isinstance(error, TimeoutError):
        return "SocketTimeoutException: Connect timed out"
    if isinstance(error, socket.gaierror):
        return f"UnknownHostException: {error.strerror}"
    if type(error).__module__ == "ssl":
        return f"SSLHandshakeException: {error.strerror or error}"
    if isinstance(error, ConnectionRefusedError):
        return "ConnectException: Connection refused"
    return f"SocketException: {error.strerror or error}"


# -- the jar ----------------------------------------------------------------------------------


def upgrade_jar(url: str, wanted: str, jar: str) -> dict[str, Any]:
    """Download beside, compare, keep the old one, rename; nothing when it is right already."""
    # A link stays a link: the file that it leads to is replaced.
    path = Path(jar).resolve() if Path(jar).is_symlink() else Path(jar)
    before = sha256(str(path))
    if before is None:
        raise ScriptFailed(f"{path} cannot be read")
    backup = _kept(path)
    if before != wanted:
        body = _download(url, wanted)
        target = path.with_name(f"{path.name}.migrate-{before[:12]}")
        if sha256(str(target)) != before:
            _write_beside(path, path.read_bytes()).replace(target)
        backup = str(target)
        _write_beside(path, body).replace(path)
    return {
        "jar": str(path),
        "before_sha256": before,
        "after_sha256": sha256(str(path)),
        "backup": backup,
    }


def _kept(jar: Path) -> str | None:
    pattern = re.compile(re.escape(jar.name) + r"\.migrate-[0-9a-f]{12}")
    found = [p for p in jar.parent.iterdir() if pattern.fullmatch(p.name)]
    return str(max(found, key=lambda p: p.stat().st_mtime)) if found else None


def _download(url: str, wanted: str) -> bytes:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ScriptFailed(f"not a web address: {url}")
    answer = wire.get(url, timeout=60)
    if answer.status != 200:
        raise ScriptFailed(f"GET {url} answered {answer.status}")
    got = hashlib.sha256(answer.body).hexdigest()
    if got != wanted:
        raise ScriptFailed(f"the downloaded jar has SHA-256 {got[:12]}..., wanted {wanted[:12]}...")
    return answer.body


def _write_beside(jar: Path, body: bytes) -> Path:
    """A new file in the jar's folder with the jar's mode, on disk when this returns."""
    part = jar.with_name(f"{jar.name}.migrate-{os.getpid()}.part")
    for fault, words in (
        ("disk-full", "No space left on device"),
        ("read-only", "Read-only file system"),
    ):
        if fault in settings.faults():
            raise ScriptFailed(f"java.nio.file.FileSystemException: {part}: {words}")
    with part.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(jar.stat().st_mode & 0o777)
    return part


def restore_jar(jar: str, backup: str | None, wanted: str) -> dict[str, Any]:
    """Rename a copy of the kept jar into place; the kept one stays."""
    path = Path(jar).resolve() if Path(jar).is_symlink() else Path(jar)
    if sha256(str(path)) != wanted:
        if not backup:
            raise ScriptFailed("there is no kept jar to put back")
        if sha256(backup) != wanted:
            raise ScriptFailed(f"the kept jar {backup} has another SHA-256 than recorded")
        _write_beside(path, Path(backup).read_bytes()).replace(path)
    return {"after_sha256": sha256(str(path))}


def remove_file(path: str) -> dict[str, Any]:
    """Remove a file of the tool's own, known by its name."""
    if ".migrate-" not in Path(path).name:
        raise ScriptFailed(f"{path} is not a file of migrate")
    try:
        Path(path).unlink()
    except FileNotFoundError:
        return {"removed": False}
    return {"removed": True}
