"""What goes wrong in the night: each a named fault of the sandbox, or a limit of the system."""

import json
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from engine_lab import FAST, Lab, installed

from migrate.engine.record.folder import last_run
from migrate.model.run import StepState

CLOSE = ("--confirm", "localhost")


def states(lab: Lab) -> list[StepState]:
    return [lab.step(node).state for node in ("a-1", "b-2", "c-3")]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(f, marks=pytest.mark.fault(f)) for f in ("node-deleted", "node-renamed")],
)
def test_a_node_that_is_gone_is_named_and_the_others_are_moved(tmp_path: Path, fault: str) -> None:
    with installed(tmp_path, f"{fault}:b-2") as lab:
        code, output = lab.apply("--until", "nodes")
        assert code == 7, output
        assert states(lab) == [StepState.DONE, StepState.FAILED, StepState.DONE]
        told = lab.step("b-2").message
        assert "no node 'b-2'" in told
        assert "nothing is left to put back" in told
        code, output = lab.apply("--resume", "--until", "nodes")
        assert lab.step("b-2").state is StepState.DRIFTED, output


@pytest.mark.fault("node-reconfigured")
def test_what_a_person_changes_meanwhile_is_kept(tmp_path: Path) -> None:
    with installed(tmp_path, "node-reconfigured:b-2") as lab:
        code, output = lab.apply("--until", "nodes")
        assert code == 0, output
        config = lab.sandbox.jenkins.config_xml("b-2")
        assert b"<numExecutors>2<" in config
        assert b"<webSocket>true<" in config
        code, output = lab.run("rollback", lab.plan, "--yes", "--poll", "0.05")
        assert code == 0, output
        config = lab.sandbox.jenkins.config_xml("b-2")
        assert b"<numExecutors>2<" in config
        assert b"<webSocket>false<" in config
        assert b"<tunnel>" in config


@pytest.mark.fault("node-taken-offline")
def test_a_mark_that_a_person_sets_meanwhile_stays(tmp_path: Path) -> None:
    with installed(tmp_path, "node-taken-offline:b-2") as lab:
        code, output = lab.apply("--until", "nodes")
        assert code == 0, output
        assert lab.transport("b-2") == "WebSocket"
        mark = lab.sandbox.jenkins.state.computers["b-2"].mark
        assert mark is not None
        assert "disk is being replaced" in str(mark)


@pytest.mark.fault("token-revoked")
def test_a_revoked_token_stops_and_a_new_one_goes_on(tmp_path: Path) -> None:
    with installed(tmp_path, "token-revoked") as lab:
        code, output = lab.apply("--until", "nodes", "--concurrency", "1")
        assert code == 4, output
        assert "401" in output
        assert "in hand and left as they are: node b-2" in output
        assert states(lab) == [StepState.DONE, StepState.RUNNING, StepState.PENDING]
        lab.sandbox.tokens["admin"] = lab.sandbox.jenkins.state.security.users["admin"].token
        code, output = lab.apply("--resume", "--until", "nodes")
        assert code == 0, output
        assert states(lab) == [StepState.DONE] * 3
        computers = lab.sandbox.jenkins.state.computers
        assert all(computers[n].mark is None for n in ("a-1", "b-2", "c-3"))


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("conflict", marks=pytest.mark.long),
        pytest.param("api-away", marks=pytest.mark.fault("api-away")),
    ],
)
def test_the_close_stage_outlasts_conflicts_and_an_api_server_that_is_away(
    tmp_path: Path, fault: str
) -> None:
    with installed(tmp_path, fault) as lab:
        code, output = lab.apply(*CLOSE)
        assert code == 0, output
        assert refused(lab.sandbox.agent_port)
        assert ("tried again" in output) == (fault == "api-away")
        code, output = lab.run("rollback", lab.plan, "--yes", "--poll", "0.05")
        assert code == 0, output
        assert not refused(lab.sandbox.agent_port)
        assert lab.transport("a-1") == "JNLP4-connect"


@pytest.mark.fault("rbac-withdrawn")
def test_withdrawn_rights_stop_part_way_and_the_run_goes_on_once_they_are_back(
    tmp_path: Path,
) -> None:
    with installed(tmp_path, "rbac-withdrawn") as lab:
        code, output = lab.apply(*CLOSE)
        assert code == 4, output
        assert "no permission to patch" in output
        authorizer = lab.sandbox.kube.authorizer
        authorizer.withdrawn.clear()
        code, output = lab.apply("--resume", *CLOSE)
        assert code == 0, output
        assert refused(lab.sandbox.agent_port)


def test_a_full_disk_leaves_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    with installed(tmp_path) as lab:
        assert lab.apply("--until", "preflight")[0] == 0
        newest = last_run(lab.folder / lab.plan)
        assert newest is not None
        size = newest.journal_path.stat().st_size + 2000
        process = lab.start("apply", lab.plan, "--yes", *FAST, "--resume", "--until", "nodes")
        # No file of this process may grow beyond that: as on a disk with this much left.
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
        output, _ = process.communicate(timeout=90)
        assert process.returncode == 4, output
        assert "cannot write the journal" in output
        assert "in hand and left as they are" in output
        assert "Traceback" not in output
        code, output = lab.apply("--resume", "--until", "nodes")
        assert code == 0, output
        assert states(lab) == [StepState.DONE] * 3


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_changed(
    tmp_path: Path,
) -> None:
    with installed(tmp_path) as lab:
        (lab.folder / lab.plan / "runs").write_text("a file where the folder should be")
        code, output = lab.apply()
        assert code == 2, output
        assert "nothing was changed" in output
        assert lab.transport("a-1") == "JNLP4-connect"


def test_when_the_canary_cannot_be_moved_the_next_node_is_it(tmp_path: Path) -> None:
    with installed(tmp_path, "tcp-again:b-2") as lab:
        lab.sandbox.jenkins.remove_node("a-1")
        code, output = lab.apply("--until", "nodes", "--max-failures", "100%")
        assert code == 7, output
        assert "one node at a time until one is" in output
        assert "the canary failed" in output
        assert states(lab) == [StepState.DRIFTED, StepState.PUT_BACK, StepState.PENDING]


@pytest.mark.long
def test_on_failure_hold_leaves_the_node_for_a_person_and_the_budget_lets_the_rest_go_on(
    tmp_path: Path,
) -> None:
    with installed(tmp_path, "dead-agent:b-2") as lab:
        lab.plan_name = "impatient"
        lab.make_plan("--verify-timeout", "3")
        code, output = lab.apply(
            "--until", "nodes", "--on-failure", "leave", "--max-failures", "1", "--concurrency", "1"
        )
        assert code == 1, output
        assert states(lab) == [StepState.DONE, StepState.STUCK, StepState.DONE]
        assert "--on-failure leave" in lab.step("b-2").needs
        assert lab.sandbox.jenkins.state.computers["b-2"].mark is not None
        assert b"<webSocket>true<" in lab.sandbox.jenkins.config_xml("b-2")


def posted_without(lab: Lab, body: bytes) -> None:
    """Somebody gives it an executor more, in the config.xml that they had read before."""
    body = body.replace(b"<numExecutors>1<", b"<numExecutors>2<")
    ask(lab, "computer/b-2/config.xml", data=body, headers={"Content-Type": "application/xml"})


def loaded_again(lab: Lab, body: bytes) -> None:
    """Somebody loads a configuration as code that has the node."""
    del body
    tunnel = lab.sandbox.jenkins.state.computers["b-2"].config.tunnel
    node = {"name": "b-2", "launcher": {"inbound": {"webSocket": False, "tunnel": tunnel}}}
    (lab.sandbox.jenkins.home / "jenkins.yaml").write_text(
        json.dumps({"jenkins": {"nodes": [{"permanent": node}]}})
    )
    ask(lab, "configuration-as-code/reload")


def ask(lab: Lab, path: str, **request: Any) -> None:
    jenkins = lab.sandbox.jenkins
    answer = requests.post(
        jenkins.url + path,
        auth=("admin", lab.sandbox.tokens["admin"]),
        allow_redirects=False,
        timeout=20,
        **request,
    )
    assert answer.status_code in (200, 302), answer.text


@pytest.mark.parametrize(
    "meddle", [posted_without, pytest.param(loaded_again, marks=pytest.mark.long)]
)
def test_a_mark_that_vanishes_under_the_run_is_renewed(
    tmp_path: Path, meddle: Callable[[Lab, bytes], None]
) -> None:
    with installed(tmp_path) as lab:
        jenkins = lab.sandbox.jenkins
        computer = jenkins.state.computers["b-2"]
        unmarked = jenkins.config_xml("b-2")
        build = jenkins.start_build("b-2", 300)
        process = lab.start("apply", lab.plan, "--yes", *FAST, "--node", "b-2")
        lab.wait_journal("outcome", step="node/b-2", action="hold")
        later = jenkins.start_build("b-2", 300)
        meddle(lab, unmarked)
        lab.wait_for(
            lambda: sum(r.action == "hold" and r.kind == "outcome" for r in lab.records()) > 1,
            "the node is marked again",
        )
        assert computer.mark is not None
        # Where it has two executors now, the second build began without the mark.
        began = computer.config.executors == 2
        assert later.state == ("running" if began else "queued")
        if began:
            computer.end_build(build, "finished")
            lab.wait_for(lambda: len(computer.running) == 1, "one build is left")
            assert lab.transport("b-2") == "JNLP4-connect"
            assert not any(r.action == "switch" for r in lab.records())
            computer.end_build(later, "finished")
        computer.end_build(build, "finished")
        output, _ = process.communicate(timeout=90)
        assert process.returncode == 0, output
        assert "node b-2: its offline mark had vanished" in output
        assert lab.transport("b-2") == "WebSocket"
        assert computer.mark is None
        assert b"temporaryOfflineCause" not in jenkins.config_xml("b-2")
        newest = last_run(lab.folder / lab.plan)
        assert newest is not None
        backup = newest.backups / "b-2.config.xml"
        assert b"temporaryOfflineCause" not in backup.read_bytes()
        code, report = lab.run("report", lab.plan, "-o", "md")
        assert code == 0, report
        assert "had vanished" in report
