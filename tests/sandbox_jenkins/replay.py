"""Reads the recorded exchanges, and sends their requests again."""

import re
import socket
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = Path(__file__).resolve().parents[1] / "recordings"
_MARK = re.compile(rb"#### RESPONSE \([^\n]*\)\n")


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        found = self.all(name)
        return found[0] if found else None

    @property
    def names(self) -> set[str]:
        return {key.lower() for key, _ in self.headers}


@dataclass(frozen=True)
class Recording:
    name: str
    note: str
    request: bytes
    answer: Answer


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """Head, with CRLF, and body; the newer recordings are kept with LF in the heads."""
    found = re.search(rb"\r?\n\r?\n", raw)
    if found is None:
        return raw, b""
    return re.sub(rb"\r?\n", b"\r\n", raw[: found.start()]), raw[found.end() :]


def parse_answer(raw: bytes) -> Answer:
    head, body = _parted(raw)
    status_line, *lines = head.decode("latin-1").split("\r\n")
    words = status_line.split(" ", 2)
    headers = tuple((n, v.strip()) for n, _, v in (line.partition(":") for line in lines))
    return Answer(int(words[1]), words[2] if len(words) > 2 else "", headers, body)


@dataclass(frozen=True)
class Recordings:
    """All exchanges with one real controller."""

    version: str

    @property
    def folder(self) -> Path:
        return _FOLDERS / f"jenkins-{self.version}"

    def load(self, name: str) -> Recording:
        raw = (self.folder / f"{name}.txt").read_bytes()
        note, _, rest = raw.removeprefix(b"#### NOTE:").partition(b"\n#### REQUEST\n")
        mark = _MARK.search(rest)
        assert mark is not None, name
        request, answer = rest[: mark.start()], rest[mark.end() :]
        head, body = _parted(request)
        body = body.removesuffix(b"\n")
        # Paths in bodies were shortened when the recording was made, the length was not.
        head = re.sub(rb"(?i)(content-length:) *\d+", b"\\1 %d" % len(body), head)
        whole = head + b"\r\n\r\n" + body
        return Recording(name, note.decode().strip(), whole, parse_answer(answer))

    def names(self, *prefixes: str) -> list[str]:
        return sorted(
            path.stem
            for path in self.folder.glob("*.txt")
            if path.stem.startswith(prefixes) and _is_exchange(path.read_bytes())
        )


def _is_exchange(raw: bytes) -> bool:
    return raw.startswith(b"#### NOTE") and b"\n#### REQUEST\n" in raw


def send(port: int, request: bytes) -> Answer:
    """Send raw bytes, read one answer; the socket is closed after it."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(request)
        raw = b""
        while not _complete(raw, request):
            part = sock.recv(65536)
            if not part:
                break
            raw += part
    return parse_answer(raw)


def _complete(raw: bytes, request: bytes) -> bool:
    head, mark, body = raw.partition(b"\r\n\r\n")
    if not mark:
        return False
    if head.startswith(b"HTTP/1.1 101"):
        return True
    if request.startswith(b"HEAD "):
        return True
    length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
    return length is not None and len(body) >= int(length[1])
