"""What a plan may say of how a node is reached, and what only the operator's configuration says."""

import json
from pathlib import Path
from typing import Any

import pytest

from migrate.cli.reaching import must_be_configured
from migrate.drivers.command import Command
from migrate.drivers.registry import driver_for
from migrate.drivers.ssh import Ssh
from migrate.model import serialize
from migrate.model.access import NO_ACCESS, Access, CommandAccess, SshAccess
from migrate.model.errors import UsageProblem
from migrate.model.names import DriverName
from migrate.model.plan import Plan, content_id
from migrate.model.plan_steps import MoveNode, ProgramEdit
from migrate.model.reach import Reach, way_of
from migrate.plan_store.plan_folder import PLAN_FILE, read_plan
from migrate.steps.node.reach import move_obstacle, reached

EXAMPLE = Path(__file__).parents[2] / "plans" / "example"
SSH = {"driver": "ssh", "host": "a.example.com", "unit": "a.service"}
COMMAND: dict[str, Any] = {"driver": "command", "facts": {"host": "a.example.com"}}


def reach_of(data: dict[str, Any]) -> Reach:
    return serialize.from_data(data, Reach)  # type: ignore[arg-type]


def move(reach: dict[str, Any], **more: Any) -> MoveNode:
    params = {"node": "a", "driver": reach["driver"], "reach": reach_of(reach), **more}
    return MoveNode(id="node/a", subject="node a", title="move a", **params)


def forged(folder: Path, driver: str, reach: dict[str, Any]) -> Path:
    """The example plan with another reach in one step, and a plan_id that fits its content."""
    data = serialize.to_data(read_plan(EXAMPLE))
    steps = [s for stage in data["stages"] for wave in stage["waves"] for s in wave["steps"]]
    step = next(s for s in steps if s["kind"] == "move-node")
    honest = {"driver": "inband", "by": "exit", "unit": "a.service"}
    step |= {"driver": "inband", "reach": honest, "upgrade": None}
    data["plan_id"] = content_id(serialize.from_data(data, Plan))
    folder.mkdir()
    (folder / PLAN_FILE).write_text(json.dumps(data))
    read_plan(folder)  # Refused for its reach alone below, not for how this test writes a plan.
    step |= {"driver": driver, "reach": reach}
    del data["plan_id"]
    for later in ("given", "agent_addresses", "restart_controller"):
        if not data["choices"][later]:
            del data["choices"][later]
    data["plan_id"] = serialize.digest(data)
    (folder / PLAN_FILE).write_text(json.dumps(data))
    return folder


@pytest.mark.parametrize(
    ("driver", "reach", "named"),
    [
        (
            "command",
            {**COMMAND, "program": ["/bin/sh", "-c", "id > MARK"], "actions": ["probe", "restart"]},
            "unknown field `(program|actions)`",
        ),
        ("command", {"program": ["/bin/sh"], "actions": [], "timeout": 20, "facts": {}}, "driver"),
        ("command", {"driver": "command", "facts": {"program": "/bin/sh"}}, "`program`"),
        ("ssh", {**SSH, "config": "/tmp/proxy.cfg"}, "unknown field `config`"),
        ("ssh", {**SSH, "sudo": True}, "unknown field `sudo`"),
        ("ssh", {**SSH, "host": "-oProxyCommand=id"}, "is not a host name"),
        ("ssh", {**SSH, "unit": "a.service; id"}, "is not a systemd service"),
        ("ssh", {**SSH, "unit": "--now.service"}, "is not a systemd service"),
        ("reread", SSH, "the driver is 'reread', and its reach is 'ssh'"),
        ("inband", {"driver": "inband", "by": "shell"}, "shell"),
    ],
)
def test_a_forged_plan_is_refused_at_reading(
    tmp_path: Path, driver: str, reach: dict[str, Any], named: str
) -> None:
    folder = forged(tmp_path / "evil", driver, reach)
    with pytest.raises(UsageProblem, match=named):
        read_plan(folder)


def test_settings_come_from_the_operator_alone() -> None:
    ssh = driver_for(reach_of(SSH), Access(ssh=SshAccess("{node}.example.com", port=7)), "a")
    assert isinstance(ssh, Ssh)
    assert (ssh.host.name, ssh.host.port, ssh.unit) == ("a.example.com", 7, "a.service")
    access = Access(command=CommandAccess(("/opt/move", "-v"), ("switch",), timeout=9))
    made = driver_for(reach_of(COMMAND), access, "a")
    assert isinstance(made, Command)
    assert (made.program, made.actions, made.timeout) == (("/opt/move", "-v"), ("switch",), 9)
    assert made.facts.host == "a.example.com"
    assert reached(move(COMMAND), access) == "; calls /opt/move"
    assert reached(move(SSH), NO_ACCESS) == "; restarts a.service on a.example.com"


@pytest.mark.parametrize("reach", [SSH, COMMAND])
def test_a_plan_without_its_section_in_config_is_refused(reach: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem) as refused:
        must_be_configured([move(reach)], NO_ACCESS, "migrate apply plans/t")
    assert refused.value.cause == (
        f"node a is moved by the driver {reach['driver']}, and no --config file with drivers: "
        f"{reach['driver']}: is given"
    )
    assert refused.value.next_command == "migrate apply plans/t --config FILE"
    with pytest.raises(UsageProblem, match="no --config file"):
        driver_for(reach_of(reach), NO_ACCESS, "a")
    inband = {"driver": "inband", "by": "", "unit": ""}
    must_be_configured([move(inband)], NO_ACCESS, "migrate apply plans/t")


def test_another_host_or_other_actions_than_planned_are_drift() -> None:
    other = Access(ssh=SshAccess("{node}.example.org"))
    told = move_obstacle(move(SSH), other)
    assert "on a.example.com, and drivers: ssh: in the --config file now says a.example.org" in told
    with pytest.raises(UsageProblem, match="now says"):
        driver_for(reach_of(SSH), other, "a")
    assert move_obstacle(move(SSH), Access(ssh=SshAccess("{node}.example.com"))) == ""
    few = Access(command=CommandAccess(("/x",), ("restart",)))
    assert "do switch" in move_obstacle(move(COMMAND, launch_edit=ProgramEdit()), few)
    assert move_obstacle(move(COMMAND), few) == ""


@pytest.mark.parametrize("driver", [DriverName.REREAD, DriverName.INBAND])
def test_a_driver_with_nothing_to_say_has_its_own_way(driver: DriverName) -> None:
    assert way_of(driver, None).driver is driver
