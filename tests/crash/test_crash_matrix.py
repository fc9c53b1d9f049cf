"""The crash matrix: killed between any two journal records and inside every external call.

After a resume all is as after a run without the kill; after a rollback all is as before:
configurations byte for byte, objects, the port, jars, marks, transports; no build is lost, no
probe node left, and no change was made twice. ``crash_lane`` has what is compared,
``victim.py`` what a kill point is. Builds run on every node at the start and after the kill.

A point takes a few tenths of a second: the tool is imported once and forked, sandboxes are put
back rather than started again, and agents wait a hundredth of their real time.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from crash_lane import Lane, lanes
from crash_scenes import SCENES
from crash_trial import PASSES, Reference, kind_of, reference, spread, try_all

LANES = 2
EVERY = {
    ("move", "resume"): 1,
    ("move", "rollback"): 1,
    ("upgrade", "resume"): 3,
    ("upgrade", "rollback"): 4,
    ("close", "resume"): 1,
    ("close", "rollback"): 3,
    ("move", "rollback-again"): 4,
    ("upgrade", "rollback-again"): 6,
    ("close", "rollback-again"): 3,
}
"""Every how manieth point is tried with ``--long``; ``make soak`` tries all, and at random."""
SHORT = 8
"""How much fewer ``make test`` tries, of every kind at least one in each scene and pass."""

Ready = list[tuple[Lane, Reference]]


@pytest.fixture(scope="module")
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Ready]]:
    home = tmp_path_factory.mktemp("crash")
    with (
        lanes(SCENES[request.param], home, LANES) as made,
        ThreadPoolExecutor(LANES) as pool,
    ):
        yield request.param, list(zip(made, pool.map(reference, made), strict=True))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("how", PASSES)
@pytest.mark.parametrize("scene", SCENES, indirect=True)
def test_killed_anywhere(
    scene: tuple[str, Ready],
    how: str,
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
) -> None:
    name, ready = scene
    known = ready[0][1]
    points = known.rollback_points if how == "rollback-again" else known.points
    every = EVERY[name, how] if pytestconfig.getoption("--long") else SHORT * EVERY[name, how]
    tried = spread(points, every, (PASSES.index(how) + 0.5) / len(PASSES))
    result = try_all(ready, how, tried)
    record_property("kill_scenario", f"{name}, {how}")
    record_property("kill_points", dict(result.kills))
    assert not result.wrong, f"{len(result.wrong)}:\n" + "\n".join(result.wrong[:10])
    assert len(result.missed) <= max(1, 0.05 * len(tried)), result.missed
    assert set(result.kills) == {kind_of(point) for point in points}, result.missed
