"""One node of a plan, and why nodes are not moved otherwise."""

from pathlib import Path

from migrate.model.inventory import Skip
from migrate.model.plan import Choices, Plan, PlannedFrom, Refused, for_node
from migrate.plan_store.plan_folder import read_plan
from migrate.report.dispatch import render_node, render_plan

EXAMPLE = read_plan(Path(__file__).parents[2] / "plans/example")


def test_a_node_by_hand_has_every_driver_in_order_with_what_would_help() -> None:
    told = render_node(EXAMPLE, "by-name")
    places = [
        told.index(f"{number}. {driver}: ")
        for number, driver in enumerate(
            ("kubernetes", "command", "ssh", "inband", "reread", "manual"), start=1
        )
    ]
    assert places == sorted(places)
    assert "ssh is not configured" in told
    assert "To make it possible: start it by a systemd unit" in " ".join(told.split())


def test_of_a_node_that_a_driver_moves_only_those_before_it_are_told() -> None:
    told = render_node(EXAMPLE, "linux-1")
    assert "4. inband moves it: " in told
    assert "reread" not in told
    # The name stands where a person would type it.
    assert "--driver linux-1=ssh" in told


def test_a_node_that_is_left_out_has_its_reason_and_an_unknown_one_nothing() -> None:
    assert "it does not use the TCP agent port" in render_node(EXAMPLE, "ssh-1")
    assert render_node(EXAMPLE, "nobody") == ""


def test_a_plan_says_once_what_holds_for_many_nodes() -> None:
    names = tuple(f"n{number}" for number in range(5000))
    empty = PlannedFrom("https://j/", "2.426.2", None, None, None, "")
    refused = (Refused("ssh", "no", "try", names), Refused("inband", "nor this", "", ("a", "b")))
    plan = Plan(2, "", "", empty, Choices("t"), EXAMPLE.stages, (), refused)
    told = render_plan(plan)
    assert "ssh for n0 and 4999 more: no. To make it possible: try" in told
    assert "inband for a, b: nor this\n" in told


def test_a_secret_that_stays_is_told_with_its_node() -> None:
    skips = (Skip("secret of node linux-1", "secret", "it stays in clear: why"),)
    plan = Plan(2, "", "", EXAMPLE.target, Choices("t"), EXAMPLE.stages, skips)
    assert "it stays in clear" in render_node(plan, "linux-1")


def test_a_name_is_one_word_for_a_shell_whatever_is_in_it() -> None:
    said = "plan with --driver 'NODE=ssh', or start NODE"
    assert for_node(said, "a") == "plan with --driver a=ssh, or start NODE"
    assert for_node(said, "a'; rm -rf ~ '").startswith(
        "plan with --driver 'a'\"'\"'; rm -rf ~ '\"'\"'=ssh', or"
    )
