"""Each line of the table of versions: what the controller answers just before and just after."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import replay
import requests
from lab import TOKEN, until

from migrate.sandbox.installation import Sandbox, SandboxError
from migrate.sandbox.jenkins import JenkinsServer
from migrate.sandbox.jenkins.changes import CHANGES, RELEASES, minimum_remoting, release
from migrate.sandbox.spec import NodeSpec

ROWS = {
    "minimum-4.7": ("2.378", "2.387.1"),
    "own-not-found-page": ("2.421", "2.426.1"),
    "minimum-4.13": ("2.425", "2.426.1"),
    "redirect-script": ("2.433", "2.440.1"),
    "disk-thresholds": ("2.434", "2.440.1"),
    "origin-checked": ("2.442", "2.426.3"),
    "java-17": ("2.463", "2.479.1"),
    "minimum-3107": ("2.467", "2.479.1"),
    "jetty-12": ("2.472", "2.479.1"),
    "mark-in-node": ("2.482", "2.492.1"),
    "reason-escaped": ("2.483", "2.492.1"),
    "origin-explained": ("2.485", "2.492.1"),
    "titles": ("2.495", "2.504.1"),
    "secrets-redacted": ("2.500", "2.492.2"),
    "refused-400": ("2.511", "2.516.1"),
    "same-site": ("2.513", "2.516.1"),
    "closed-without-stack": ("2.523", "2.528.1"),
    "csp-headers": ("2.539", "2.541.1"),
    "java-21": ("2.545", "2.555.1"),
    "minimum-3176": ("2.545", "2.555.1"),
    "page-keeps-mark": ("2.548", "2.541.2"),
    "cause-escaped": ("2.551", "2.541.2"),
    "origin-configured": ("2.555", "2.541.3"),
    "reload-keeps-mark": ("2.564", "2.568.1"),
    "cause-plain": ("2.568", "2.555.3"),
}


_FACTS = Path(__file__).resolve().parents[2] / "docs" / "facts.md"
ONLY_IN_SOURCES = {
    "own-not-found-page",
    "redirect-script",
    "disk-thresholds",
    "jetty-12",
    "titles",
    "same-site",
    "csp-headers",
    "cause-plain",
}


def test_the_table_is_as_read_in_the_sources() -> None:
    assert {c.name: (c.weekly, c.lts) for c in CHANGES} == ROWS


def test_the_table_is_as_collected_elsewhere() -> None:
    """What was collected of the versions (facts A7, D1) names the same weekly releases."""
    numbers = set(re.findall(r"2\.\d{3}", _FACTS.read_text("utf-8")))
    # For `cause-plain` the page names 2.567, the last one that escapes.
    missing = {name for name, (weekly, _) in ROWS.items() if weekly not in numbers}
    assert missing <= ONLY_IN_SOURCES


@pytest.mark.parametrize(
    ("version", "has"),
    [("2.441", False), ("2.442", True), ("2.426.2", False), ("2.426.3", True), ("2.440.1", True)],
)
def test_weekly_and_lts_count_for_themselves(version: str, has: bool) -> None:
    change = next(c for c in CHANGES if c.name == "origin-checked")
    assert change.is_in(version) is has


def test_what_is_in_a_release() -> None:
    assert [(r.version, r.jar, minimum_remoting(r.version)) for r in RELEASES] == [
        ("2.361.4", "3044.vb_940a_a_e4f72e", "4.2.1"),
        ("2.426.2", "3160.vd76b_9ddd10cc", "4.13"),
        ("2.541.3", "3352.v17a_fb_4b_2773f", "3107.v665000b_51092"),
        ("2.568.2", "3355.3357.v931d3c992987", "3176.v207ec082a_8c0"),
    ]
    assert release("2.500").version == "2.426.2"


def test_an_unknown_version_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as error:
        Sandbox(tmp_path, jenkins_version="2.400")
    assert "known: 2.361.4, 2.426.2, 2.541.3, 2.568.2" in str(error.value)


# What a controller answers just before a change (weekly and LTS) and just after it.

NODE = "linux-1"
_REASON = 'a <b>reason</b> & "q"'


class Probe:
    """One controller and the few requests that show the changes."""

    def __init__(self, jenkins: JenkinsServer) -> None:
        self.jenkins = jenkins
        self.http = requests.Session()
        self.http.auth = ("admin", TOKEN)

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.http.get(
            self.jenkins.url + path, headers=headers, allow_redirects=False, timeout=10
        )

    def anonymous(self, path: str, **headers: str) -> requests.Response:
        return requests.get(
            self.jenkins.url + path, headers=headers, allow_redirects=False, timeout=10
        )

    def post(self, path: str, data: bytes | dict[str, str] | None = None) -> requests.Response:
        headers = {"Content-Type": "application/xml"} if isinstance(data, bytes) else {}
        return self.http.post(
            self.jenkins.url + path, data=data, headers=headers, allow_redirects=False, timeout=10
        )

    def ws(self, path: str, **headers: str) -> replay.Answer:
        """An upgrade request; a 101 is closed at once."""
        head = {
            "Host": f"127.0.0.1:{self.jenkins.http_port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return replay.send(self.jenkins.http_port, f"GET /{path} HTTP/1.1\r\n{lines}\r\n".encode())

    def mark(self) -> None:
        self.post(f"computer/{NODE}/toggleOffline", {"offlineMessage": _REASON})

    def node(self) -> dict[str, Any]:
        tree = "temporarilyOffline,offlineCauseReason,offlineCause[description],monitorData[*]"
        return dict(self.get(f"computer/{NODE}/api/json?depth=1&tree={tree}").json())

    def marked(self) -> bool:
        return bool(self.node()["temporarilyOffline"])

    @property
    def agent(self) -> dict[str, str]:
        return {
            "Node-Name": NODE,
            "Secret-Key": self.jenkins.secret(NODE),
            "X-Remoting-Capability": "rO0ABQ==",
        }


@contextmanager
def probing(version: str, home: Path, **options: Any) -> Iterator[Probe]:
    jenkins = JenkinsServer(home, time_scale=0.01, jenkins_version=version, **options)
    jenkins.start()
    try:
        jenkins.add_user("admin", TOKEN, frozenset({"Overall/Administer"}))
        jenkins.add_node(NodeSpec(NODE))
        yield Probe(jenkins)
    finally:
        jenkins.stop()


def _minimum(probe: Probe) -> str | None:
    return probe.get("tcpSlaveAgentListener/").headers["X-Remoting-Minimum-Version"]


def _not_found(probe: Probe) -> tuple[int, bool]:
    answer = probe.get("computer/nosuch/api/json")
    return answer.status_code, "X-Jenkins" in answer.headers


def _script(probe: Probe) -> bool:
    return "/scripts/redirect.js" in probe.anonymous("").text


def _thresholds(probe: Probe) -> bool:
    data = probe.get("computer/(built-in)/api/json?depth=1").json()["monitorData"]
    return "warningThreshold" in data["hudson.node_monitors.DiskSpaceMonitor"]


def _origin(probe: Probe) -> tuple[int, int]:
    right = f"http://127.0.0.1:{probe.jenkins.http_port}"
    return probe.ws("cli/ws").status, probe.ws("cli/ws", Origin=right).status


def _java(probe: Probe) -> int:
    tag = "// migrate-script: inventory e30"
    text = probe.post("scriptText", {"script": tag}).text.splitlines()[1]
    return int(json.loads(text)["java_version"].partition(".")[0])


def _location(probe: Probe) -> str:
    where = probe.get("wsagents").headers["Location"]
    return where.replace(probe.jenkins.url, "URL/")


def _posted(probe: Probe) -> tuple[bool, bool, bool, bool]:
    """<message> in config.xml; marked after a POST without and after one with the mark; and again
    after the controller was restarted."""
    path = f"computer/{NODE}/config.xml"
    plain = probe.get(path).content
    probe.mark()
    marked = probe.get(path).content
    probe.post(path, plain)
    without = probe.marked()
    if without:
        probe.post(f"computer/{NODE}/toggleOffline")
    probe.post(path, marked)
    with_it = probe.marked()
    probe.jenkins.restart(0)
    return b"<message>" in marked, without, with_it, probe.marked()


def _reason(probe: Probe) -> tuple[str, str]:
    probe.mark()
    node = probe.node()
    return node["offlineCause"]["description"], node["offlineCauseReason"]


def _explained(probe: Probe) -> str | None:
    return probe.ws("cli/ws").get("X-CLI-Error")


def _title(probe: Probe) -> str:
    found = re.search("<title>(.*)</title>", probe.anonymous("login").text)
    return found[1] if found else ""


def _redacted(probe: Probe) -> tuple[bool, bool]:
    """The secret in what a reader and in what a writer of the node gets."""
    secret = b"{AQAAABAAAAAQ1nOgoGWFGZ6CiNJCZH1r4w==}"
    body = probe.jenkins.config_xml(NODE).replace(
        b"<nodeProperties/>",
        b"<nodeProperties><a.B><key>" + secret + b"</key></a.B></nodeProperties>",
    )
    assert probe.post(f"computer/{NODE}/config.xml", body).status_code == 200
    found = []
    for permission in ("Agent/ExtendedRead", "Agent/Configure"):
        probe.jenkins.add_user("bob", TOKEN, frozenset({"Overall/Read", permission}))
        answer = requests.get(
            f"{probe.jenkins.url}computer/{NODE}/config.xml", auth=("bob", TOKEN), timeout=10
        )
        found.append(secret in answer.content)
    return found[0], found[1]


def _refused(probe: Probe) -> tuple[int, bool]:
    """A node that nobody can dial in to."""
    probe.jenkins.add_node(NodeSpec("ssh", launcher="ssh"))
    told = {**probe.agent, "Node-Name": "ssh", "Secret-Key": probe.jenkins.secret("ssh")}
    answer = probe.ws("wsagents/", **told)
    return answer.status, b"MESSAGE:</th><td>ssh is not an inbound agent" in answer.body


def _cookie(probe: Probe) -> bool:
    return "SameSite=Lax" in probe.anonymous("login").headers["Set-Cookie"]


def _log(probe: Probe) -> tuple[str, bool]:
    assert probe.ws("wsagents/", **probe.agent).status == 101
    until(lambda: "terminated" in probe.jenkins.agent_log(NODE), "the end in the log")
    lines = probe.jenkins.agent_log(NODE).splitlines()
    return lines[1], len(lines) > 2


def _csp(probe: Probe) -> tuple[bool, bool]:
    names = probe.ws("wsagents/", **probe.agent).names
    return "content-security-policy-report-only" in names, "reporting-endpoints" in names


def _page(probe: Probe) -> bool:
    """Marked after the node's page was saved."""
    probe.mark()
    form = {"name": NODE, "numExecutors": "2", "remoteFS": "/srv/x", "mode": "NORMAL"}
    saved = probe.post(f"computer/{NODE}/configSubmit", {"json": json.dumps(form)})
    assert saved.headers["Location"].endswith(f"/computer/{NODE}/")
    assert b"<numExecutors>2<" in probe.jenkins.config_xml(NODE)
    return probe.marked()


def _reload(probe: Probe) -> bool:
    """Marked after configuration as code was loaded again."""
    probe.mark()
    text = f"jenkins:\n  nodes:\n  - permanent:\n      name: {NODE}\n      remoteFS: /srv/x\n"
    text += "      launcher:\n        inbound:\n          webSocket: true\n"
    (probe.jenkins.home / "jenkins.yaml").write_text(text)
    assert probe.post("configuration-as-code/reload").status_code == 302
    return probe.marked()


def _configured(probe: Probe) -> tuple[int, int]:
    """Origin of the request and of the configured URL, which is another."""
    probe.jenkins.root_url = "https://jenkins.example.test/"
    asked = f"http://127.0.0.1:{probe.jenkins.http_port}"
    return (
        probe.ws("cli/ws", Origin=asked).status,
        probe.ws("cli/ws", Origin="https://jenkins.example.test").status,
    )


_ONCE = "a &lt;b&gt;reason&lt;/b&gt; &amp; &quot;q&quot;"
_TWICE = _ONCE.replace("&", "&amp;")
_BY = "Disconnected by admin : "
Shown = tuple[Callable[[Probe], object], object, object]
SHOWN: dict[str, Shown] = {
    "minimum-4.7": (_minimum, "4.2.1", "4.7"),
    "own-not-found-page": (_not_found, (404, False), (404, True)),
    "minimum-4.13": (_minimum, "4.7", "4.13"),
    "redirect-script": (_script, False, True),
    "disk-thresholds": (_thresholds, False, True),
    "origin-checked": (_origin, (101, 101), (403, 101)),
    "java-17": (_java, 11, 17),
    "minimum-3107": (_minimum, "4.13", "3107.v665000b_51092"),
    "jetty-12": (_location, "URL/wsagents/", "/wsagents/"),
    "mark-in-node": (_posted, (False, True, False, True), (True, False, True, True)),
    "reason-escaped": (_reason, (_BY + _REASON, _REASON), (_BY + _REASON, _ONCE)),
    "origin-explained": (
        _explained,
        None,
        "Unexpected request origin (check your reverse proxy settings)",
    ),
    "titles": (_title, "Sign in [Jenkins]", "Sign in - Jenkins"),
    "secrets-redacted": (_redacted, (True, True), (False, True)),
    "refused-400": (_refused, (500, False), (400, True)),
    "same-site": (_cookie, False, True),
    "closed-without-stack": (
        _log,
        ("ERROR: Connection terminated", True),
        ("Connection terminated", False),
    ),
    "csp-headers": (_csp, (False, False), (True, True)),
    "java-21": (_java, 17, 21),
    "minimum-3176": (_minimum, "3107.v665000b_51092", "3176.v207ec082a_8c0"),
    "page-keeps-mark": (_page, False, True),
    "cause-escaped": (_reason, (_BY + _REASON, _ONCE), (_BY.strip() + " " + _ONCE, _TWICE)),
    "origin-configured": (_configured, (101, 403), (403, 101)),
    "reload-keeps-mark": (_reload, False, True),
    "cause-plain": (_reason, (_BY + _ONCE, _TWICE), (_BY + _REASON, _ONCE)),
}
"""What shows a change, and what is seen before and after it."""


def _before(version: str) -> str:
    """The last release before a weekly one, or an LTS one before an LTS one."""
    *line, last = version.split(".")
    earlier = {"2.387.1": "2.375.4", "2.426.1": "2.414.3", "2.440.1": "2.426.3"}
    earlier |= {"2.479.1": "2.462.3", "2.492.1": "2.479.3", "2.504.1": "2.492.3"}
    earlier |= {"2.516.1": "2.504.3", "2.528.1": "2.516.3", "2.541.1": "2.528.3"}
    earlier |= {"2.555.1": "2.541.3", "2.568.1": "2.555.2"}
    return earlier.get(version) or ".".join((*line, str(int(last) - 1)))


@pytest.mark.parametrize("name", ROWS)
def test_before_and_after(name: str, tmp_path: Path) -> None:
    show, before, after = SHOWN[name]
    for number, version in enumerate(ROWS[name]):
        with probing(_before(version), tmp_path / f"b{number}") as probe:
            assert show(probe) == before, _before(version)
        with probing(version, tmp_path / f"a{number}") as probe:
            assert show(probe) == after, version


def test_no_url_is_configured(tmp_path: Path) -> None:
    told = "Jenkins URL is not configured (set Jenkins URL in the configuration)"
    faults = frozenset({"no-jenkins-url"})
    for version, status, reason in (("2.554", 101, None), ("2.555", 403, told)):
        with probing(version, tmp_path / version, faults=faults) as probe:
            asked = f"http://127.0.0.1:{probe.jenkins.http_port}"
            answer = probe.ws("cli/ws", Origin=asked)
            assert (answer.status, answer.get("X-CLI-Error")) == (status, reason)
