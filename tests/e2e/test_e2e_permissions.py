"""Each command with the documented permissions of Jenkins, and no other (docs/security.md)."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from e2e_cli import Cli
from e2e_installation import until

from migrate.model.permissions import ALL
from migrate.sandbox.spec import NodeSpec

DOC = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ROW = re.compile(r"^\| `([^|]+)` \| ([^|]+) \|", re.MULTILINE)


def documented(command: str) -> frozenset[str]:
    """The permissions in the row of this command."""
    rows = dict(ROW.findall(DOC.read_text("utf-8")))
    found = frozenset(name.strip() for name in rows[command].split(","))
    assert found <= set(ALL)
    return found


def as_user(there: Any, permissions: frozenset[str]) -> Cli:
    """A user of exactly these permissions, with the cluster's rights of examples/rbac.yaml."""
    there.with_least_rights()
    cli = Cli(there)
    token = secrets.token_hex(17)
    there.sandbox.jenkins.add_user("least", token, permissions)
    cli.environment |= {"JENKINS_USER_ID": "least", "JENKINS_API_TOKEN": token}
    return cli


def test_reading_needs_to_read_alone(start: Any) -> None:
    there = start(NodeSpec("one"))
    before = there.everything()
    cli = as_user(there, documented("scan, doctor, plan, verify"))
    cli.run("scan")
    doctor = cli.run("doctor", code=(0, 3)).out
    assert "has   Agent/ExtendedRead" in doctor
    cli.plan("--launch", "*=jnlp-url")
    assert "Agent/Configure" in cli.run("show", "plans/t", "-o", "md").out
    # What only a change shows is shown by the first, which is refused.
    done = cli.apply("--accept-unproven-upgrade", code=(1, 3, 4, 7))
    assert "lacks Agent/" in done.text
    assert there.everything() == before


@pytest.mark.timeout(300)
def test_the_documented_set_is_enough_for_the_whole_way_and_back(start: Any) -> None:
    there = start(NodeSpec("one"), NodeSpec("two"))
    before = there.everything()
    cli = as_user(there, documented("apply, rollback, unlock"))
    cli.plan("--launch", "*=jnlp-url")
    ticket = cli.run("show", "plans/t", "-o", "md").out
    (needs,) = (row for row in ticket.splitlines() if "Permissions of Jenkins" in row)
    assert "Agent/Disconnect" in needs and "Overall/Administer" not in needs
    cli.apply(code=(0, 4))
    there.comes_to({"one": "WebSocket", "two": "WebSocket"})
    until(lambda: not there.port_open())
    cli.rollback()
    until(there.port_open)
    there.is_again(before)


def test_what_lacks_is_said_before_the_first_node(start: Any) -> None:
    """A plan that an administrator made, and somebody with less applies."""
    there = start(NodeSpec("one"))
    before = there.everything()
    Cli(there).plan("--driver", "one=inband")
    less = documented("apply, rollback, unlock")
    told = as_user(there, less).apply(code=3).text
    assert "lacks Overall/Administer, which" in told
    none = as_user(there, frozenset({"Overall/Read"})).apply(code=3).text
    assert "lacks Agent/ExtendedRead, which" in none or "lacks Overall/Administer" in none
    assert there.everything() == before


def test_nor_is_anything_put_back_by_halves(start: Any) -> None:
    """What an administrator did, somebody with less does not begin to undo."""
    there = start(NodeSpec("one"))
    Cli(there).plan("--driver", "one=inband")
    Cli(there).apply()
    moved = there.everything()
    told = as_user(there, documented("apply, rollback, unlock")).rollback(code=3).text
    assert "lacks Overall/Administer, which" in told and "nothing was put back" in told
    assert there.everything() == moved
