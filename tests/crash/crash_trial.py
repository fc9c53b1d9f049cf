"""One kill, what a person does next, and what must be true then."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from crash_lane import KILLED, NEVER_APPLIED, Lane, Ran

PASSES = ("resume", "rollback", "rollback-again")


@dataclass(frozen=True)
class Reference:
    """A run without a kill: what it came by, and what it left."""

    points: tuple[str, ...]
    rollback_points: tuple[str, ...]
    after: dict[str, Any]
    writes: Counter[str]


@dataclass
class Result:
    """What the points of one scene and pass came to."""

    kills: Counter[str] = field(default_factory=Counter)
    """By kind: record, torn, before, sent, after."""
    missed: list[str] = field(default_factory=list)
    """Points that the command did not come by this time (it polled less often)."""
    wrong: list[str] = field(default_factory=list)


def kind_of(point: str) -> str:
    """The kind of a kill point."""
    words = point.split()
    return words[0] if words[0] in ("record", "torn") else words[1]


def reference(lane: Lane) -> Reference:
    """Apply and roll back without any kill; both must do their work."""
    lane.reset()
    lane.queue_builds()
    applied = lane.apply()
    assert applied.code == 0, applied.told
    after, writes = lane.settled(), lane.writes()
    assert after != lane.before
    back = lane.rollback()
    assert back.code == 0, back.told
    assert lane.settled() == lane.before
    return Reference(unique(applied.points), unique(back.points), after, writes)


def unique(points: tuple[str, ...]) -> tuple[str, ...]:
    """In order, each once."""
    return tuple(dict.fromkeys(points))


def spread(points: tuple[str, ...], every: int, shift: float) -> tuple[str, ...]:
    """One in ``every`` points of each kind, rounded up, at even distances; in order.

    ``shift`` (0 to 1) says where in its share of the points each one lies.
    """
    chosen: set[str] = set()
    for kind in dict.fromkeys(map(kind_of, points)):
        same = [point for point in points if kind_of(point) == kind]
        count = -(-len(same) // every)
        chosen |= {same[int((i + shift) * len(same) / count)] for i in range(count)}
    return tuple(point for point in points if point in chosen)


def trial(lane: Lane, known: Reference, how: str, point: str) -> tuple[bool, list[str]]:
    """Whether it was killed there, and all that is wrong afterwards."""
    lane.reset()
    lane.queue_builds()
    if how == "rollback-again":
        done = lane.apply()
        if done.code != 0:
            return False, [f"apply ended with {done.code}: {done.told[-400:]}"]
        killed = lane.rollback(kill_at=point)
    else:
        killed = lane.apply(kill_at=point)
    if killed.code not in (0, KILLED):
        return False, [f"ended with {killed.code}: {killed.told[-400:]}"]
    lane.queue_builds()
    return killed.code == KILLED, finish(lane, known, how)


def finish(lane: Lane, known: Reference, how: str) -> list[str]:
    """Go on, or go back; what is wrong with what is there then."""
    if how == "resume":
        return _ended(lane.resume(), (0,)) + _same(lane, known.after) + _once(lane, known)
    # Before its first record there is nothing that could be rolled back.
    codes = (0,) if lane.began() else (0, NEVER_APPLIED)
    return _ended(lane.rollback(), codes) + _same(lane, lane.before)


def _ended(ran: Ran, codes: tuple[int, ...]) -> list[str]:
    wrong = [] if ran.code in codes else [f"ended with {ran.code}: {ran.told[-600:]}"]
    return wrong + [f"told a traceback: {ran.told[-600:]}"] * ("Traceback" in ran.told)


def _same(lane: Lane, wanted: dict[str, Any]) -> list[str]:
    now = lane.settled()
    wrong = list(differences(wanted, now))
    lost = [state for state in lane.builds() if state != "finished"]
    return wrong + [f"builds that did not finish: {lost}"] * bool(lost)


def _once(lane: Lane, known: Reference) -> list[str]:
    made = lane.writes()
    twice = {what: n for what, n in made.items() if n > known.writes[what]}
    return [f"done more than once: {twice}"] if twice else []


def differences(wanted: Any, now: Any, where: str = "") -> list[str]:
    """Where two states differ, one line each."""
    if isinstance(wanted, dict) and isinstance(now, dict):
        keys = dict.fromkeys([*wanted, *now])
        return [
            text
            for key in keys
            for text in differences(wanted.get(key), now.get(key), f"{where}/{key}")
        ]
    return [] if wanted == now else [f"{where}: {now!r}, not {wanted!r}"]


def try_all(lanes: list[tuple[Lane, Reference]], how: str, points: tuple[str, ...]) -> Result:
    """All points, spread over the lanes."""
    result, waiting = Result(), list(reversed(points))

    def work(ready: tuple[Lane, Reference]) -> None:
        while waiting:
            try:
                point = waiting.pop()
            except IndexError:
                return
            record(result, f"{how} after a kill at [{point}]", point, trial(*ready, how, point))

    with ThreadPoolExecutor(len(lanes)) as pool:
        list(pool.map(work, lanes))
    return result


def record(result: Result, told: str, point: str, came: tuple[bool, list[str]]) -> None:
    """Add one trial."""
    killed, wrong = came
    if killed:
        result.kills[kind_of(point)] += 1
    else:
        result.missed.append(point)
    result.wrong += [f"{told}: {text}" for text in wrong]


def wander(lane: Lane, known: Reference, dice: random.Random) -> tuple[int, str, list[str]]:
    """Kill apply once to three times at random, then resume or roll back (also killed once).

    (How many kills there were, what was done, what is wrong.)
    """
    lane.reset()
    lane.queue_builds()
    kills, told = 0, []
    run: Callable[..., Ran] = lane.apply
    for _ in range(dice.randint(1, 3)):
        point = dice.choice(known.points)
        ran = run(*(["--resume"] if lane.began() else []), kill_at=point)
        kills += ran.code == KILLED
        told.append(f"apply killed at [{point}]" if ran.code == KILLED else f"apply {ran.code}")
    how = dice.choice(("resume", "rollback"))
    if how == "rollback" and dice.random() < 0.5:
        point = dice.choice(known.rollback_points)
        ran = lane.rollback(kill_at=point)
        kills += ran.code == KILLED
        told.append(f"rollback killed at [{point}]")
    lane.queue_builds()
    # A second kill may come between two halves of one change: what was done then is done again,
    # and counted twice by nobody but this test, so only the end is compared.
    wrong = [w for w in finish(lane, known, how) if "more than once" not in w]
    return kills, "; ".join([*told, how]), wrong
