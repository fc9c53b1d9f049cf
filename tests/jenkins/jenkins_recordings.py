"""A server that answers as a real controller was recorded to answer."""

import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

FOLDER = Path(__file__).resolve().parents[1] / "recordings" / "jenkins-2.426.2"
NODES = ("node-a", "node-b", "node c é", "node-d", "node-e", "node-f", "node-g", "node-h")
_LOGS = {
    "node-a": "12-log-a-tcp",
    "node-b": "12-log-a-tcp",
    "node c é": "12-log-c-tcp",
    "node-d": "12-log-d-websocket",
    "node-e": "12-log-e-tcp-3063",
    "node-f": "12-log-f-never",
    "node-g": "12-log-g-tcp-3206",
    "node-h": "12-log-h-websocket-3206",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass
class Recorded:
    """What is answered to (method, path), and what was asked."""

    answers: dict[tuple[str, str], Answer]
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def asked(self, method: str) -> list[str]:
        return [path for seen, path, _, _ in self.seen if seen == method]


def recording(name: str) -> Answer:
    """The response part of one file."""
    raw = (FOLDER / f"{name}.txt").read_bytes()
    response = raw.split(b"#### RESPONSE", 1)[1].split(b"\n", 1)[1]
    head, _, body = response.replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    lines = head.replace(b"\r\n", b"\n").decode("latin-1").split("\n")
    headers = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]
    dropped = ("content-length", "connection", "transfer-encoding", "set-cookie")
    kept = tuple((k, v) for k, v in headers if k.lower() not in dropped)
    # The files end with a line break of their own.
    return Answer(int(lines[0].split()[1]), kept, body.removesuffix(b"\n"))


def short(node: str) -> str:
    return {"node c é": "node-c", "node-f": "node-f-offline"}.get(node, node)


def whole_controller() -> dict[tuple[str, str], Answer]:
    """The controller of the recordings, as its administrator sees it."""
    names = {
        "/api/json": "06-api-admin",
        "/whoAmI/api/json": "09-whoami",
        "/computer/api/json": "09-computer-depth1",
        "/tcpSlaveAgentListener/": "14-tcp-open",
    }
    for node in NODES:
        at = f"/computer/{node}/"
        api = "10-node-c" if node == "node c é" else f"10-{short(node)}"
        names[at + "api/json"] = f"{api}-api-depth2"
        names[at + "config.xml"] = f"11-{short(node)}-config"
        names[at + "logText/progressiveText"] = _LOGS[node]
    answers = {("GET", path): recording(name) for path, name in names.items()}
    answers["GET", "/jnlpJars/agent.jar"] = Answer(200, (), agent_jar("3160.vd76b_9ddd10cc"))
    return answers


def as_user(permissions: str) -> dict[tuple[str, str], Answer]:
    """As bob with one of the permission sets of the recordings 40-* sees it."""

    def get(what: str) -> Answer:
        return recording(f"40-perm-{permissions}-{what}")

    answers = {
        ("GET", "/api/json"): get("api"),
        ("GET", "/whoAmI/api/json"): get("whoami"),
        ("GET", "/computer/api/json"): get("computer"),
        ("GET", "/tcpSlaveAgentListener/"): recording("14-tcp-open"),
        ("GET", "/jnlpJars/agent.jar"): Answer(200, (), agent_jar("3160.vd76b_9ddd10cc")),
        ("GET", "/script"): Answer(403, get("script").headers),
        ("POST", "/scriptText"): get("script"),
        ("POST", "/computer/node-a/scriptText"): get("nodescript"),
        ("GET", "/computer/node-f/jenkins-agent.jnlp"): get("jnlp"),
        ("POST", "/computer/node-f/config.xml"): get("config-post"),
        ("POST", "/computer/node-f/doDisconnect"): get("disconnect"),
        ("POST", "/computer/node-f/toggleOffline"): get("toggle"),
    }
    for node in NODES:
        answers["GET", f"/computer/{node}/config.xml"] = get("config-get")
        answers["GET", f"/computer/{node}/logText/progressiveText"] = get("log")
        answers["GET", f"/computer/{node}/api/json"] = get("node")
    return answers


def agent_jar(version: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as jar:
        manifest = f"Manifest-Version: 1.0\r\nVersion: {version}\r\n\r\nName: x\r\nVersion: 9\r\n"
        jar.writestr("META-INF/MANIFEST.MF", manifest)
    return out.getvalue()


@contextmanager
def serving(answers: dict[tuple[str, str], Answer]) -> Iterator[Recorded]:
    """Serve them on loopback; what is not among them is Jenkins' own 404."""
    recorded = Recorded(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = unquote(urlsplit(self.path).path)
            recorded.seen.append((self.command, self.path, dict(self.headers), body))
            missing = Answer(404, (("X-Jenkins", "2.426.2"),), b"<title>Not Found</title>")
            answer = recorded.answers.get((self.command, path), missing)
            self.send_response_only(answer.status)
            for key, value in answer.headers:
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_HEAD = _answer

        def log_message(self, *_: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    recorded.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield recorded
    finally:
        server.shutdown()
        server.server_close()
