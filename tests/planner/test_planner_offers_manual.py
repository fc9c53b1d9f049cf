"""What is left to a person, and why."""

from migrate.planner.offers.base import Refusal
from migrate.planner.offers.manual import offer


def test_the_last_refusal_says_why() -> None:
    found = offer([Refusal("first"), Refusal("last", by_hand="kubectl edit")])
    assert (found.reason, found.by_hand) == ("last", "kubectl edit")


def test_what_was_asked_for_and_refused_is_named() -> None:
    assert offer([Refusal("it is away")], "ssh").reason == (
        "--driver ssh was asked for, and it is away"
    )


def test_nobody_is_asked_where_a_person_asked_for_it() -> None:
    assert "it was asked for" in offer([]).reason
