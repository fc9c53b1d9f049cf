"""How a host's stand-ins talk to its service manager: one JSON line each way, over loopback.

The port and a token stand in ``run/manager`` of the host's folder (0600). A UNIX socket would do
as well, but its path may be 107 bytes long at most, and a sandbox may live anywhere.
"""

import json
import os
import socket
from pathlib import Path
from typing import Any

_TIMEOUT = 60.0


class NoManager(Exception):
    """The host's service manager does not run, or refused; the text says which."""


def address_file(host: Path) -> Path:
    """Where the manager says how it is reached."""
    return host / "run" / "manager"


def announce(host: Path, port: int, token: str) -> None:
    """Write the file, complete or not at all."""
    path = address_file(host)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name("manager.new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{port} {token}\n")
    partial.replace(path)


def call(host: Path, action: str, name: str = "", **more: Any) -> dict[str, Any]:
    """Ask the host's manager; ``NoManager`` without an answer or with a refusal."""
    try:
        port, token = address_file(host).read_text().split()
        with socket.create_connection(("127.0.0.1", int(port)), _TIMEOUT) as sock:
            asked = {"token": token, "action": action, "name": name, **more}
            sock.sendall(json.dumps(asked).encode() + b"\n")
            with sock.makefile("rb") as stream:
                answer = json.loads(stream.readline() or b"null")
    except (OSError, ValueError) as error:
        raise NoManager(f"the service manager of {host.name} does not answer: {error}") from error
    if not isinstance(answer, dict) or "error" in answer:
        raise NoManager(str(answer.get("error") if isinstance(answer, dict) else "no answer"))
    return answer
