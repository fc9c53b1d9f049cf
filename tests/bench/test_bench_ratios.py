"""``make bench``: how much the tool adds to what cannot be saved."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from bench_controller import TOKEN, USER
from bench_table import Compare
from defusedxml import ElementTree
from journal_entries import run_started

from migrate.engine.record.journal import Journal, read_journal
from migrate.jenkins.client import JenkinsController
from migrate.jenkins.node_config import to_websocket
from migrate.model.inventory import (
    AgentPort,
    Controller,
    Inventory,
    Launch,
    LauncherKind,
    LaunchKind,
    Node,
    Transport,
    WorkDir,
)
from migrate.model.journal.node import SwitchIntent
from migrate.model.plan import Choices, Plan, content_id
from migrate.model.serialize import SCHEMA_VERSION, from_json, to_json
from migrate.plan_store.plan_json import plan_to_json
from migrate.planner.plan import make_plan
from migrate.rules.registry import judge
from migrate.scan.scanner import scan

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

NODES = 2000
POOL = 16


CONFIG = """<?xml version='1.1' encoding='UTF-8'?>
<slave>
  <name>linux-1</name>
  <description>a node</description>
  <remoteFS>/srv/agent</remoteFS>
  <numExecutors>1</numExecutors>
  <mode>NORMAL</mode>
  <retentionStrategy class="hudson.slaves.RetentionStrategy$Always"/>
  <launcher class="hudson.slaves.JNLPLauncher">
    <workDirSettings>
      <disabled>false</disabled>
      <internalDir>remoting</internalDir>
      <failIfWorkDirIsMissing>false</failIfWorkDirIsMissing>
    </workDirSettings>
    <webSocket>false</webSocket>
  </launcher>
  <label>linux</label>
  <nodeProperties/>
</slave>
"""


def run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)


def test_help(compare: Compare) -> None:
    compare(
        "migrate --help",
        lambda: run("-m", "migrate", "--help"),
        "python -c 'import typer'",
        lambda: run("-c", "import typer"),
        2.5,
        9,
    )


@pytest.fixture(scope="module")
def controller() -> Iterator[str]:
    script = str(Path(__file__).with_name("bench_controller.py"))
    with subprocess.Popen(
        [sys.executable, script, str(NODES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def test_scan_of_two_thousand_nodes(
    compare: Compare, controller: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []
    send = requests.Session.send

    def noting(self: requests.Session, request: requests.PreparedRequest, **more: object) -> object:
        if request.method == "GET":
            urls.append(str(request.url))
        return send(self, request, **more)  # type: ignore[arg-type]

    def whole() -> Inventory:
        client = JenkinsController(controller, USER, TOKEN, pool=POOL)
        return scan(
            client, None, None, now="2026-01-01T00:00:00Z", tool_version="bench", read_by="rest"
        )

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "send", noting)
        seen = whole()
    assert len(seen.nodes) == NODES + 1
    assert len(urls) > NODES

    def raw() -> None:
        with requests.Session() as session, ThreadPoolExecutor(POOL) as pool:
            session.auth = (USER, TOKEN)
            adapter = requests.adapters.HTTPAdapter(pool_connections=POOL, pool_maxsize=POOL)
            session.mount("http://", adapter)
            for answer in pool.map(session.get, urls):
                assert answer.content is not None

    compare(f"scan of {NODES} nodes", whole, f"its {len(urls)} GETs alone", raw, 3.0, 1)


def fleet(count: int) -> Inventory:
    """Nodes on TCP that can all be moved in band."""
    launch = Launch(
        kind=LaunchKind.JNLP_URL,
        command="java -jar /srv/a/agent.jar -jnlpUrl https://jenkins.example.org/a.jnlp",
        options=("-jnlpUrl", "-secret"),
        jar="/srv/a/agent.jar",
        jar_sha256="c" * 64,
        jar_writable=True,
        java_version="17.0.9",
        os="Linux",
        user="jenkins",
        host="a.example.org",
        supervisor="none",
        restarter=True,
    )
    nodes = tuple(
        Node(
            name=f"node-{number:05}",
            launcher=LauncherKind.INBOUND,
            launcher_class="hudson.slaves.JNLPLauncher",
            node_class="slave",
            web_socket=False,
            work_dir=WorkDir(False, None, "remoting", False),
            remote_fs="/srv/a",
            online=True,
            transport=Transport.TCP,
            protocol="JNLP4-connect",
            remoting_version="3160.vd76b_9ddd10cc",
            launch=replace(launch, host=f"host-{number}"),
            config_sha256="1" * 64,
        )
        for number in range(count)
    )
    url = "https://jenkins.example.org/"
    return Inventory(
        schema_version=SCHEMA_VERSION,
        tool_version="bench",
        scanned_at="2026-01-01T00:00:00Z",
        read_by="script",
        controller=Controller(
            url=url,
            root_url=url,
            version="2.426.2",
            agent_port=AgentPort(50000, 50000),
            minimum_remoting="4.13",
            jar_version="3160.vd76b_9ddd10cc",
            jar_sha256="d" * 64,
            permissions=("Overall/Administer",),
        ),
        nodes=nodes,
        cluster=None,
    )


def planned(inventory: Inventory) -> Plan:
    choices = Choices("bench")
    return make_plan(inventory, judge(inventory, choices), choices)


def test_planning_five_thousand_nodes(compare: Compare) -> None:
    inventory = fleet(5000)
    plan = planned(inventory)
    assert sum(1 for step in plan.steps() if step.kind == "move-node") == 5000
    compare(
        "judging and planning 5000 nodes",
        lambda: planned(inventory),
        "their inventory as JSON",
        lambda: to_json(inventory),
        60.0,
        3,
    )


def test_plan_json(compare: Compare) -> None:
    plan = planned(fleet(10_000))
    data = json.loads(to_json(plan))
    text = plan_to_json(plan)
    compare(
        "plan.json of 10000 nodes, a line a step",
        lambda: plan_to_json(plan),
        "json.dumps of the same",
        lambda: json.dumps(data),
        0.6,
        3,
    )
    compare(
        "reading it with types, and its plan_id",
        lambda: content_id(from_json(text, Plan)),
        "json.loads of the same",
        lambda: json.loads(text),
        4.0,
        3,
    )


def test_planning_grows_as_the_fleet_does(compare: Compare) -> None:
    small, large = fleet(500), fleet(5000)
    compare(
        "planning 5000 nodes",
        lambda: planned(large),
        "planning 500",
        lambda: planned(small),
        30.0,
        3,
    )


def test_journal(compare: Compare, tmp_path: Path) -> None:
    records = 300
    intent = SwitchIntent(
        node="n", backup="b", sha256="a" * 64, web_socket=False, tunnel=None, before_digest="",
        after_digest="",
    )  # fmt: skip

    def journal() -> None:
        path = tmp_path / "journal.jsonl"
        path.unlink(missing_ok=True)
        made = Journal(path, lambda: "2026-01-01T00:00:00Z")
        made.write(run_started())
        for number in range(1, records):
            made.write(intent, step=f"node/{number}")
        made.close()

    journal()
    assert len(read_journal(tmp_path / "journal.jsonl")) == records
    size = (tmp_path / "journal.jsonl").stat().st_size // records

    def plain() -> None:
        fd = os.open(tmp_path / "plain", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for _ in range(records):
            os.write(fd, b"x" * size)
            os.fsync(fd)
        os.close(fd)

    compare(f"journal of {records} records", journal, "write and fsync alone", plain, 5.0, 3)


def test_node_config(compare: Compare) -> None:
    body = CONFIG.encode()
    assert b"<webSocket>true</webSocket>" in to_websocket(body)
    parsed = body.replace(b"version='1.1'", b"version='1.0'")

    def edit() -> None:
        for _ in range(200):
            to_websocket(body)

    def parse() -> None:
        for _ in range(200):
            ElementTree.fromstring(parsed)

    compare("200 edits of a config.xml", edit, "parsing it", parse, 40.0)
