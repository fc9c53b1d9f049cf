"""What an API server answers is bounded in bytes and in time, over real sockets."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cluster_answers import AnswerServer, kubeconfig
from hostile import HEAD, OPEN_END, bomb, drip, endless, hostile, whole

from migrate.cluster.client import ClusterClient
from migrate.cluster.errors import AnswerLost, ClusterError, ClusterUnreachable, TooMuch

CHUNKED = HEAD % b"identity" + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"10000\r\n" + b"a" * 65536 + b"\r\n"

Call = Callable[[ClusterClient], object]
CALLS: dict[str, Call] = {
    "get": lambda client: client.get("ConfigMap", "edge", "tcp"),
    "list": lambda client: list(client.objects("Pod")),
    "review": lambda client: client.allowed("get", "Pod", "edge"),
    "patch": lambda client: client.json_patch("ConfigMap", "edge", "tcp", []),
}


def client(folder: Path, port: int, timeout: float) -> ClusterClient:
    return ClusterClient(kubeconfig(folder, f"http://127.0.0.1:{port}"), timeout=timeout)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "sent",
    [(b"", b"H"), (b"HTTP/1.1 200 OK\r\nX: ", b"a"), (OPEN_END, b" "), (CHUNKED, b"1\r\n \r\n")],
    ids=["status", "header", "body", "chunks"],
)
def test_one_byte_now_and_then(tmp_path: Path, call: Call, sent: tuple[bytes, bytes]) -> None:
    with hostile(drip(*sent)) as port:
        one = client(tmp_path, port, 1)
        assert one.context == "test"  # the official client takes a second to load
        begun = time.monotonic()
        with pytest.raises(ClusterUnreachable, match=r"timed out") as caught:
            call(one)
        # --timeout is 1, and a loaded machine is slow.
        assert time.monotonic() - begun < 3.0
    assert caught.value.transient
    assert isinstance(caught.value, AnswerLost) == (call is CALLS["patch"])


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "sent", [(OPEN_END, b"a" * 65536), (CHUNKED, PIECE)], ids=["body", "chunks"]
)
def test_a_body_without_end(tmp_path: Path, name: str, sent: tuple[bytes, bytes]) -> None:
    with (
        hostile(endless(*sent)) as port,
        pytest.raises(ClusterError, match="more than 32 MiB") as caught,
    ):
        # A list is asked for in smaller pages first: 500, 50, 5, 1.
        CALLS[name](client(tmp_path, port, 20))
    assert isinstance(caught.value, AnswerLost if name == "patch" else TooMuch)


@pytest.mark.parametrize("status", [b"500 Oops", b"503 Away", b"403 No"])
def test_a_refusal_without_end_is_one(tmp_path: Path, status: bytes) -> None:
    with (
        hostile(endless(OPEN_END.replace(b"200 OK", status))) as port,
        pytest.raises(ClusterError) as caught,
    ):
        client(tmp_path, port, 3).get("ConfigMap", "edge", "tcp")
    assert len(caught.value.cause) < 500


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (whole(bomb(100 << 20), b"gzip"), "more than 32 MiB"),
        (whole(b"x", b"br"), "not asked for"),
        (whole(b"[" * 500_000), "nested too deeply"),
        (whole(b'{"items":[' + b'"",' * 1_000_000 + b"0]}"), "more than 1,000,000 values"),
    ],
    ids=["gzip", "brotli", "deep", "many"],
)
def test_bombs(tmp_path: Path, answer: Callable[..., None], why: str) -> None:
    with hostile(answer) as port, pytest.raises(ClusterError, match=why):
        client(tmp_path, port, 20).get("ConfigMap", "edge", "tcp")


def test_many_large_objects_come_in_smaller_pages(tmp_path: Path) -> None:
    """Sixty ConfigMaps of 1 MiB are honest."""
    objects = [{"metadata": {"name": f"c{n}"}, "data": {"x": "y" * (1 << 20)}} for n in range(60)]

    def page(method: str, path: str, query: dict[str, list[str]]) -> object:
        at, size = int(query.get("continue", ["0"])[0]), int(query["limit"][0])
        end = at + size
        more = {"continue": str(end)} if end < len(objects) else {}
        return {"metadata": more, "items": objects[at:end]}

    with AnswerServer(page) as server:
        one = ClusterClient(kubeconfig(tmp_path, server.url), timeout=20)
        names = [item["metadata"]["name"] for item in one.objects("ConfigMap")]
        sizes = [parse_qs(urlsplit(path).query)["limit"][0] for _, path, _, _ in server.asked]
    assert names == [f"c{n}" for n in range(60)]
    assert sizes[:3] == ["500", "50", "5"]


def test_half_a_pair_is_replaced(tmp_path: Path) -> None:
    answer = whole(b'{"data": {"a": "x\\ud800y"}}')
    with hostile(answer) as port:
        read = client(tmp_path, port, 5).get("ConfigMap", "edge", "tcp")
    assert json.dumps(read, ensure_ascii=False).encode() == '{"data": {"a": "x\ufffdy"}}'.encode()


def test_an_endless_body_takes_little_memory(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from migrate.cluster.client import ClusterClient
from migrate.cluster.errors import TooMuch
from hostile import peak_mib
client = ClusterClient(Path(sys.argv[1]), timeout=30)
client.context
before = peak_mib()
try:
    list(client.objects("Pod"))
except TooMuch:
    print(peak_mib() - before)
"""
    with hostile(endless(OPEN_END)) as port:
        file = kubeconfig(tmp_path, f"http://127.0.0.1:{port}")
        done = subprocess.run(
            [sys.executable, "-c", code, str(file)],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[1],
            timeout=100,
        )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 64
