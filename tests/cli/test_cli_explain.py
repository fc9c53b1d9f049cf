"""``migrate explain``: pages, and nodes of a plan."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migrate.cli.main import make_app

EXAMPLE = Path(__file__).parents[2] / "plans/example"


def explain(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(make_app("explain"), ["explain", *words])
    return done.exit_code, done.output


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLE, tmp_path / "plans/t1")
    return tmp_path / "plans"


def test_a_node_is_found_in_the_newest_plan_that_knows_it(plans: Path) -> None:
    (plans / "broken").mkdir()
    (plans / "broken/plan.json").write_text("{")
    code, told = explain("by-name")
    assert code == 0
    assert "Node by-name in plan example" in told
    assert "ssh is not configured" in told
    assert "migrate show plans/" in told


@pytest.mark.parametrize("plan", ["plans/t1", "plans/t1/plan.json"])
@pytest.mark.usefixtures("plans")
def test_a_plan_can_be_named(plan: str) -> None:
    code, told = explain("linux-1", plan)
    assert code == 0
    assert "inband moves it" in told


@pytest.mark.usefixtures("plans")
def test_what_a_plan_does_not_know_is_named() -> None:
    done = CliRunner().invoke(make_app("explain"), ["explain", "nobody", "plans/t1"])
    assert "says nothing of a node 'nobody'" in str(done.exception)


@pytest.mark.usefixtures("plans")
def test_a_page_goes_before_a_node() -> None:
    assert "Drivers: how each node is moved" in explain("drivers")[1]
    done = CliRunner().invoke(make_app("explain"), ["explain", "M999"])
    assert "there is no page 'M999'" in str(done.exception)
