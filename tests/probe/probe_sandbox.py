"""A sandbox controller behind a real nginx, and the least of a client that makes nodes there."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from probe_configs import BACKEND, BLOCKS, DEAD

from migrate.model.errors import MigrateError
from migrate.model.journal.base import Entry
from migrate.model.records import Record
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.nginx import Nginx, NginxConfig
from migrate.sandbox.ports import free_port

ADMIN = frozenset({"Overall/Administer"})
TOKEN = "11" + "ab" * 16
_MAP = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n"


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JenkinsServer]:
    """A sandbox controller with an administrator; shared by the tests of a module."""
    server = JenkinsServer(tmp_path_factory.mktemp("jenkins"))
    server.add_user("admin", TOKEN, ADMIN)
    server.start()
    yield server
    server.stop()


def edge(name: str, backend: int, port: int, replace: tuple[str, str] = ("", "")) -> Nginx:
    """nginx with a recorded configuration on ``port``, in front of port ``backend``."""
    block = BLOCKS[name].replace(BACKEND, f"127.0.0.1:{backend}")
    block = block.replace(DEAD, f"127.0.0.1:{free_port()}").replace(*replace)
    return Nginx(NginxConfig(f"{_MAP}server {{\nlisten 127.0.0.1:{port};\n{block}\n}}"))


def edge_port(server: JenkinsServer) -> int:
    """A free port, which from now on stands in the controller's configured URL: since 2.541.3 it
    decides which Origin is right."""
    port = free_port()
    server.root_url = f"http://127.0.0.1:{port}/"
    return port


class Client:
    """What the probe needs of ``ControllerPort``, over a real socket, as user ``admin``."""

    def __init__(self, server: JenkinsServer, user: str = "admin", token: str = TOKEN) -> None:
        self.url = server.url
        self._login = base64.b64encode(f"{user}:{token}".encode()).decode()

    def node_names(self) -> tuple[str, ...]:
        body = json.loads(self._ask("computer/api/json?tree=computer[displayName]"))
        return tuple(sorted(one["displayName"] for one in body["computer"]))

    def read_node_config(self, name: str) -> bytes:
        return self._ask(f"computer/{urllib.parse.quote(name)}/config.xml")

    def create_inbound_node(self, name: str, description: str) -> None:
        wanted = {
            "name": name,
            "nodeDescription": description,
            "numExecutors": "1",
            "remoteFS": "/nowhere",
            "labelString": "",
            "mode": "EXCLUSIVE",
            "launcher": {
                "stapler-class": "hudson.slaves.JNLPLauncher",
                "$class": "hudson.slaves.JNLPLauncher",
            },
            "retentionStrategy": {"stapler-class": "hudson.slaves.RetentionStrategy$Always"},
            "nodeProperties": {"stapler-class-bag": "true"},
            "type": "hudson.slaves.DumbSlave",
        }
        form = {"name": name, "type": wanted["type"], "json": json.dumps(wanted)}
        self._ask("computer/doCreateItem", urllib.parse.urlencode(form).encode())

    def delete_node(self, name: str) -> None:
        self._ask(f"computer/{urllib.parse.quote(name)}/doDelete", b"")

    def agent_secret(self, name: str) -> str:
        body = self._ask(f"computer/{urllib.parse.quote(name)}/jenkins-agent.jnlp").decode()
        return body.split("<argument>", 1)[1].split("</argument>", 1)[0]

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, body)
        request.add_header("Authorization", f"Basic {self._login}")
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=10) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            if error.code == 302:
                return b""
            needed = error.headers.get("X-Required-Permission", "")
            raise MigrateError(f"Jenkins answered {error.code} {needed}".strip()) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Journal:
    """A journal in memory, as the engine's looks from here."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(self, entry: Entry) -> None:
        self.entries.append(entry)

    def records(self) -> tuple[Record, ...]:
        return tuple(Record(number, "", entry) for number, entry in enumerate(self.entries))
