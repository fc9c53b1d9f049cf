"""``--secrets-to-files``: where an agent's secret goes, and what is said of one that stays."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import NEW_JAR, SCRIPT, SSH, WINSW, inventory, node
from typed import a

from migrate.model.access import NO_ACCESS
from migrate.model.inventory import Inventory, Launch, LaunchKind, Skip, Transport
from migrate.model.plan import Choices
from migrate.model.plan_steps import FilesEdit, MoveNode, PlanStep
from migrate.planner.nodes import plan_nodes


def planned(made: Launch | None, **more: Any) -> tuple[PlanStep, list[Skip]]:
    seen = more.pop("seen", None) or inventory(node(launch=made, **more.pop("node", {})))
    access = more.pop("access", NO_ACCESS)
    moves, by_hand, skips, _ = plan_nodes(seen, (), Choices(name="t", **more), access)
    both: list[PlanStep] = [*moves, *by_hand]
    (step,) = both
    return step, skips


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
    moves, _, _, _ = plan_nodes(seen, (), Choices(name="t", secrets_to_files=True))
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
    moves, by_hand, skips, _ = plan_nodes(seen, (), Choices(name="t", secrets_to_files=True))
    assert (moves, by_hand) == ([], [])
    assert ["does not move the node" in s.reason for s in skips] == [False, True]


@pytest.mark.parametrize("folder", ["work", "/srv/\\x1b", "C:\\jenkins", "/srv/****"])
def test_a_folder_that_may_not_be_what_it_was_is_not_written_to(folder: str) -> None:
    step, _ = planned(replace(SCRIPT, work_dir=folder), secrets_to_files=True)
    assert secret_of(step)[0] == "/srv/a/agent-secret-a"
