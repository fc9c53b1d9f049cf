"""The driver inband where its agent does not answer as the sandbox's agents do."""

import base64
from typing import Any, cast

import pytest

from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError, LaunchChanged
from migrate.drivers.inband import Inband
from migrate.jenkins.errors import NodeOffline
from migrate.model.host_work import RestartDone
from migrate.model.ports import ControllerPort

SECRET = "c0ffee" * 10 + "beef"
UNIT = {
    "kind": "url-name",
    "supervisor": "systemd",
    "supervisor_detail": "a.service",
    "restart": "always",
    "restart_exit": 93,
    "main_process": True,
}


class Agent:
    """What the node's script console gives for each script."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def run_script(self, script: str, arguments: dict[str, Any], *, node: str) -> Any:
        self.asked.append((script, arguments))
        found = self.answers[script.replace("-", "_")]
        if isinstance(found, Exception):
            raise found
        return found

    def disconnect(self, node: str, reason: str) -> None:
        self.asked.append(("disconnect", {"node": node, "reason": reason}))


def port(agent: Agent) -> ControllerPort:
    return cast(ControllerPort, agent)


@pytest.mark.parametrize(
    "answer", [None, [], "x", {}, {"body": None}, {"body": 3}, {"body": f"{SECRET} !"}]
)
def test_an_answer_that_no_script_gives_is_told_without_its_content(answer: Any) -> None:
    with pytest.raises(DriverError) as told:
        Inband().read_file(port(Agent(read_launch_file=answer)), "n\x1b", "/a\n")
    assert SECRET not in str(told.value)
    assert "\x1b" not in str(told.value)
    edit = FileEdit("/a", b"old", SECRET.encode())
    with pytest.raises(DriverError) as told:
        Inband().switch_launch(port(Agent(write_launch_file=answer)), "n", (edit,))
    assert SECRET not in str(told.value)


def test_what_is_sent_and_kept_of_an_edit() -> None:
    agent = Agent(write_launch_file={"state": "written", "sha256": "0" * 64})
    new, changed = FileEdit("/s", None, SECRET.encode(), 0o600), FileEdit("/a", b"old", b"new")
    done = Inband().switch_launch(port(agent), "n", (new, changed))
    assert [asked["path"] for _, asked in agent.asked] == ["/s", "/a"]
    assert (agent.asked[0][1]["mode"], agent.asked[0][1]["before"]) == ("600", None)
    assert base64.b64decode(agent.asked[0][1]["body"]).decode() == SECRET
    assert SECRET not in str(done)
    # The launch first, then what it names.
    agent.asked.clear()
    Inband().restore_launch(port(agent), "n", (new, changed))
    assert [(a["path"], a["after"] is None) for _, a in agent.asked] == [
        ("/a", False),
        ("/s", True),
    ]
    theirs = Agent(write_launch_file={"state": "changed"})
    with pytest.raises(LaunchChanged):
        Inband().switch_launch(port(theirs), "n", (changed,))


def test_the_supervisor_is_asked_right_before() -> None:
    made = Inband(by="exit", unit="a.service")
    agent = Agent(describe_launch=UNIT, restart_agent={"by": "exit"})
    assert made.restart(port(agent), "n", "why") == RestartDone(by="exit 93, a.service")
    assert agent.asked[-1][1]["status"] == 93
    for changes in (
        {"restart": "no", "restart_exit": None},
        {"supervisor_detail": "b.service"},
        {"main_process": False},
        {"restart": "user-unit"},
        {"supervisor": "winsw", "restart": "service"},
    ):
        other = Agent(describe_launch=UNIT | changes)
        with pytest.raises(DriverError, match="was not restarted"):
            made.restart(port(other), "n", "why")
        assert [name for name, _ in other.asked] == ["describe-launch"]


def test_an_agent_that_is_away_was_ended_already() -> None:
    made = Inband(by="exit", unit="a.service")
    gone = Agent(describe_launch=NodeOffline("n"))
    assert made.restart(port(gone), "n", "why") == RestartDone(by="it was away already")
    assert not made.starts_stopped


def test_without_a_launch_to_edit_it_is_a_disconnect() -> None:
    agent = Agent()
    Inband().restart(port(agent), "n", "why")
    assert [name for name, _ in agent.asked] == ["disconnect"]
    winsw = Agent(describe_launch={"supervisor": "winsw", "restart": "service", "kind": "url-name"})
    Inband(by="service").restart(port(winsw), "n", "why")
    assert [name for name, _ in winsw.asked] == ["describe-launch", "disconnect"]
