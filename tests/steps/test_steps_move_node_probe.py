"""What the answers from an agent's own host do to its move."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from migrate.model import plan_steps
from migrate.model.inventory import ProbeAnswer, ProxySettings, Transport, Verdict
from migrate.model.journal.controller import ProbeNote
from migrate.model.names import DriverName
from migrate.model.records import Record
from migrate.steps.base import StepFailed
from migrate.steps.node.move_node import MoveNode, _target

OLD, RETRIES = "3206.vb_15dcf73f6a_9", "3352.v17a_fb_4b_2773f"


def probe(
    code: str | None,
    remoting: str | None,
    *,
    at_the_start: str = "cli-ws: 101 Switching",
    upgrade: str | None = None,
    verdict: Verdict = Verdict.INCONCLUSIVE,
    transport: Transport = Transport.TCP,
    connected: bool = True,
) -> int:
    """How often the agent's host was asked."""
    verdict = Verdict.PASS if code == "ok" else verdict
    answers = (
        ()
        if code is None
        else (ProbeAnswer("cli-ws", "GET /cli/ws", "x", verdict, "proxy", "told", "", code),)
    )
    asked: list[str] = []

    def ask(jenkins: Any, node: str, *_: Any) -> tuple[ProbeAnswer, ...]:
        asked.append(node)
        return answers

    agent = SimpleNamespace(transport=transport, connected=connected)
    note = Record(1, "now", ProbeNote(answers=(at_the_start,)), "preflight/probe")
    ctx = SimpleNamespace(
        jenkins=SimpleNamespace(agent_log=lambda node: agent, url="http://j/"), inventory=None
    )
    driver = SimpleNamespace(probe_from_host=ask)
    step = plan_steps.MoveNode(
        id="node/n",
        subject="n",
        title="n",
        node="n",
        driver=DriverName.INBAND,
        remoting=remoting,
        upgrade=plan_steps.JarUpgrade(
            from_version=None, to=upgrade, from_sha256=None, sha256=None, jar=None, url=""
        )
        if upgrade
        else None,
    )
    log = SimpleNamespace(of_run=lambda: (note,))
    MoveNode()._probe(*cast(Any, (step, ctx, driver, log)))
    return len(asked)


def test_a_way_that_does_not_work_stops_every_agent() -> None:
    with pytest.raises(StepFailed, match="own host cli-ws: told; nothing was changed"):
        probe("backend-down", RETRIES, verdict=Verdict.FAIL)


def test_only_an_agent_that_is_here_over_tcp_can_be_asked() -> None:
    assert probe("ok", OLD) == 1
    assert probe(None, OLD) == 1, "a host that has no answer is no obstacle"
    assert probe("upgrade-stripped", OLD, transport=Transport.WEBSOCKET) == 0
    assert probe("upgrade-stripped", OLD, connected=False) == 0


@pytest.mark.parametrize("remoting", [OLD, RETRIES])
def test_a_stripped_upgrade_stops_every_agent(remoting: str) -> None:
    with pytest.raises(StepFailed, match="from the agent's own host: told"):
        probe("upgrade-stripped", remoting)
    probe("ok", remoting)


def test_what_says_nothing_stops_only_agents_that_would_be_lost() -> None:
    with pytest.raises(StepFailed, match="own host"):
        probe("origin-rejected", OLD)
    probe("origin-rejected", RETRIES)


@pytest.mark.parametrize(
    ("remoting", "upgrade", "lost"),
    [
        ("3282.v1", None, True),
        ("3283.v92c105e0f819", None, False),  # the first that tries again
        # What it runs after the restart counts.
        (OLD, RETRIES, False),
        (RETRIES, OLD, True),
        # Of what nobody could read, the worst is assumed.
        (None, None, True),
        ("?", None, True),
        (None, RETRIES, False),
    ],
)
def test_which_agents_would_be_lost(remoting: str | None, upgrade: str | None, lost: bool) -> None:
    if lost:
        with pytest.raises(StepFailed, match="Nothing was changed"):
            probe("origin-rejected", remoting, upgrade=upgrade)
    else:
        probe("origin-rejected", remoting, upgrade=upgrade)


def test_where_it_came_through_nowhere_the_probe_node_has_decided() -> None:
    probe("upgrade-stripped", OLD, at_the_start="cli-ws: 400 Bad Request")


def test_the_host_is_asked_by_the_way_of_its_websocket_client() -> None:
    read = ProxySettings({"https.proxyHost": "p.example.org", "https.proxyPort": "3128"})
    launch = SimpleNamespace(proxy=read, jar_sha256=None)
    node = SimpleNamespace(name="n", launch=launch, remoting_version=OLD)
    root = "https://ci.example.org/"
    controller = SimpleNamespace(
        inbound_url=None, root_url=root, url=root, version="2.541.3", jar_sha256=None
    )
    ctx = SimpleNamespace(inventory=SimpleNamespace(controller=controller), node=lambda name: node)
    target = _target(cast(Any, ctx), "n", None)
    assert target.url == root and target.ways is not None
    assert target.ways.channel.address == target.ways.first.address == "p.example.org:3128"


@pytest.mark.parametrize(
    ("inbound", "root", "url"),
    [
        ("http://in.example.org/", "http://ci.example.org/", "http://in.example.org/"),
        (None, "http://ci.example.org/", "http://ci.example.org/"),
        (None, None, "http://asked.example.org/"),
    ],
)
@pytest.mark.parametrize(
    ("runs", "upgrade", "on_disk", "by_engine"),
    [
        # Remoting from 3184 on gives its WebSocket client a proxy of its own.
        ("3183.v1", None, "", False),
        ("3184.v1", None, "", True),
        # What it runs after its restart counts: the jar that the plan brings, or that is there.
        ("3183.v1", "3283.v1", "", True),
        ("3184.v1", "3107.v1", "", False),
        ("3183.v1", None, "3283.v1", True),
    ],
)
def test_the_hosts_target_is_that_of_the_agent_after_its_restart(
    inbound: str | None, root: str | None, url: str,
    runs: str, upgrade: str | None, on_disk: str, by_engine: bool,
) -> None:  # fmt: skip
    read = ProxySettings({"http.proxyHost": "p.example.org", "http.proxyPort": "3128"})
    launch = SimpleNamespace(proxy=read, jar_sha256="5f" * 32 if on_disk else None)
    node = SimpleNamespace(name="n", launch=launch, remoting_version=runs)
    controller = SimpleNamespace(
        inbound_url=inbound, root_url=root, url="http://asked.example.org/", version="2.541.3",
        jar_version=on_disk or None, jar_sha256="5f" * 32,
    )  # fmt: skip
    inventory = SimpleNamespace(controller=controller)
    jar = plan_steps.JarUpgrade(
        from_version=None, to=upgrade or "", from_sha256=None, sha256=None, jar=None, url=""
    )
    ctx = SimpleNamespace(inventory=inventory, node=lambda name: node)
    target = _target(cast(Any, ctx), "n", jar if upgrade else None)
    assert (target.url, target.root_url, target.version) == (url, root, "2.541.3")
    assert target.ways is not None and target.ways.channel.by_engine is by_engine
    # Of a node that the scan did not see, nobody knows its way.
    unseen = SimpleNamespace(inventory=inventory, node=lambda name: None)
    assert _target(cast(Any, unseen), "n", None).ways is None
