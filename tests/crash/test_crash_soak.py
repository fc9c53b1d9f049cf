"""Kills at random, for as long as ``make soak SECONDS=...`` says."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from crash_lane import Lane, Scene
from crash_scenes import SCENES, WHOLE
from crash_trial import reference, wander

ALL = (*SCENES.values(), WHOLE)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("scene", ALL, ids=lambda scene: scene.name)
def test_random_kills(
    scene: Scene,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    seed = secrets.randbits(32)
    dice = random.Random(seed)  # noqa: S311
    until = time.monotonic() + float(pytestconfig.getoption("--soak")) / len(ALL)
    kills = 0
    with Lane(scene, tmp_path / "lane") as lane:
        known = reference(lane)
        while time.monotonic() < until:
            more, told, wrong = wander(lane, known, dice)
            kills += more
            assert not wrong, f"seed {seed}: {told}:\n" + "\n".join(wrong[:5])
    record_property("kill_scenario", f"{scene.name}, at random")
    record_property("kill_points", dict(Counter(random=kills)))
    assert kills
