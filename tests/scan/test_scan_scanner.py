"""How the sources become one inventory."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from scan_lab import ScanLab

from migrate.jenkins.errors import NodeOffline, ScriptFailed
from migrate.model.cluster_facts import Cluster, Exposure, ExposureKind, Way, WayKind
from migrate.model.errors import MigrateError
from migrate.model.inventory import LauncherKind, LaunchKind, Node, ProbeAnswer, Skip, Verdict
from migrate.model.ports import ControllerPort
from migrate.sandbox.spec import NodeSpec
from migrate.scan.differences import node_differences
from migrate.scan.launches import discover_launches
from migrate.scan.scanner import scan


def answer(what: str) -> ProbeAnswer:
    return ProbeAnswer(what, "GET", "200", Verdict.PASS, "jenkins", "fine")


class Prober:
    def __init__(self, fail: str = "") -> None:
        self.fail = fail
        self.tcp: list[tuple[str, int]] = []

    def knowing(self, root_url: str | None, version: str | None) -> "Prober":
        self.known = (root_url, version)
        return self

    def without_secret(self) -> tuple[ProbeAnswer, ...]:
        if self.fail:
            raise MigrateError(self.fail)
        return (answer("login"),)

    def hold_cli(self, hold: float) -> tuple[ProbeAnswer, ...]:
        raise AssertionError("a scan without --probe holds nothing")

    def sockets(self, count: int, hold: float) -> ProbeAnswer:
        raise AssertionError("a scan without --probe holds nothing")

    def with_probe_node(
        self, controller: ControllerPort, node: str, hold: float
    ) -> tuple[ProbeAnswer, ...]:
        raise AssertionError("a scan changes nothing")

    def tcp_port(self, host: str, port: int) -> ProbeAnswer:
        self.tcp.append((host, port))
        return answer("tcp-port")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScanLab]:
    nodes = (NodeSpec("a", agent=None), NodeSpec("ssh-1", launcher="ssh"))
    with ScanLab(tmp_path_factory.mktemp("scanner"), nodes) as started:
        yield started


def test_cluster_and_probes_are_merged(lab: ScanLab) -> None:
    asked: list[tuple[str, tuple[int, ...]]] = []
    entry = Exposure(ExposureKind.TCP_SERVICES_ENTRY, "ConfigMap", "ns", "tcp", "50000", 50000)
    way = Way(WayKind.LOAD_BALANCER, "Service ns/edge", ("edge.example",), 50000)
    seen = Cluster("ctx", "v1.33", exposures=(entry,), ways=(way,))

    def reader(url: str, ports: tuple[int, ...]) -> tuple[Cluster, tuple[Skip, ...]]:
        asked.append((url, ports))
        return seen, (Skip("cluster", "secrets", "not needed"),)

    prober = Prober()
    admin = lab.as_user("admin")
    inventory = scan(admin, reader, prober, now="then", tool_version="9")
    assert inventory.cluster is seen
    assert [p.id for p in inventory.probes] == ["login", "tcp-port", "tcp-port"]
    assert prober.tcp == [("127.0.0.1", admin.agent_port()), ("edge.example", 50000)]
    assert asked == [(lab.jenkins.url, (admin.agent_port(),))]
    assert Skip("cluster", "secrets", "not needed") in inventory.skips
    assert (inventory.scanned_at, inventory.tool_version) == ("then", "9")


def test_the_cluster_is_asked_for_the_port_configured_and_for_the_one_advertised(
    lab: ScanLab,
) -> None:
    asked: list[tuple[int, ...]] = []

    def reader(url: str, ports: tuple[int, ...]) -> tuple[Cluster, tuple[Skip, ...]]:
        asked.append(ports)
        return Cluster("ctx", "v1.33"), ()

    admin = lab.as_user("admin")
    lab.jenkins.advertise(port=50123)
    try:
        scan(admin, reader, None, now="", tool_version="")
    finally:
        lab.jenkins.advertise(port=None)
    assert asked == [(admin.agent_port(), 50123)]


def test_where_agents_dial_can_be_given(lab: ScanLab) -> None:
    prober = Prober()
    scan(
        lab.as_user("admin"),
        None,
        prober,
        now="",
        tool_version="",
        agent_addresses=("edge.example:1234",),
    )
    assert prober.tcp[0] == ("edge.example", 1234)


def test_what_cannot_be_read_is_a_skip(lab: ScanLab) -> None:
    def reader(url: str, ports: tuple[int, ...]) -> tuple[Cluster, tuple[Skip, ...]]:
        raise MigrateError("no kubeconfig", next_command="migrate doctor --kubeconfig FILE")

    inventory = scan(lab.as_user("admin"), reader, Prober("no net"), now="", tool_version="")
    assert inventory.cluster is None
    told = {(s.subject, s.what, s.reason) for s in inventory.skips}
    assert ("cluster", "cluster", "no kubeconfig") in told
    assert ("edge", "probes", "no net") in told
    assert [p.id for p in inventory.probes] == ["tcp-port"]


class Runner:
    def __init__(self, answers: dict[str, Any], may: bool = True) -> None:
        self.answers = answers
        self.may = may

    def script_obstacle(self) -> tuple[str, str] | None:
        return None if self.may else ("this user lacks Overall/Administer", "Overall/Administer")

    def run_script(
        self,
        script: str,
        arguments: Mapping[str, object],
        *,
        node: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        assert (script, arguments) == ("describe-launch", {"url": "https://j/"})
        assert timeout is not None
        found = self.answers[node or ""]
        if isinstance(found, Exception):
            raise found
        return found


def inbound(name: str, online: bool = True) -> Node:
    return Node(name, LauncherKind.INBOUND, "hudson.slaves.JNLPLauncher", online=online)


def test_launches_of_hostile_and_failing_agents() -> None:
    secret = "ab" * 32
    answers = {
        "good": {
            "kind": "jnlp-url",
            "command": f"x\x1b[31m -secret {secret}",
            "options": ["-jnlpUrl", 7],
            "jar_sha256": "cd" * 32,
            "pid": "no number",
            "jar_writable": "yes",
        },
        "odd": {"kind": "something new"},
        "liar": ["no", "object"],
        "broken": ScriptFailed("describe-launch", "node 'broken'", "boom"),
        "gone": NodeOffline("gone"),
    }
    nodes = (*(inbound(name) for name in answers), inbound("off", online=False))
    ssh = Node("ssh", LauncherKind.SSH, None, online=True)
    found, skips = discover_launches(Runner(answers), (*nodes, ssh), url="https://j/")
    launches = {n.name: n.launch for n in found}
    good = launches["good"]
    assert good is not None
    assert (good.kind, good.jar_sha256) == (LaunchKind.JNLP_URL, "cd" * 32)
    assert (good.pid, good.jar_writable, good.options) == (None, None, ("-jnlpUrl", "7"))
    assert secret not in good.command
    assert "\x1b" not in good.command
    odd = launches["odd"]
    assert odd is not None
    assert odd.kind is LaunchKind.UNKNOWN
    assert {s.subject for s in skips} == {"node liar", "node broken", "node gone", "node off"}
    assert [n.name for n in found] == [*answers, "off", "ssh"]
    assert discover_launches(Runner({}, may=False), (ssh,)) == ((ssh,), ())


BODY = b"""<slave><name>a</name><numExecutors>2</numExecutors>
<launcher class="hudson.slaves.JNLPLauncher"><tunnel>edge:1</tunnel></launcher>
<label>x y</label></slave>"""


def test_differences_are_told_by_name() -> None:
    from migrate.jenkins.nodes import NodeReading, build_node

    known, skips = build_node(NodeReading("a", config=BODY))
    assert skips == ()
    assert node_differences(known, BODY) == ()
    changed = BODY.replace(b"edge:1", b"edge:2\x7f").replace(b">2<", b">3<").replace(b"y<", b"<")
    changed = changed.replace(b"</tunnel>", b"</tunnel><workDirSettings/>")
    assert node_differences(known, changed) == (
        "tunnel was edge:1, is edge:2\\x7f",
        "work directory was disabled, is under the remote directory (remoting)",
        "labels was x y, is x",
        "executors was 2, is 3",
    )
    assert node_differences(known, b"<slave>")[0].startswith("it cannot be read any more")
