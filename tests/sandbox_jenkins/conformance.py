"""Sends recorded requests to the sandbox's controller and compares its answers.

What is not compared, and why, stands in this file and nowhere else.
"""

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import replay
from replay import Answer, Recording, Recordings

from migrate.sandbox.jenkins import JenkinsServer

ADMIN_TOKEN = "11" + "a" * 32
BOB_TOKEN = "11" + "b" * 32
PASSWORD = "a password"

HEADERS_NOT_COMPARED = {
    "date": "the time",
    "connection": "the connection's own business",
    "content-length": "HTML pages are short here; other bodies are compared themselves",
    "transfer-encoding": "Jetty sends large bodies chunked",
    "set-cookie": "a session is made where a crumb or a login needs one, not with each page",
    "last-modified": "the jar's own time",
    "vary": "of Jetty's compression, which the sandbox does not have",
}
VALUES_NOT_COMPARED = {
    "server": "2.541.3 was recorded on Jetty 12.0.14 and comes with 12.1.5",
    "expires": "the time",
    "x-jenkins-session": "changes with each start",
    "x-instance-identity": "a key of its own",
    "x-consoleannotator": "random",
    "connection-cookie": "random",
    "x-hudson-jnlp-port": "a free port",
    "x-jenkins-jnlp-port": "a free port",
    "x-text-size": "checked against the body",
    "reporting-endpoints": "the port, the MAC and the object of an HTML page; the rest is checked",
    "content-security-policy-report-only": "as above: its report-uri",
    "location": "the port; compared without it",
}
VOLATILE = {
    "timestamp",
    "size",
    "totalSize",
    "path",
    "average",
    "diff",
    "availablePhysicalMemory",
    "totalPhysicalMemory",
    "slaveAgentPort",
}
"""Keys of JSON whose values are of the machine or of the moment: only their type is compared."""
SCRIPT_OUTPUT = {
    "21-script-controller": r".*jenkins\.war\n$",
    "21-script-node-a": r"/.*/agent\.jar\n$",
    "21-script-node-c": r".*agent\.jar -jnlpUrl .*/computer/node%20c%20%C3%A9/jenkins-agent\.jnlp",
    "21-script-node-d-cmdline": r".*-jnlpUrl .*\n3160\.vd76b_9ddd10cc\nWebSocket\n$",
}
"""Of 2.426.2: paths of this machine stand in these outputs."""
NOT_REPLAYED = {
    "12-log-a-after-switch": "after a switch that test_sandbox_live makes; d-websocket has the log",
    "12-log-c-after-switch": "as 12-log-a-after-switch",
    "12-log-e-after-switch": "as 12-log-a-after-switch",
    "13-jnlp-inboundurl": "the property jenkins.agent.inboundUrl is not imitated",
    "16-agentjar-get": "the jar is the sandbox's own, with the same manifest",
    "20-ws-upgrade-badcap": "the sandbox's agents do not speak remoting: any capability is good",
    "20-ws-upgrade-eacute-latin1": "needs node c é without its agent: test_sandbox_http has it",
    "20-ws-upgrade-longname": "Jetty's limit of 8 kB; aiohttp answers 400 to it",
    "21-script-node-i-cmdline": "the same failure of Groovy with another wording",
    "60-cli-plain-slash": "a page that was begun before the permission was found missing",
}
"""Names of recordings that no test sends again."""
_GRANTS = ("read", "operator", "configureonly", "extendedread", "agentallread")
HEADS_ONLY = {
    "09-computer-pretty-depth1": "its text was cut when it was recorded",
    "24-disconnect-offline-api": "read before the launch of 24-launch had failed and said so",
    **{
        f"40-perm-{grant}-{what}": "node-f's own agent was being recorded meanwhile (facts.md)"
        for grant in (
            "none",
            "read",
            "operator",
            "configureonly",
            "extendedread",
            "agentall",
            "agentallread",
        )
        for what in ("node", "computer", "config-get")
    },
}
"""Of 2.541.3: recordings of which the body is not compared."""


@dataclass(frozen=True)
class Replayer:
    """One server and the recordings that it is held to."""

    server: JenkinsServer
    recordings: Recordings
    address: str
    """Host and port as recorded."""

    def check(self, name: str) -> None:
        """Send the request of one recording again and compare what comes."""
        recording = self.recordings.load(name)
        got = replay.send(self.server.http_port, self._request(recording))
        recorded = recording.answer
        assert (got.status, got.reason) == (recorded.status, recorded.reason), name
        self._compare_headers(recorded, got)
        if self.recordings.version == "2.426.2" or name not in HEADS_ONLY:
            self._compare_body(recorded, got, recording)

    @property
    def _own(self) -> str:
        return f"127.0.0.1:{self.server.http_port}"

    def _request(self, recording: Recording) -> bytes:
        """The recorded request, with this installation's secrets in place of the redacted."""
        head, _, body = recording.request.partition(b"\r\n\r\n")
        text = head.decode("latin-1").replace(self.address, self._own)
        text = text.replace("<base64 of USER:APITOKEN>", _credentials(recording))
        node = re.search(r"^Node-Name: (.*)\r?$", text, re.MULTILINE)
        secret = "0" * 64
        if node and "wrongsecret" not in recording.name:
            secret = self.server.secret(node[1].strip())
        text = text.replace("Secret-Key: <64 hex digits>", f"Secret-Key: {secret}")
        if "Jenkins-Crumb: <64 hex digits>" in text:
            crumb, cookie = self._crumb()
            if "wrong crumb" in recording.note:
                crumb = "0" * 64
            text = text.replace("<64 hex digits>", crumb)
            text = re.sub(r"^Cookie: [^\r\n]*", f"Cookie: {cookie}", text, flags=re.MULTILINE)
        return text.encode("latin-1") + b"\r\n\r\n" + body

    def _crumb(self) -> tuple[str, str]:
        basic = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        answer = replay.send(
            self.server.http_port,
            f"GET /crumbIssuer/api/json HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n"
            "Connection: close\r\n\r\n".encode(),
        )
        cookie = (answer.get("Set-Cookie") or "").partition(";")[0]
        return json.loads(answer.body)["crumb"], cookie

    def _compare_headers(self, recorded: Answer, got: Answer) -> None:
        ignored = set(HEADERS_NOT_COMPARED)
        assert got.names - ignored == recorded.names - ignored
        for name in recorded.names - ignored - set(VALUES_NOT_COMPARED):
            assert got.all(name) == recorded.all(name), name
        location = (recorded.get("Location") or "").replace(self.address, self._own)
        assert (got.get("Location") or "") == location
        for name in ("Reporting-Endpoints", "Content-Security-Policy-Report-Only"):
            wanted = _told((recorded.get(name) or "").replace(self.address, self._own))
            assert _told(got.get(name) or "").startswith(wanted), name
        if recorded.get("X-Text-Size"):
            assert got.get("X-Text-Size") == str(len(got.body.replace(b"\r\n", b"\n")))
            size = int(recorded.get("X-Text-Size") or 0)
            assert size == int(recorded.get("Content-Length") or 0) - recorded.body.count(b"\r\n")

    def _compare_body(self, recorded: Answer, got: Answer, recording: Recording) -> None:
        kind = (recorded.get("Content-Type") or "").partition(";")[0]
        if recorded.status == 101 or recording.request.startswith(b"HEAD"):
            return
        if recording.name == "13-jnlp-encrypted":
            assert len(got.body) > 16
            assert b"jnlp" not in got.body
        elif kind == "application/json":
            self._compare_json(json.loads(recorded.body), json.loads(got.body))
        elif kind == "text/html" and b"Powered by Jetty" in recorded.body:
            assert self._jetty_text(got.body) == self._jetty_text(recorded.body)
        elif kind == "text/html" and b"Authentication required" in recorded.body:
            assert _unhashed(got.body) == _unhashed(recorded.body)
        elif kind == "text/html" and recorded.get("X-Text-Size") is None:
            assert _title(got.body) == _title(recorded.body)
        elif self.recordings.version == "2.426.2" and recording.name in SCRIPT_OUTPUT:
            assert re.match(SCRIPT_OUTPUT[recording.name], got.body.decode(), re.DOTALL)
        elif "21-script" in recording.name and "\tat " in recorded.body.decode():
            assert got.body.splitlines()[0] == recorded.body.splitlines()[0]
            assert b"\tat " in got.body
        elif b"Connection terminated" in recorded.body:
            assert _before_the_stack(got.body) == _before_the_stack(recorded.body)
        else:
            # Files are kept with one LF at their end.
            assert self._plain(got.body).rstrip("\n") == self._plain(recorded.body).rstrip("\n")

    def _compare_json(self, theirs: Any, mine: Any) -> None:
        if "crumb" in theirs:
            theirs["crumb"] = mine["crumb"]
            assert re.fullmatch("[0-9a-f]{64}", mine["crumb"])
        assert self._data(mine) == self._data(theirs)
        assert list(mine) == list(theirs)

    def _data(self, value: Any) -> Any:
        """JSON with the order of labels and volatile values taken out."""
        if isinstance(value, dict):
            return {
                key: type(item).__name__ if key in VOLATILE else self._data(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            items = [self._data(item) for item in value]
            for key in ("name", "nodeName"):
                if all(isinstance(item, dict) and key in item for item in items):
                    return sorted(items, key=lambda item: str(item[key]))
            return items
        if isinstance(value, str):
            return value.replace(self.address, self._own)
        return value

    def _jetty_text(self, body: bytes) -> str:
        text = body.decode("latin-1").strip().replace(self.address, self._own)
        return re.sub(r"Powered by Jetty:// [\d.]+", "Powered by Jetty", text)

    def _plain(self, body: bytes) -> str:
        text = body.decode("utf-8").replace(self.address, self._own)
        text = re.sub(r"\b[0-9a-f]{64}\b|<64 hex digits>", "SECRET", text)
        text = re.sub(r"<timestamp>\d+<", "<timestamp>0<", text)
        return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)


def _credentials(recording: Recording) -> str:
    pair = f"admin:{ADMIN_TOKEN}"
    if recording.note.startswith("password"):
        pair = f"admin:{PASSWORD}"
    elif recording.note.startswith("wrong token"):
        pair = "admin:wrong"
    elif recording.name.startswith("40-") or "-bob" in recording.name:
        pair = f"bob:{BOB_TOKEN}"
    return base64.b64encode(pair.encode()).decode()


def _told(header: str) -> str:
    """A CSP header without the MAC, and of a page that shows an object up to there."""
    header = re.sub(r"endpoint/(<mac>|[A-Za-z0-9_-]{43})=:", "endpoint/MAC:", header)
    return re.split(r"(?<=MAC:)[A-Za-z0-9_=-]*:[A-Za-z0-9_=-]+:", header)[0]


def _unhashed(body: bytes) -> list[bytes]:
    return re.sub(rb"/static/[0-9a-f]{8}/", b"/static/SESSION/", body).split()


def _before_the_stack(body: bytes) -> list[str]:
    """Of a log that ends in the stack traces of the container's threads, what is not of them."""
    lines = body.decode().splitlines()
    told = takewhile(lambda line: not line.startswith(("\tat ", "java.")), lines)
    return list(dict.fromkeys(told))


def _title(body: bytes) -> str:
    found = re.search(rb"<title>(.*?)</title>", body, re.DOTALL)
    return found[1].decode() if found else ""


def until(done: Callable[[], object], seconds: float = 30) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.01)
