"""Launches that inband edits, why not others, and secrets that go into files."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import (
    JAR,
    NEW_JAR,
    OLD_JAR,
    OPERATOR,
    controller,
    inventory,
    launch,
    node,
    of_node,
)
from typed import a

from migrate.model.access import NO_ACCESS, Access, SshAccess
from migrate.model.inventory import Inventory, Launch, LaunchFile, LaunchKind, Skip, Transport
from migrate.model.plan import Choices
from migrate.model.plan_steps import FilesEdit, JarUpgrade, MoveNode, PlanStep
from migrate.model.reach import InbandReach
from migrate.planner.nodes import plan_nodes

SSH = Access(ssh=SshAccess("{node}.example.com", sudo=True))
SCRIPT = launch(
    LaunchKind.URL_NAME,
    supervisor="systemd",
    supervisor_detail="agent-a.service",
    restart="always",
    restart_exit=93,
    main_process=True,
    launch_files=(
        LaunchFile("/etc/systemd/system/agent-a.service", "systemd-unit", False),
        LaunchFile("/srv/a/start.sh", "script", True),
    ),
    secret_in_clear=True,
    work_dir="/srv/a/work",
    work_dir_writable=True,
)
UNIT_ONLY = replace(SCRIPT, launch_files=SCRIPT.launch_files[:1])
WINSW = replace(
    SCRIPT,
    os="Windows Server 2022 amd64",
    supervisor="winsw",
    supervisor_detail="jenkinsagent",
    restart="service",
    restart_exit=None,
    main_process=None,
    jar="C:\\jenkins\\agent.jar",
    work_dir="C:\\jenkins",
    launch_files=(LaunchFile("C:\\jenkins\\agent.xml", "winsw-xml", True),),
)


def planned(made: Launch | None, **more: Any) -> tuple[PlanStep, list[Skip]]:
    seen = more.pop("seen", None) or inventory(node(launch=made, **more.pop("node", {})))
    access = more.pop("access", NO_ACCESS)
    moves, by_hand, skips = plan_nodes(seen, (), Choices(name="t", **more), access)
    both: list[PlanStep] = [*moves, *by_hand]
    (step,) = both
    return step, skips


def moved(made: Launch | None, **more: Any) -> MoveNode:
    return a(MoveNode, planned(made, **more)[0])


def test_a_script_of_the_agents_own_user_is_edited_from_within() -> None:
    step = moved(SCRIPT, node={"remoting_version": OLD_JAR})
    assert step.driver == "inband"
    assert step.reach == InbandReach("exit", "agent-a.service")
    edit = a(FilesEdit, step.launch_edit)
    assert (edit.files, edit.version) == (("/srv/a/start.sh",), JAR)
    assert a(JarUpgrade, step.upgrade).to == JAR
    assert edit.secret_file is None
    assert "ssh is not configured" in step.not_better
    assert step.rejoin_hint == "is started again by agent-a.service"


def test_a_windows_service_is_edited_from_within() -> None:
    step = moved(WINSW)
    assert step.driver == "inband"
    assert step.reach == InbandReach("service")
    assert a(FilesEdit, step.launch_edit).files == ("C:\\jenkins\\agent.xml",)
    assert "service" in step.rejoin_hint


def test_a_jar_that_the_agent_may_not_replace_stays_and_the_launch_suits_it() -> None:
    step = moved(replace(SCRIPT, jar_writable=False), node={"remoting_version": OLD_JAR})
    assert (step.driver, step.upgrade) == ("inband", None)
    assert a(FilesEdit, step.launch_edit).version == OLD_JAR
    assert "the agent may not replace it" in step.not_better


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (UNIT_ONLY, "its unit itself counts only after a systemctl daemon-reload by root"),
        (replace(SCRIPT, restart="no", restart_exit=None), "Restart=no"),
        (replace(SCRIPT, main_process=False), "a shell stands between"),
        (replace(SCRIPT, supervisor="none"), "no supervisor starts the agent again"),
        (replace(WINSW, restart=None), "does not reach its WinSW service"),
        (replace(WINSW, launch_files=()), "may be written by the agent's own user"),
    ],
)
def test_why_not_from_within(made: Launch, why: str) -> None:
    for drivers in ((), (("*", "inband"),)):
        step, _ = planned(made, drivers=drivers)
        assert why in of_node(step).not_better


def test_without_the_script_console_nothing_is_edited() -> None:
    seen = inventory(node(launch=SCRIPT), controller=controller(permissions=OPERATOR))
    step, _ = planned(None, seen=seen)
    assert "Overall/Administer" in of_node(step).not_better


def test_ssh_comes_first_and_inband_can_be_asked_for() -> None:
    step = moved(SCRIPT, access=SSH)
    assert step.driver == "ssh"
    step = moved(SCRIPT, access=SSH, drivers=(("*", "inband"),))
    assert step.driver == "inband"
    step = moved(WINSW, access=SSH)
    assert step.driver == "inband"
    assert "this one runs Windows" in step.not_better


def test_a_jnlp_url_agent_that_ends_at_a_disconnect_is_started_by_its_supervisor() -> None:
    quits = replace(UNIT_ONLY, kind=LaunchKind.JNLP_URL, options=("-jnlpUrl", "-noReconnect"))
    step = moved(quits)
    assert step.driver == "inband"
    assert a(InbandReach, step.reach).by == "exit"
    assert not step.launch_edit


def secret_of(step: PlanStep) -> tuple[str, str]:
    edit = step.launch_edit if isinstance(step, MoveNode) else None
    files = edit if isinstance(edit, FilesEdit) else None
    return (files.secret_file or "", files.secret_owner or "") if files else ("", "")


def test_a_secret_in_clear_goes_into_a_file_when_asked_for() -> None:
    assert secret_of(planned(SCRIPT)[0]) == ("", "")
    for more in ({}, {"access": SSH}):
        step, skips = planned(SCRIPT, secrets_to_files=True, **more)
        assert secret_of(step) == ("/srv/a/work/agent-secret-a", "jenkins")
        assert skips == []
    beside = replace(SCRIPT, work_dir_writable=False)
    step, _ = planned(beside, secrets_to_files=True)
    assert secret_of(step)[0] == "/srv/a/agent-secret-a"
    # Only root could write there, and root does.
    nowhere = replace(beside, jar_writable=False)
    step, _ = planned(nowhere, secrets_to_files=True, access=SSH)
    assert secret_of(step)[0] == "/srv/a/work/agent-secret-a"
    step, skips = planned(nowhere, secrets_to_files=True)
    assert (a(MoveNode, step).driver, secret_of(step)[0]) == ("inband", "")
    assert "no folder is known" in skips[0].reason
    for made in (replace(SCRIPT, secret_in_clear=False), replace(SCRIPT, secret_in_clear=None)):
        step, skips = planned(made, secrets_to_files=True)
        assert (secret_of(step)[0], skips) == ("", [])


def test_two_agents_of_a_host_do_not_share_a_file() -> None:
    seen = inventory(node("a b", launch=SCRIPT), node("a-b", launch=SCRIPT))
    moves, _, _ = plan_nodes(seen, (), Choices(name="t", secrets_to_files=True))
    files = {secret_of(step)[0] for step in moves}
    assert len(files) == 2
    assert all(" " not in file for file in files)


def test_a_jnlp_url_launch_is_edited_for_its_secret() -> None:
    made = replace(SCRIPT, kind=LaunchKind.JNLP_URL, options=("-jnlpUrl", "-secret"))
    step, _ = planned(made, node={"remoting_version": NEW_JAR})
    assert (a(MoveNode, step).driver, secret_of(step)[0]) == ("inband", "")
    for more, driver in (({}, "inband"), ({"access": SSH}, "ssh")):
        step, skips = planned(
            made, node={"remoting_version": NEW_JAR}, secrets_to_files=True, **more
        )
        assert (a(MoveNode, step).driver, skips) == (driver, [])
        assert secret_of(step)[0] == "/srv/a/work/agent-secret-a"
    alone = replace(made, supervisor="none")
    step, [skip] = planned(alone, node={"remoting_version": NEW_JAR}, secrets_to_files=True)
    assert a(MoveNode, step).driver == "inband"
    assert "the driver inband leaves this launch as it is" in skip.reason


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (replace(SCRIPT, kind=LaunchKind.CONTAINER, supervisor="docker"), "handed to a container"),
        (replace(SCRIPT, supervisor="none"), "a person moves this node"),
        (WINSW, "who may read a new file on Windows"),
        (replace(SCRIPT, kind=LaunchKind.SWARM), "Swarm client"),
    ],
)
def test_the_plan_says_where_a_secret_stays(made: Launch, why: str) -> None:
    _, [skip] = planned(made, secrets_to_files=True)
    assert (skip.subject, skip.what) == ("secret of node a", "secret")
    assert why in skip.reason
    assert planned(made)[1] == []


def test_a_node_that_is_not_moved_keeps_its_secret_and_the_plan_says_so() -> None:
    seen: Inventory = inventory(node(launch=SCRIPT, transport=Transport.WEBSOCKET, web_socket=True))
    moves, by_hand, skips = plan_nodes(seen, (), Choices(name="t", secrets_to_files=True))
    assert (moves, by_hand) == ([], [])
    assert ["does not move the node" in s.reason for s in skips] == [False, True]


@pytest.mark.parametrize("folder", ["work", "/srv/\\x1b", "C:\\jenkins", "/srv/****"])
def test_a_folder_that_may_not_be_what_it_was_is_not_written_to(folder: str) -> None:
    step, _ = planned(replace(SCRIPT, work_dir=folder), secrets_to_files=True)
    assert secret_of(step)[0] == "/srv/a/agent-secret-a"
