"""What the driver ``inband`` offers, and why not."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import (
    JAR,
    NEW_JAR,
    OLD_JAR,
    OPERATOR,
    SCRIPT,
    UNIT,
    WINSW,
    choices,
    controller,
    facts,
    launch,
    node,
)
from typed import a

from migrate.model.inventory import Launch, LaunchKind
from migrate.model.plan_steps import FilesEdit
from migrate.model.reach import InbandReach
from migrate.planner.offers.base import Offer, Refusal
from migrate.planner.offers.inband import offer

UNIT_ONLY = replace(SCRIPT, launch_files=UNIT.launch_files)


def made(of: Launch, remoting: str = JAR, **more: Any) -> Offer:
    return a(Offer, offer(node(launch=of, remoting_version=remoting), facts(of, **more)))


def test_a_script_of_the_agents_own_user_is_edited_from_within() -> None:
    found = made(SCRIPT, OLD_JAR)
    assert found.reach == InbandReach("exit", "agent-a.service")
    assert isinstance(found.launch_edit, FilesEdit)
    assert (found.launch_edit.files, found.launch_edit.version) == (("/srv/a/start.sh",), JAR)
    assert found.upgrade_to == JAR
    assert found.launch_edit.secret_file is None


def test_a_windows_service_is_edited_from_within() -> None:
    found = made(WINSW)
    assert found.reach == InbandReach("service")
    assert isinstance(found.launch_edit, FilesEdit)
    assert found.launch_edit.files == ("C:\\jenkins\\agent.xml",)


def test_a_jar_that_the_agent_may_not_replace_stays_and_the_launch_suits_it() -> None:
    found = made(replace(SCRIPT, jar_writable=False), OLD_JAR)
    assert found.upgrade_to is None
    assert isinstance(found.launch_edit, FilesEdit)
    assert found.launch_edit.version == OLD_JAR
    assert "the agent may not replace it" in found.note


@pytest.mark.parametrize(
    ("remoting", "why"),
    [
        (JAR, "exits for good"),
        (NEW_JAR, "retries without end"),
        (OLD_JAR, "is older than the controller's"),
    ],
)
def test_a_jnlp_url_agent_has_its_host_try_the_way_first(remoting: str, why: str) -> None:
    found = made(launch(), remoting)
    assert why in found.reason
    assert (found.reach, found.launch_edit) == (None, None)


def test_a_jnlp_url_agent_that_ends_at_a_disconnect_is_started_by_its_supervisor() -> None:
    quits = replace(UNIT_ONLY, kind=LaunchKind.JNLP_URL, options=("-jnlpUrl", "-noReconnect"))
    found = made(quits)
    assert isinstance(found.reach, InbandReach)
    assert found.reach.by == "exit"
    assert not found.launch_edit


def test_a_jnlp_url_launch_is_edited_for_its_secret_alone() -> None:
    jnlp = replace(SCRIPT, kind=LaunchKind.JNLP_URL, options=("-jnlpUrl", "-secret"))
    assert made(jnlp).launch_edit is None
    to_files = choices(secrets_to_files=True)
    assert made(jnlp, choices=to_files).secret_file == "/srv/a/work/agent-secret-a"
    # Where it would stay all the same, a disconnect is enough.
    assert made(replace(jnlp, supervisor="none"), choices=to_files).reach is None


@pytest.mark.parametrize(
    ("of", "why", "possible"),
    [
        (UNIT_ONLY, "its unit itself counts only after a systemctl daemon-reload by root", "ssh"),
        (replace(SCRIPT, restart="no", restart_exit=None), "Restart=no", "Restart=always"),
        (replace(SCRIPT, main_process=False), "a shell stands between", "exec before java"),
        (replace(SCRIPT, supervisor="none"), "no supervisor starts the agent again", "systemd"),
        (replace(WINSW, restart=None), "does not reach its WinSW service", ""),
        (replace(WINSW, launch_files=()), "may be written by the agent's own user", "write it"),
        (launch(LaunchKind.SWARM), "Swarm client", ""),
        (replace(SCRIPT, asserted=True), "could not be asked how it was started", "read"),
        (launch(restarter=False), "no supervisor starts the agent again", "systemd"),
    ],
)
def test_why_not_from_within(of: Launch, why: str, possible: str) -> None:
    told = a(Refusal, offer(node(launch=of), facts(of)))
    assert why in told.reason
    assert possible in told.possible


@pytest.mark.parametrize("of", [SCRIPT, launch()])
def test_without_the_script_console_nothing_is_done_on_the_host(of: Launch) -> None:
    told = a(
        Refusal, offer(node(launch=of), facts(of, controller=controller(permissions=OPERATOR)))
    )
    assert "Overall/Administer" in told.reason
    assert "Overall/Administer" in told.possible


def test_a_host_that_is_away_or_not_known_is_left_alone() -> None:
    away = a(Refusal, offer(node(launch=SCRIPT, online=False), facts(SCRIPT)))
    assert "not connected" in away.reason
    unknown = a(Refusal, offer(node(launch=None), facts(None, unread="it did not answer")))
    assert unknown.reason.endswith("is not known: it did not answer")
