"""Choosing the drivers that reach beyond Jenkins: kubernetes, ssh and command."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import OLD_JAR, inventory, launch, node, of_node
from typed import a

from migrate.model.access import NO_ACCESS, Access, CommandAccess, SshAccess
from migrate.model.cluster_facts import AgentWorkload, Cluster, Owner
from migrate.model.inventory import Inventory, LaunchFile, LaunchKind
from migrate.model.plan import Choices
from migrate.model.plan_steps import (
    FilesEdit,
    JarUpgrade,
    Manual,
    MoveNode,
    MoveWorkload,
    PlanStep,
    ProgramEdit,
)
from migrate.model.reach import CommandReach, SshReach
from migrate.planner.nodes import plan_nodes

SSH = Access(ssh=SshAccess("{node}.example.com", sudo=True))
UNIT = launch(
    LaunchKind.URL_NAME,
    supervisor="systemd",
    supervisor_detail="agent-a.service",
    launch_files=(LaunchFile("/etc/systemd/system/agent-a.service", "systemd-unit", False),),
    jar_writable=False,
)


def only(inv: Inventory, *, access: Access = NO_ACCESS, **choices: Any) -> PlanStep:
    moves, by_hand, _ = plan_nodes(inv, (), Choices(name="t", **choices), access)
    both: list[PlanStep] = [*moves, *by_hand]
    (step,) = both
    return step


def test_a_unit_is_edited_over_ssh() -> None:
    seen = inventory(node(launch=UNIT, remoting_version=OLD_JAR))
    step = a(MoveNode, only(seen, access=SSH))
    assert step.driver == "ssh"
    reach, edit = step.reach, a(FilesEdit, step.launch_edit)
    # The host and the unit, and nothing of how ssh is called.
    assert reach == SshReach("a.example.com", "agent-a.service")
    assert edit.files == ("/etc/systemd/system/agent-a.service",)
    # The agent itself may not replace its jar; over ssh it can be done.
    assert a(JarUpgrade, step.upgrade).to == edit.version


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"supervisor": "none"}, "ssh restarts systemd units"),
        ({"os": "Windows Server 2022"}, "this one runs Windows"),
        ({"asserted": True}, "was not read on its host"),
        ({"launch_files": ()}, "which file holds its launch was not found"),
    ],
)
def test_why_not_over_ssh(changes: dict[str, Any], why: str) -> None:
    step = only(inventory(node(launch=replace(UNIT, **changes))), access=SSH)
    assert why in of_node(step).not_better


def test_a_hostile_name_is_not_a_host() -> None:
    step = only(inventory(node("-oProxyCommand=x", launch=UNIT)), access=SSH)
    assert "is not a host name" in of_node(step).not_better


def test_ssh_restarts_an_agent_that_does_not_come_back_by_itself() -> None:
    stuck = replace(UNIT, kind=LaunchKind.JNLP_URL, restarter=False)
    assert only(inventory(node(launch=stuck))).kind == "manual"
    step = a(MoveNode, only(inventory(node(launch=stuck)), access=SSH))
    assert (step.driver, bool(step.launch_edit)) == ("ssh", False)


def test_an_unknown_launch_is_never_restarted() -> None:
    for driver in ("ssh", "inband", "reread"):
        step = only(
            inventory(node(launch=None)),
            access=SSH,
            drivers=(("*", driver),) if driver == "ssh" else (),
        )
        assert step.kind == "manual"


def test_the_program_is_for_the_nodes_that_are_named() -> None:
    access = Access(command=CommandAccess(("/x",), ("switch", "restart"), ("win-*",)))
    seen = inventory(node("win-1", launch=launch(LaunchKind.URL_NAME)), node("b"))
    moves, _, _ = plan_nodes(seen, (), Choices(name="t"), access)
    drivers = {step.node: step.driver for step in moves}
    assert drivers["win-1"] == "command"
    assert drivers["b"] != "command"
    step = a(MoveNode, next(s for s in moves if s.node == "win-1"))
    assert step.launch_edit == ProgramEdit()
    assert step.upgrade is None
    assert isinstance(step.reach, CommandReach)
    asked = a(Manual, only(inventory(node("b")), drivers=(("b", "command"),)))
    assert "no program is configured" in asked.reason


def workload(*nodes: str, **changes: Any) -> AgentWorkload:
    known = AgentWorkload(
        "StatefulSet", "build", "agents", "jnlp", "jenkins/inbound-agent:3160", nodes, tunnel=True
    )
    return replace(known, uid="u", container_sha256="5" * 64, **changes)


def in_cluster(made: AgentWorkload, *names: str) -> Inventory:
    seen = inventory(*(node(name, launch=launch(LaunchKind.CONTAINER)) for name in names))
    return replace(seen, cluster=Cluster("c", "v1.31.0", agents=(made,)))


def test_a_workload_is_one_step_for_all_its_nodes() -> None:
    found = in_cluster(workload("agents-0", "agents-1"), "agents-0", "agents-1")
    step = a(MoveWorkload, only(found))
    assert step.nodes == ("agents-0", "agents-1")
    assert step.fingerprint["container_sha256"] == "5" * 64
    assert step.driver == "kubernetes"


@pytest.mark.parametrize(
    ("made", "choices", "why"),
    [
        (workload("a", obstacle="no way"), {}, "no way"),
        (workload("a", owner=Owner("helm", "r", "label")), {}, "helm r owns"),
        (workload("a"), {"drivers": (("a", "manual"),)}, "it was asked for"),
        (workload("a", "b"), {}, "also serves b"),
    ],
)
def test_why_a_workload_is_left_to_a_person(
    made: AgentWorkload, choices: dict[str, Any], why: str
) -> None:
    step = a(Manual, only(in_cluster(made, "a"), **choices))
    assert why in step.reason


def test_a_live_edit_of_an_owned_workload_can_be_allowed() -> None:
    made = workload("a", owner=Owner("helm", "r", "label"))
    assert only(in_cluster(made, "a"), allow_live_edit=True).kind == "move-workload"
