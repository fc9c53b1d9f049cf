"""Which nodes need a person."""

from pathlib import Path

from migrate.model.inventory import Transport
from migrate.model.owners import Owners
from migrate.plan_store.plan_folder import read_inventory, read_plan
from migrate.planner.by_people import by_people, summarise
from migrate.rules.registry import judge

EXAMPLE = Path(__file__).parents[2] / "plans" / "example"


def test_those_that_the_plan_leaves_to_a_person() -> None:
    plan, inventory = read_plan(EXAMPLE), read_inventory(EXAMPLE)
    people = by_people(plan)
    assert people
    assert all(people.values())
    kept = summarise(inventory, judge(inventory), Owners(label="*"))
    assert {n.name for n in kept.nodes if n.by_hand} == set(people) & {
        n.name for n in kept.nodes if n.transport is not Transport.WEBSOCKET
    }
    assert all(n.owner for n in kept.nodes)
    assert kept.controller_url == inventory.controller.url


def test_without_a_word_nobody_is_an_owner() -> None:
    inventory = read_inventory(EXAMPLE)
    assert {n.owner for n in summarise(inventory, (), Owners()).nodes} == {""}
