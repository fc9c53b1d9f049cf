"""The example for ansible-playbook, with a stand-in that shows what it was given."""

import json
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from ruamel.yaml import YAML

from migrate.drivers.command import Command
from migrate.drivers.errors import DriverError
from migrate.model.access import COMMAND_ACTIONS
from migrate.model.ports import ControllerPort
from migrate.model.reach import NodeFacts

FOLDER = Path(__file__).parents[2] / "examples" / "ansible-driver"
STAND_IN = """#!{python}
import json, sys
words = sys.argv[1:]
variables = words[words.index("--extra-vars") + 1]
told = json.load(open(variables[1:]))
json.dump({{"words": words, "told": told}}, open({log!r}, "w"))
"""
JENKINS = cast(ControllerPort, SimpleNamespace(url="http://j/"))


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program, log = tmp_path / "ansible-playbook", tmp_path / "log"
    program.write_text(STAND_IN.format(python=sys.executable, log=str(log)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("ANSIBLE_PLAYBOOK", str(program))
    return log


def driver(host: str) -> Command:
    return Command((str(FOLDER / "migrate-ansible"),), COMMAND_ACTIONS, 30, NodeFacts(host=host))


def test_an_action_is_a_tag(log: Path) -> None:
    driver("build-1.example.org").switch_launch(JENKINS, "n é'", ())
    seen = json.loads(log.read_text())
    words = seen["words"]
    assert words[words.index("--tags") + 1] == "switch"
    assert words[words.index("--limit") + 1] == "build-1.example.org"
    assert seen["told"]["migrate"]["node"] == "n é'"


@pytest.mark.parametrize("host", ["-e", "a:!b *", "x;y", ""])
def test_a_strange_host_is_refused(log: Path, host: str) -> None:
    with pytest.raises(DriverError):
        driver(host).restart(JENKINS, "n", "r")
    assert not log.exists()


def test_the_playbook_knows_every_action() -> None:
    (play,) = YAML(typ="safe").load((FOLDER / "agent.yml").read_text())
    tags = {tag for task in play["tasks"] for tag in task["tags"]}
    assert tags == {*COMMAND_ACTIONS, "never"}
