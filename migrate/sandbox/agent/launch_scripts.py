"""The node scripts about a launch: its files, and a restart by the supervisor. Real effects."""

import base64
import hashlib
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from migrate.sandbox.agent import settings
from migrate.sandbox.agent.describe import unit_state
from migrate.sandbox.agent.files import ScriptFailed, sha256


def read_launch_file(path: str, limit: int) -> dict[str, Any]:
    """The file's bytes as base64, or that there is none."""
    file = _absolute(path)
    if not file.exists():
        return {"missing": True}
    if not file.is_file():
        raise ScriptFailed(f"{path} is no regular file")
    if file.stat().st_size > limit:
        raise ScriptFailed(f"{path} has {file.stat().st_size} bytes, more than any launch file")
    return {"missing": False, "body": base64.b64encode(file.read_bytes()).decode()}


def write_launch_file(asked: dict[str, Any]) -> dict[str, Any]:
    """Write beside, compare, rename; or remove what was new. Only what is as expected."""
    path = _absolute(str(asked["path"]))
    before, after = asked.get("before") or "", asked.get("after") or ""
    real = path.resolve(strict=True) if path.is_symlink() else path
    now = sha256(str(real)) or ""
    state = "written"
    if now == after:
        state = "already"
    elif now != before:
        state = "changed"
    elif not after:
        real.unlink()
        if real.parent.name.endswith(".d") and not any(real.parent.iterdir()):
            real.parent.rmdir()
        state = "removed"
    else:
        body = base64.b64decode(asked["body"])
        if hashlib.sha256(body).hexdigest() != after:
            raise ScriptFailed(f"the text arrived damaged; {path} is untouched")
        _replace(real, body, asked.get("mode"))
    return {"state": state, "sha256": sha256(str(real)) or ""}


def _replace(real: Path, body: bytes, mode: str | None) -> None:
    real.parent.mkdir(exist_ok=True)
    kept = real.stat().st_mode & 0o7777 if real.exists() else int(mode or "644", 8)
    descriptor, part = tempfile.mkstemp(".part", f".{real.name}.migrate-", real.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(kept)
        Path(part).replace(real)
    finally:
        Path(part).unlink(missing_ok=True)


def restart_agent(asked: dict[str, Any]) -> dict[str, Any]:
    """End this process, or have its own user's systemd restart its unit, after the answer."""
    wait = float(asked.get("delay") or 2) * settings.time_scale()
    if asked["by"] == "exit":
        status = int(asked["status"])
        _later(wait, lambda: os._exit(status))
        return {"by": "exit", "status": status}
    if asked["by"] != "user-unit":
        raise ScriptFailed(f"there is no way {asked['by']}")
    unit = str(asked["unit"])
    systemctl = Path(os.environ[settings.HOST]) / "bin" / "systemctl"
    done = subprocess.run(
        [systemctl, "--user", "daemon-reload"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ScriptFailed(f"systemctl --user daemon-reload failed: {done.stderr.strip()}")
    if unit_state(unit) != "active":
        raise ScriptFailed(f"{unit} would not start again: ActiveState={unit_state(unit)}")
    command = [str(systemctl), "--user", "--no-block", "restart", unit]
    # The service manager ends this process group meanwhile.
    _later(wait, lambda: subprocess.Popen(command, start_new_session=True))
    return {"by": "user-unit", "unit": unit}


def _later(seconds: float, act: Any) -> None:
    def run() -> None:
        time.sleep(seconds)
        act()

    threading.Thread(target=run, daemon=True).start()


def _absolute(path: str) -> Path:
    if not path.startswith("/"):
        raise ScriptFailed(f"not an absolute path: {path}")
    return Path(path)
