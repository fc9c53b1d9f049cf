"""The sandbox's forward proxy over real sockets, and a host's network."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrate.sandbox.agent import settings, wire
from migrate.sandbox.agent.network import FILE, dial, network_text
from migrate.sandbox.agent.proxies import Proxies
from migrate.sandbox.agent.websocket import HandshakeFailed, WebSocket
from migrate.sandbox.forward_proxy import ForwardProxy

NAME = "ci.corp.invalid"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request with 200; keeps what it was sent."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.heads: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self.listening.accept()
            except OSError:
                return
            with sock:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += sock.recv(1)
                self.heads.append(head.decode())
                sock.sendall(_OK)


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.listening.close()


@pytest.fixture
def proxy(server: Server) -> Iterator[ForwardProxy]:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()
    started = ForwardProxy({(NAME, 80): ("127.0.0.1", server.port), (NAME, 81): nobody})
    started.start()
    yield started
    started.stop()


def _said(proxy: ForwardProxy, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(4096), b""))


def test_connect_is_a_tunnel(proxy: ForwardProxy, server: Server) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as sock:
        wire.tunnel(sock, wire.java_tunnel(NAME, 80))
        sock.sendall(b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.1 200 OK")
    assert server.heads == ["GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n"]
    assert proxy.asked == [f"CONNECT {NAME}:80 HTTP/1.1"]


def test_an_absolute_request_is_passed_on_without_what_ends_at_a_proxy(
    proxy: ForwardProxy, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.JAVA_VERSION, "17.0.15")
    got = wire.get(f"http://{NAME}/login?a=b", 5, proxy=("127.0.0.1", proxy.port))
    assert (got.status, got.body) == (200, b"ok")
    assert proxy.asked == [f"GET http://{NAME}/login?a=b HTTP/1.1"]
    # As Java 17.0.15 was seen to send it to a proxy, but for Proxy-Connection.
    assert server.heads == [
        "GET /login?a=b HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\n"
        f"Host: {NAME}\r\nAccept: text/html, image/gif, image/jpeg, */*; q=0.2\r\n"
        "Connection: close\r\n\r\n"
    ]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("CONNECT other.invalid:80 HTTP/1.1", b"403"),
        (f"CONNECT {NAME}:22 HTTP/1.1", b"403"),
        (f"CONNECT {NAME}:81 HTTP/1.1", b"502"),
        ("GET http://other.invalid/ HTTP/1.1", b"403"),
        ("GET / HTTP/1.1", b"400"),
        (f"GET https://{NAME}/ HTTP/1.1", b"400"),
        ("CONNECT  HTTP/1.1", b"400"),
    ],
)
def test_anything_else_is_refused(
    proxy: ForwardProxy, server: Server, request_: str, status: bytes
) -> None:
    answer = _said(proxy, f"{request_}\r\nHost: {NAME}\r\n\r\n".encode())
    assert answer.split()[1] == status
    assert server.heads == []


def test_a_refusal_is_no_way_for_an_agent(proxy: ForwardProxy) -> None:
    address = ("127.0.0.1", proxy.port)
    with pytest.raises(ConnectionError, match=r"HTTP/1\.1 403 Forbidden"):
        WebSocket("http://other.invalid/", {}, 5, proxies=[address])
    with pytest.raises(ConnectionError, match="Unable to tunnel through proxy"):
        wire.get("https://other.invalid/", 5, proxy=address)
    # The next proxy is tried when one refuses.
    with pytest.raises(HandshakeFailed):
        WebSocket(f"http://{NAME}/", {}, 5, proxies=[("127.0.0.1", 1), address])


def test_a_host_reaches_what_its_network_has_and_nothing_else(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ("127.0.0.1", server.port)
    (tmp_path / "etc").mkdir()
    (tmp_path / FILE).write_text(network_text({(NAME, 8080): real}))
    monkeypatch.setenv(settings.HOST, str(tmp_path))
    assert wire.get(f"http://{NAME.upper()}:8080/", 5).status == 200
    for address in ((NAME, 81), ("localhost", server.port), real, ("::1", server.port)):
        with pytest.raises(ConnectionRefusedError):
            dial(address, 5)
    with pytest.raises(socket.gaierror):
        dial(("localhost.localdomain", server.port), 5)
    assert Proxies({}, {}).for_url(f"http://{NAME}/") is None
    (tmp_path / FILE).unlink()
    dial(real, 5).close()
