"""How many agents are asked at once, on a clock of its own."""

import threading

from migrate.scan.sluice import FIRST, SLOW, Sluice


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_quick_answers_open_it_to_the_most() -> None:
    clock = Clock()
    sluice = Sluice(24, clock)
    assert sluice.limit == FIRST
    for _ in range(40):
        began = clock.now
        clock.now += 3
        sluice.answered(began)
    assert sluice.limit == 24


def test_a_late_answer_halves_it_once_a_round_and_one_more_a_round_opens_it_again() -> None:
    clock = Clock()
    sluice = Sluice(24, clock)
    clock.now = 60
    for _ in range(8):
        sluice.late(began=0)
    assert sluice.limit == FIRST // 2
    clock.now = 61
    for _ in range(FIRST // 2 + 1):
        sluice.answered(began=61)
    assert sluice.limit == FIRST // 2 + 1
    for _ in range(20):
        clock.now += 1
        sluice.refused(began=clock.now)
    assert sluice.limit == 1


def test_slow_is_meant_against_the_quickest_answer_so_far() -> None:
    clock = Clock()
    far = Sluice(24, clock)
    for _ in range(9):
        began = clock.now
        clock.now += SLOW + 5  # an installation whose agents all answer so
        far.answered(began)
    assert far.limit >= FIRST - 1 + 4
    near = Sluice(24, clock)
    near.answered(clock.now - 2)
    before = near.limit
    near.answered(clock.now - SLOW - 1)
    assert near.limit == before // 2


def test_one_agent_that_hangs_slows_no_other() -> None:
    clock = Clock()
    sluice = Sluice(24, clock)
    clock.now = 100
    sluice.answered(began=98)
    clock.now = 180
    before = sluice.limit
    sluice.late(began=0)
    assert sluice.limit == before


def test_no_more_than_the_limit_are_inside() -> None:
    sluice = Sluice(2)
    inside, most, lock = 0, 0, threading.Lock()
    go = threading.Event()

    def work() -> None:
        nonlocal inside, most
        with sluice.place():
            with lock:
                inside += 1
                most = max(most, inside)
            go.wait(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 2
    assert inside == 0
