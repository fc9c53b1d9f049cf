"""What the driver ``command`` offers, and why not."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import JAR, OLD_JAR, choices, facts, launch, node
from typed import a

from migrate.model.access import Access, CommandAccess
from migrate.model.inventory import LaunchKind
from migrate.model.plan_steps import ProgramEdit
from migrate.model.reach import CommandReach
from migrate.planner.offers.base import Offer, Refusal
from migrate.planner.offers.command import claims, offer

URL_NAME = launch(LaunchKind.URL_NAME)


def program(*actions: str, nodes: tuple[str, ...] = ("a",)) -> Access:
    return Access(command=CommandAccess(("/x",), actions, nodes))


def test_the_program_is_for_the_nodes_that_are_named() -> None:
    named = facts(URL_NAME, access=program("switch", "restart", nodes=("win-*",)))
    assert claims(node("win-1"), named)
    assert not claims(node("b"), named)
    made = a(Offer, offer(node("win-1", launch=URL_NAME), named))
    assert made.launch_edit == ProgramEdit()
    assert made.upgrade_to is None
    assert isinstance(made.reach, CommandReach)
    assert made.reach.facts.launch == "url-name"
    told = a(Refusal, offer(node("b", launch=URL_NAME), named))
    assert "--driver 'NODE=command'" in told.possible
    assert isinstance(offer(node("b", launch=URL_NAME), replace(named, asked="command")), Offer)


def test_an_agent_of_which_nothing_is_known_is_the_programs_matter() -> None:
    made = a(Offer, offer(node(launch=None), facts(None, access=program("switch"))))
    assert isinstance(made.reach, CommandReach)
    assert made.reach.facts.launch is None


def test_it_brings_a_newer_jar_where_the_program_can() -> None:
    old = node(launch=URL_NAME, remoting_version=OLD_JAR)
    made = a(Offer, offer(old, facts(URL_NAME, access=program("switch", "upgrade"))))
    assert made.upgrade_to == JAR
    kept = facts(URL_NAME, access=program("switch", "upgrade"), choices=choices(upgrade=False))
    made = a(Offer, offer(old, kept))
    assert made.upgrade_to is None


@pytest.mark.parametrize(
    ("changes", "access", "why"),
    [
        ({}, Access(), "no program is configured"),
        ({"online": False}, program("switch"), "not connected"),
        ({}, program("restart"), "does not know the action 'switch'"),
        ({"remoting_version": "4.11.2"}, program("switch"), "does not hold a WebSocket"),
        ({"remoting_version": None}, program("switch"), "version is not known"),
    ],
)
def test_why_not_by_the_program(changes: dict[str, Any], access: Access, why: str) -> None:
    told = a(Refusal, offer(node(launch=URL_NAME, **changes), facts(URL_NAME, access=access)))
    assert why in told.reason
    assert told.possible
