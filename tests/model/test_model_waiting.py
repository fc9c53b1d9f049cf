"""A side that stands still is told of once, and once more when it answers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from migrate.model.waiting import Standstill


def test_quick_answers_are_not_told_of() -> None:
    told: list[str] = []
    still = Standstill("the API", told.append, says_after=30)
    for _ in range(50):
        with still.watching():
            pass
    assert told == []
    assert threading.active_count() < 20


def test_many_that_wait_are_one_line_and_so_is_the_answer() -> None:
    told: list[str] = []
    late, answer = threading.Semaphore(0), threading.Event()

    class Counted(Standstill):
        def _late(self, begun: float) -> None:
            super()._late(begun)
            late.release()

    still = Counted("the API", told.append, says_after=0.05)

    def call() -> None:
        with still.watching():
            assert answer.wait(30)

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(call) for _ in range(8)]
        # One that has not waited as long when the answer comes would be told of anew.
        assert all(late.acquire(timeout=30) for _ in calls)
        answer.set()
        for one in calls:
            one.result(30)
    assert len([t for t in told if "has not answered for" in t]) == 1, told
    assert len([t for t in told if "answers again" in t]) == 1, told


def test_one_that_fails_tells_of_itself_and_the_next_answer_ends_it() -> None:
    told: list[str] = []
    late = threading.Event()

    def tell(text: str) -> None:
        told.append(text)
        late.set()

    still = Standstill("the API", tell, says_after=0.01)

    def lost() -> None:
        with still.watching():
            assert late.wait(30)
            raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        lost()
    assert len(told) == 1
    with still.watching():
        pass
    assert "answers again" in told[1]
