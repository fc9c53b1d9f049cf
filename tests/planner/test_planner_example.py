"""plans/example is what the code makes of its inventory, byte for byte."""

from pathlib import Path

from migrate.model.plan import Choices
from migrate.model.plan_steps import MoveNode
from migrate.plan_store.plan_folder import read_inventory, read_plan, write_plan
from migrate.planner.plan import make_plan, runbooks
from migrate.report.dispatch import render_plan
from migrate.rules.registry import judge

PLANS = Path(__file__).parents[2] / "plans"
REFRESH = "out of step: python -m pytest tests/model tests/planner --update-examples"


def made(root: Path) -> Path:
    inventory = read_inventory(PLANS / "example")
    choices = Choices("example")
    findings = judge(inventory, choices)
    plan = make_plan(inventory, findings, choices)
    text = render_plan(plan, findings, "md")
    return write_plan(plan, inventory, text, runbooks(plan, inventory), root, overwrite=True)


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }


def test_the_example_is_in_step(tmp_path: Path, update_examples: bool) -> None:
    fresh = made(tmp_path)
    if update_examples:
        made(PLANS)
    kept = contents(PLANS / "example")
    assert kept.keys() == contents(fresh).keys(), REFRESH
    for name, text in contents(fresh).items():
        assert kept[name] == text, f"{name} is {REFRESH}"


def test_the_example_can_be_read_and_has_every_stage_and_no_secret() -> None:
    plan = read_plan(PLANS / "example")
    assert [stage.name for stage in plan.stages] == ["preflight", "nodes", "close", "verify"]
    assert {step.kind for step in plan.steps()} >= {
        "probe-websocket", "move-node", "manual", "remove-tcp-service", "remove-service-port",
        "close-controller-port", "verify-closed",
    }  # fmt: skip
    drivers = {step.driver for step in plan.steps() if isinstance(step, MoveNode)}
    assert drivers == {"inband", "reread"}
