"""What `migrate verify` says of what it saw."""

from dataclasses import replace

import pytest

from migrate.engine.run.verify import Sight
from migrate.model.inventory import Skip
from migrate.model.ways import Place
from migrate.steps.controller.ways_tried import Tried, WayState

SHUT = Sight(True, ("a",), (), (), (), (), listener_on=False, ways=())
CLOSED, GONE, OPEN, FAR = WayState.CLOSED, WayState.GONE, WayState.OPEN, WayState.NOT_TRIED


def ways(*states: WayState, reached: bool = True) -> tuple[Tried, ...]:
    return tuple(
        Tried(Place("controller", 50000 + n, "h", reached=reached), state, "told")
        for n, state in enumerate(states)
    )


@pytest.mark.parametrize(
    ("sight", "verdict"),
    [
        (replace(SHUT, ways=ways(CLOSED, GONE)), "Verified: closed."),
        (SHUT, "Verified: closed, as far as the ways in are known."),
        (
            replace(SHUT, ways=ways(CLOSED), unread=(Skip("x", "x", "y"),)),
            "Verified: closed, as far as the ways in are known.",
        ),
        # One that is open is enough, whatever the others are.
        (replace(SHUT, good=False, ways=ways(CLOSED, OPEN, FAR)), "NOT closed."),
        (replace(SHUT, good=False, ways=ways(OPEN)), "NOT closed."),
        (replace(SHUT, good=False, ways=ways(CLOSED, FAR)), "NOT proven closed"),
        (replace(SHUT, good=False, ways=()), "NOT proven closed"),
        (replace(SHUT, good=False, ways=ways(CLOSED), tcp=("b",)), "NOT closed."),
        (replace(SHUT, good=False, ways=ways(CLOSED), unknown=("b",)), "NOT closed."),
        (replace(SHUT, good=False, ways=ways(CLOSED), listener_on=True), "NOT closed."),
    ],
)
def test_the_sentence(sight: Sight, verdict: str) -> None:
    assert sight.verdict.startswith(verdict)
    assert sight.lines()[-1] == sight.verdict


@pytest.mark.parametrize(
    ("listener", "tried", "begun"),
    [
        (False, (), True),
        (True, (), False),
        (True, ways(OPEN, CLOSED), True),
        (True, ways(OPEN, GONE), True),
        (True, ways(OPEN, FAR), False),
        # Nothing was there when it was planned: that nothing is there now tells nothing.
        (True, ways(CLOSED, reached=False), False),
    ],
)
def test_whether_a_part_is_closed_already(
    listener: bool, tried: tuple[Tried, ...], begun: bool
) -> None:
    assert replace(SHUT, good=False, listener_on=listener, ways=tried).begun is begun
