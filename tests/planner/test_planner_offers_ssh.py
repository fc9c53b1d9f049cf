"""What the driver ``ssh`` offers, and why not."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import JAR, OLD_JAR, SCRIPT, SSH, UNIT, choices, facts, launch, node
from typed import a

from migrate.model.access import Access, SshAccess
from migrate.model.inventory import Launch, LaunchKind, Node
from migrate.model.plan_steps import FilesEdit
from migrate.model.reach import SshReach
from migrate.planner.offers.base import Offer, Refusal
from migrate.planner.offers.ssh import offer


def found(made: Launch | None, seen: Node | None = None, **more: Any) -> Offer | Refusal:
    return offer(seen or node(launch=made), facts(made, **{"access": SSH, **more}))


def test_a_unit_is_edited_and_restarted() -> None:
    made = a(Offer, found(UNIT, node(launch=UNIT, remoting_version=OLD_JAR)))
    # The host and the unit, and nothing of how ssh is called.
    assert made.reach == SshReach("a.example.com", "agent-a.service")
    edit = a(FilesEdit, made.launch_edit)
    assert edit.files == ("/etc/systemd/system/agent-a.service",)
    # The agent itself may not replace its jar; over ssh it can be done.
    assert made.upgrade_to == edit.version == JAR
    assert "is restarted over ssh" in made.reason


@pytest.mark.parametrize(
    ("changes", "why", "possible"),
    [
        ({"supervisor": "none"}, "ssh restarts systemd units", "systemd unit"),
        ({"os": "Windows Server 2022"}, "this one runs Windows", ""),
        ({"asserted": True}, "was not read on its host", "read its launch"),
        ({"launch_files": ()}, "which file holds its launch was not found", "put the command"),
        ({"kind": LaunchKind.SWARM}, "Swarm client", ""),
        ({"kind": LaunchKind.CONTAINER}, "container agent", ""),
    ],
)
def test_why_not_over_ssh(changes: dict[str, Any], why: str, possible: str) -> None:
    told = a(Refusal, found(replace(UNIT, **changes)))
    assert why in told.reason
    assert possible in told.possible
    assert bool(possible) == bool(told.possible)


def test_it_has_to_be_configured() -> None:
    told = a(Refusal, found(UNIT, access=Access()))
    assert "ssh is not configured" in told.reason


def test_a_hostile_name_is_not_a_host() -> None:
    hostile = node("-oProxyCommand=x", launch=UNIT)
    told = a(Refusal, found(UNIT, hostile, access=Access(ssh=SshAccess())))
    assert "is not a host name" in told.reason
    assert "drivers: ssh: hosts:" in told.possible


def test_nothing_is_done_on_a_host_that_is_away_or_whose_launch_is_not_known() -> None:
    away = a(Refusal, found(UNIT, node(launch=UNIT, online=False)))
    assert "not connected" in away.reason
    unknown = a(Refusal, found(None))
    assert "'NODE=jnlp-url'" in unknown.possible


def test_a_jnlp_url_agent_is_left_to_its_flag_unless_that_does_not_bring_it_back() -> None:
    jnlp = replace(UNIT, kind=LaunchKind.JNLP_URL)
    left = a(Refusal, found(jnlp))
    assert "a disconnect moves it" in left.reason
    assert a(Offer, found(jnlp, asked="ssh")).launch_edit is None
    assert a(Offer, found(replace(jnlp, restarter=False))).launch_edit is None


def test_a_jnlp_url_launch_is_edited_for_its_secret_where_one_can_be_moved() -> None:
    jnlp = replace(SCRIPT, kind=LaunchKind.JNLP_URL)
    moved = choices(secrets_to_files=True)
    made = a(Offer, found(jnlp, choices=moved))
    assert made.secret_file == "/srv/a/work/agent-secret-a"
    assert isinstance(found(replace(jnlp, work_dir=None, jar=None), choices=moved), Refusal)


def test_a_jar_that_does_not_hold_websocket_and_stays_is_in_the_way() -> None:
    java8 = replace(UNIT, java_version="1.8.0_392")
    told = a(Refusal, found(java8, node(launch=java8, remoting_version="4.11.2")))
    assert "does not hold a WebSocket connection" in told.reason
    assert "needs Java 11" in told.possible


def test_systemd_starts_an_agent_again_that_would_not_reconnect() -> None:
    quits = launch(
        supervisor="systemd",
        supervisor_detail="agent-a.service",
        options=("-jnlpUrl", "-noReconnect"),
    )
    assert isinstance(found(quits), Offer)
