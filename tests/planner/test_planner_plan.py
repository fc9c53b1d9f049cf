"""Properties of every plan."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from planner_data import (
    ADMIN,
    JAR,
    OLD_JAR,
    all_choices,
    choices,
    cluster,
    controller,
    exposure,
    inventories,
    inventory,
    launch,
    node,
)
from typed import a

from examples import examples
from migrate.model.cluster_facts import ExposureKind, Owner, TcpEntry, TcpServices, Way, WayKind
from migrate.model.errors import UsageProblem
from migrate.model.finding import Finding, Severity
from migrate.model.inventory import Inventory, LauncherKind, LaunchKind, OfflineMark, Transport
from migrate.model.plan import Choices, Plan, content_id
from migrate.model.plan_steps import (
    CloseControllerPort,
    Manual,
    MoveNode,
    Piece,
    VerifyClosed,
    acts_as,
    node_of,
    piece_of,
    restarts_controller,
)
from migrate.model.serialize import to_json
from migrate.planner.plan import make_plan, runbooks
from migrate.planner.waves import wave_size
from migrate.report.dispatch import render_plan
from migrate.report.plan import sentence

relaxed = settings(max_examples=examples(120), suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(inventories(), all_choices)
def test_each_node_is_in_the_plan_exactly_once(found: Inventory, chosen: Choices) -> None:
    plan = make_plan(found, (), chosen)
    planned = [node_of(s) for s in plan.steps() if node_of(s)]
    skipped = [s.subject.removeprefix("node ") for s in plan.skips if s.subject.startswith("node ")]
    assert sorted([*planned, *skipped]) == sorted(n.name for n in found.nodes)
    inbound = {n.name for n in found.nodes if n.launcher is LauncherKind.INBOUND}
    assert set(planned) <= inbound
    for skip in plan.skips:
        assert skip.reason


@relaxed
@given(inventories(), all_choices)
def test_the_same_input_gives_the_same_bytes_whenever_it_was_scanned(
    found: Inventory, chosen: Choices
) -> None:
    first = make_plan(found, (), chosen)
    later = make_plan(replace(found, scanned_at="2030-01-01T00:00:00Z"), (), chosen)
    assert to_json(first) == to_json(later)
    assert runbooks(first, found) == runbooks(later, found)
    assert first.plan_id == content_id(first)


@relaxed
@given(inventories(), all_choices)
def test_waves_and_stages_keep_their_order_and_size(found: Inventory, chosen: Choices) -> None:
    plan = make_plan(found, (), chosen)
    order = ["preflight", "nodes", "close", "verify"]
    stages = [stage.name for stage in plan.stages]
    assert stages == [name for name in order if name in stages]
    assert ("close" in stages) == ("verify" in stages)
    ids = [step.id for step in plan.steps()]
    assert len(ids) == len(set(ids))
    waves = {w.name: len(w.steps) for s in plan.stages if s.name == "nodes" for w in s.waves}
    by_hand = waves.pop("by-hand", 0)
    moves = sum(waves.values())
    assert waves.pop("canary", 0) == min(chosen.canary, moves)
    sizes = [wave_size(text, moves) for text in chosen.wave_sizes] if waves else []
    for number, count in enumerate(waves.values()):
        wanted = sizes[min(number, len(sizes) - 1)]
        assert count == wanted or (number == len(waves) - 1 and 0 < count <= wanted)
    kinds = [s.kind for s in plan.steps() if s.id.startswith("node/")]
    assert kinds.count("manual") == by_hand


@relaxed
@given(inventories(), all_choices)
def test_close_goes_inwards_and_never_edits_what_is_owned(
    found: Inventory, chosen: Choices
) -> None:
    plan = make_plan(found, (), chosen)
    if not chosen.close:
        assert not [s for s in plan.stages if s.name in ("close", "verify")]
    closing = [s for s in plan.steps() if s.id.startswith("close/")]
    order = [kind.value for kind in ExposureKind]
    ranks = [order.index(s.id.split("/")[1]) for s in closing]
    assert ranks == sorted(ranks)
    for step in closing:
        asked, piece = acts_as(step), piece_of(step)
        owner = asked.owner if isinstance(asked, CloseControllerPort) else a(Piece, piece).owner
        if owner and not chosen.allow_live_edit:
            assert step.kind == "manual"
        if isinstance(step, Manual):
            assert step.instructions and step.reason


@relaxed
@given(inventories(), all_choices)
def test_no_step_downgrades_a_jar_or_moves_what_would_not_come_back(
    found: Inventory, chosen: Choices
) -> None:
    plan = make_plan(found, (), chosen)
    nodes = {n.name: n for n in found.nodes}
    for step in plan.steps():
        if not isinstance(step, MoveNode):
            continue
        seen = nodes[step.node]
        upgrade = step.upgrade
        if upgrade:
            assert step.driver == "inband"
            assert found.controller.permissions == ADMIN
            assert seen.remoting_version in ("3.14", "4.2", "4.11.2", OLD_JAR)
            assert seen.launch is not None and seen.launch.jar_writable
            assert seen.launch.java_version in ("11.0.2", "17.0.9")
        elif seen.online:
            # What runs after its next start: as its log says, or the jar on its disk.
            on_disk = seen.launch is not None and seen.launch.jar_sha256 == "d" * 64
            assert on_disk or seen.remoting_version not in (None, "junk", "3.14", "4.2", "4.11.2")


@relaxed
@given(inventories(), all_choices)
def test_every_manual_node_step_has_its_script(found: Inventory, chosen: Choices) -> None:
    import hashlib

    plan = make_plan(found, (), chosen)
    scripts = runbooks(plan, found)
    for step in plan.steps():
        if isinstance(step, Manual) and step.node is not None:
            text = scripts[step.node.runbook.removeprefix("runbooks/")]
            assert hashlib.sha256(text.encode()).hexdigest() == step.node.script_sha256


def test_runbooks_of_names_that_differ_by_capitals_are_files_of_their_own() -> None:
    found = inventory(*(node(name, launch=None) for name in ("Box", "box", "CON", "nul.")))
    scripts = runbooks(make_plan(found, (), choices()), found)
    assert len({name.lower() for name in scripts}) == 4
    assert not {"con.sh", "nul.sh", "nul..sh"} & {name.lower() for name in scripts}


def moved(plan: Plan, name: str = "a") -> MoveNode:
    return a(MoveNode, plan.step(f"node/{name}"))


def test_somebody_elses_entry_is_in_no_step() -> None:
    services = TcpServices(
        "ns",
        "obj",
        True,
        (),
        (TcpEntry("5432", "db/postgres:5432", 5432, "db", "postgres", "5432"),),
    )
    found = inventory(
        node(),
        cluster=replace(
            cluster(exposure(ExposureKind.TCP_SERVICES_ENTRY)), tcp_services=(services,)
        ),
    )
    plan = make_plan(found, (), choices())
    assert "5432" not in to_json(plan.steps())


def test_the_canary_is_the_node_with_the_least_to_go_wrong() -> None:
    found = inventory(
        node("a-busy", busy=1),
        node("b-old", remoting_version=OLD_JAR),
        node("c-away", online=False, transport=Transport.UNKNOWN),
        node("d-plain"),
        node("e-tunnel", tunnel="h:1"),
    )
    stage = make_plan(found, (), choices()).stages[1]
    assert [node_of(s) for s in stage.waves[0].steps] == ["d-plain"]
    assert node_of(stage.waves[-1].steps[-1]) == "c-away"


def test_the_canarys_order_names_each_trouble_before_the_next() -> None:
    """Each name sorts against its place, so that only its trouble can put it there."""
    found = inventory(
        node("f-plain"),
        node("e-tunnel", tunnel="h:1"),
        node("d-held", offline_mark=OfflineMark("ann", "repair")),
        node("c-busy", busy=1),
        node("b-old", remoting_version=OLD_JAR),
        node("a-away", online=False, transport=Transport.UNKNOWN),
    )
    for size in range(1, 7):
        stage = make_plan(found, (), choices(canary=size)).stages[1]
        names = [node_of(s) for s in stage.waves[0].steps]
        order = ["f-plain", "e-tunnel", "d-held", "c-busy", "b-old", "a-away"]
        assert names == order[:size]


def test_nothing_to_move_and_nothing_to_close_is_an_empty_plan() -> None:
    found = inventory(
        node(transport=Transport.WEBSOCKET, web_socket=True),
        controller=controller(agent_port=replace(controller().agent_port, configured=-1)),
    )
    plan = make_plan(found, (), choices())
    assert plan.stages == ()
    assert {s.subject for s in plan.skips} == {"node a", "controller"}


def test_a_blocked_node_is_for_a_person_with_the_findings_fix() -> None:
    finding = Finding("M999", Severity.BLOCKER, "node a", "broken", "e", "c", "mend it first")
    step = make_plan(inventory(node(), node("b")), (finding,), choices()).step("node/a")
    told = a(Manual, step)
    assert "M999 broken" in told.reason
    assert "mend it first" in told.instructions


def test_a_flag_that_is_off_under_a_jnlp_agent_on_websocket_is_set() -> None:
    found = inventory(
        node("a", transport=Transport.WEBSOCKET),
        node("b", transport=Transport.WEBSOCKET, launch=launch(LaunchKind.URL_NAME)),
        node("c", transport=Transport.WEBSOCKET, launch=None),
    )
    plan = make_plan(found, (), choices())
    assert moved(plan).set_flag is True
    reasons = {s.subject: s.reason for s in plan.skips}
    assert "its own command line" in reasons["node b"]
    assert "would fall back to TCP" in reasons["node c"]


def test_what_a_plugin_makes_is_left_to_it() -> None:
    found = inventory(node(node_class="org.csanchez.jenkins.plugins.kubernetes.KubernetesSlave"))
    plan = make_plan(found, (), choices())
    assert "KubernetesSlave" in plan.skips[0].reason


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "close-controller-port"),
        ({"agent_port": replace(controller().agent_port, configured=0)}, "close-controller-port"),
        ({"agent_port": replace(controller().agent_port, enforced=True)}, "manual"),
        ({"agent_port": replace(controller().agent_port, configured=None)}, "manual"),
        ({"port_owner": Owner("jcasc", "jcasc", "jenkins.yaml")}, "manual"),
        ({"permissions": ("Overall/Read",)}, "manual"),
    ],
)
def test_who_turns_the_controllers_port_off(changes: dict[str, object], kind: str) -> None:
    plan = make_plan(inventory(node(), controller=controller(**changes)), (), choices())
    assert plan.step("close/controller-port").kind == kind


def test_an_enforced_port_is_manual_even_with_live_edits() -> None:
    port = replace(controller().agent_port, enforced=True)
    found = inventory(node(), controller=controller(agent_port=port))
    step = make_plan(found, (), choices(allow_live_edit=True)).step("close/controller-port")
    assert "slaveAgentPortEnforce" in a(Manual, step).instructions


def test_a_container_port_is_removed_only_where_it_opens_a_host_port() -> None:
    found = inventory(
        node(),
        cluster=cluster(
            exposure(ExposureKind.EDGE_CONTAINER_PORT, "c/agent", value="declared only"),
            exposure(ExposureKind.CONTROLLER_CONTAINER_PORT, "j/agent", value="hostPort 50000"),
        ),
    )
    plan = make_plan(found, (), choices())
    kinds = [s.kind for s in plan.steps() if s.id.startswith("close/")]
    assert kinds == ["close-controller-port"]
    skipped = {s.reason.partition(":")[0]: s for s in plan.skips if s.what == "container port"}
    assert len(skipped) == 2
    (needless,) = [s for s in skipped.values() if "restarts Jenkins itself" in s.reason]
    assert "nothing listens behind it" in needless.reason
    assert "--restart-controller" in needless.needed


def test_what_restarts_jenkins_comes_last_and_only_when_asked_for() -> None:
    port = exposure(ExposureKind.CONTROLLER_CONTAINER_PORT, "j/agent", value="hostPort 50000")
    found = inventory(node(), cluster=cluster(port))
    plan = make_plan(found, (), choices(restart_controller=True))
    closing = [s for s in plan.steps() if s.id.startswith("close/")]
    assert [s.kind for s in closing] == ["close-controller-port", "remove-container-port"]
    assert "RESTARTS JENKINS" in closing[-1].title
    assert restarts_controller(closing[-1])
    assert not [s for s in plan.skips if s.what == "container port"]
    for shown in ("text", "md"):
        text = render_plan(plan, (), shown)
        assert "and RESTARTS JENKINS itself at its end" in " ".join(text.split())
    assert "JENKINS ITSELF RESTARTS, last" in " ".join(render_plan(plan, (), "md").split())
    enforced = controller(agent_port=replace(controller().agent_port, enforced=True))
    plan = make_plan(replace(found, controller=enforced), (), choices())
    (kept,) = [s for s in plan.skips if s.what == "container port"]
    assert "stays a way in" in kept.reason


def test_what_verify_tries() -> None:
    balancer = Way(WayKind.LOAD_BALANCER, "Service edge/e", ("192.0.2.1",), 51000)
    node_port = Way(WayKind.NODE_PORT, "Service edge/e", (), 31000, note="no pod tells")
    found = inventory(node(), cluster=replace(cluster(), ways=(balancer, node_port)))

    def tried(*addresses: str) -> list[tuple[str, int]]:
        plan = make_plan(found, (), choices(agent_addresses=addresses))
        step = plan.step("verify/closed")
        assert isinstance(step, VerifyClosed)
        return [(place.host, place.port) for place in step.places]

    advertised = ("jenkins.example.org", 50000)
    assert tried() == [advertised, ("192.0.2.1", 51000), ("", 31000)]
    assert tried("edge:5") == [("edge", 5), advertised, ("192.0.2.1", 51000), ("", 31000)]
    # A person knows the address of a node: the port is tried there.
    assert tried("[2001:db8::1]:31000")[0] == ("2001:db8::1", 31000)
    assert ("", 31000) not in tried("[2001:db8::1]:31000")


@pytest.mark.parametrize(
    "wrong",
    [
        {"wave_sizes": ("0",)},
        {"wave_sizes": ("150%",)},
        {"wave_sizes": ("many",)},
        {"canary": -1},
        {"drivers": (("*", "magic"),)},
        {"launches": (("*", "magic"),)},
        {"verify_timeout": 0},
    ],
)
def test_choices_that_make_no_sense_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageProblem) as caught:
        make_plan(inventory(node(launch=None)), (), choices(**wrong))
    assert caught.value.next_command.startswith("migrate plan")


def test_a_big_fleet_is_planned_in_waves() -> None:
    found = inventory(*(node(f"n{i:04}") for i in range(1000)))
    plan = make_plan(found, (), choices())
    assert [len(w.steps) for w in plan.stages[1].waves] == [1, 100, 250, 649]
    assert moved(plan, "n0000").remoting == JAR


def test_the_head_of_a_plan_says_that_nodes_which_stay_keep_the_port_open() -> None:
    def told(*exclude: str) -> str:
        nodes = inventory(node("a"), node("b"), node("w", transport=Transport.WEBSOCKET))
        return sentence(make_plan(nodes, (), Choices("t", exclude=exclude)))

    assert "stay" not in told() and "stay" not in told("w")
    assert told("b").endswith("1 node stays on TCP, and the port open while that is so.")
    assert "2 nodes stay on TCP" in told("a", "b")
