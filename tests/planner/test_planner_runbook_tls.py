"""A runbook that cannot verify a certificate says so, and how to name the CA."""

import hashlib
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from migrate.model.probe_requests import Target
from migrate.model.probe_scripts import shell_functions
from migrate.planner.runbook import script as runbook

TOOLS = ("sh", "curl", "wget", "openssl")
pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}"
)
JAR = b"new jar"


class Front(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = JAR if self.path == "/jar" else b""
        self.send_response(101 if self.path == "/cli/ws" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def cert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    more = ["subjectAltName=DNS:localhost", "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run([*words.split(), *more], check=True, capture_output=True)
    return file


@pytest.fixture
def url(cert: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{cert}.crt", cert)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def run(
    tmp_path: Path, url: str, call: str, *, without: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """The real body of the script up to its last function, then ``call``."""
    values = {
        "STATE": str(tmp_path),
        "URL": url,
        "CANNOT_PROBE": "",
        "JAR": str(tmp_path / "agent.jar"),
        "JAR_SHA256": hashlib.sha256(JAR).hexdigest(),
        "JAR_VERSION": "3283",
        "JAR_URL": url + "jar",
    }
    file = tmp_path / "run.sh"
    head = "set -eu\n" + "".join(f"{name}='{value}'\n" for name, value in values.items())
    file.write_text(head + shell_functions(Target(url)) + runbook._body("body.sh") + call + "\n")
    path = os.environ["PATH"]
    if without:
        tools = tmp_path / "tools"
        tools.mkdir(exist_ok=True)
        names = "cat chmod cp cut dirname grep ls mktemp mv rm rmdir sed sha256sum tail tr"
        for name in {*names.split(), "sh", "curl", "wget"} - {without}:
            (tools / name).symlink_to(str(shutil.which(name)))
        path = str(tools)
    environment = {"PATH": path, "MIGRATE_PROBE_SECONDS": "1", **more}
    return subprocess.run(
        [str(shutil.which("sh")), file], capture_output=True, text=True, env=environment, timeout=40
    )


@pytest.mark.parametrize(
    ("call", "without", "told"),
    [
        ("probe", "", "curl cannot verify the certificate"),
        ("upgrade_jar", "", "curl cannot verify the certificate"),
        ("upgrade_jar", "curl", "wget cannot verify the certificate"),
    ],
)
def test_an_unknown_ca_is_named_and_can_be_given(
    tmp_path: Path, cert: Path, url: str, call: str, without: str, told: str
) -> None:
    (tmp_path / "agent.jar").write_bytes(b"old jar")
    done = run(tmp_path, url, call, without=without)
    assert done.returncode == 1
    assert told in done.stderr and "CURL_CA_BUNDLE=/path/to/ca.pem sh " in done.stderr
    assert "Nothing was changed" in done.stderr
    assert (tmp_path / "agent.jar").read_bytes() == b"old jar"
    shutil.rmtree(tmp_path / "tools", ignore_errors=True)
    done = run(tmp_path, url, call, without=without, CURL_CA_BUNDLE=f"{cert}.crt")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "agent.jar").read_bytes() == (b"old jar" if call == "probe" else JAR)


def test_a_ca_file_that_is_not_there_and_a_port_without_tls(tmp_path: Path, url: str) -> None:
    done = run(tmp_path, url, "probe", CURL_CA_BUNDLE=str(tmp_path / "none.pem"))
    assert "exit 77" in done.stderr and "none.pem" in done.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = run(tmp_path, f"https://localhost:{server.server_port}/", "probe")
    server.shutdown()
    server.server_close()
    assert done.returncode == 1 and "curl's exit 35" in done.stderr
