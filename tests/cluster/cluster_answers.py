"""A server that gives prepared answers over a real socket, and kubeconfigs for it."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    status: int
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    """Read the request and never answer."""


Given = Answer | Callable[[str, str, dict[str, list[str]]], object]


class AnswerServer:
    """Answers requests from a list, the last one again and again; keeps what was asked.

    Instead of an answer a function of (method, path, query) may give the body.
    """

    def __init__(self, *answers: Given) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self._done = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if callable(answer):
                    url = urlsplit(self.path)
                    made = answer(self.command, url.path, parse_qs(url.query))
                    answer = Answer(200, json.dumps(made).encode())
                if answer.hang:
                    outer._done.wait(20)
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "AnswerServer":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._server.shutdown()
        self._server.server_close()


def kubeconfig(
    folder: Path,
    server: str,
    *,
    user: dict[str, Any] | None = None,
    namespace: str | None = None,
    name: str = "kc.json",
) -> Path:
    context = {"cluster": "c", "user": "u"} | ({"namespace": namespace} if namespace else {})
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user or {"token": "tok-en"}}],
        "contexts": [{"name": "test", "context": context}],
        "current-context": "test",
    }
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def recorded(path: Path) -> tuple[str, str, Answer]:
    """(method, target, Answer) of a recording: ``>>>`` request, ``<<<`` answer, body."""
    raw = path.read_bytes()
    head, _, rest = raw.partition(b"\n<<< HTTP ")
    request = next(line for line in head.decode().splitlines() if line.startswith(">>> "))
    method, target = request.removeprefix(">>> ").split(" ")[:2]
    status_line, _, rest = rest.partition(b"\n")
    kind, body = "", b""
    lines = rest.split(b"\n")
    for index, line in enumerate(lines):
        if not line.startswith(b"<<< "):
            body = b"\n".join(lines[index + 1 :])
            break
        name, _, value = line.removeprefix(b"<<< ").decode().partition(": ")
        if name.lower() == "content-type":
            kind = value.strip()
    return method, target, Answer(int(status_line.split()[0]), body, kind)
