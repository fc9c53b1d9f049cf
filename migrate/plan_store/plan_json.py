"""plan.json: a plan as JSON with one step a line.

A review of a changed plan is a line for each node that changed, and 10,000 steps are written and
read in hundredths of a second. Comments are left to plan.md and ``migrate show``.
"""

from collections.abc import Iterable
from dataclasses import fields

from migrate.model.plan import Plan, Stage, Wave
from migrate.model.serialize import to_line
from migrate.model.text import json_visible


def plan_to_json(plan: Plan) -> str:
    """The text of plan.json, with a final newline; the same plan gives the same bytes.

    What a reader would not see stands as JSON escapes it.
    """
    parts = []
    for field in fields(plan):
        value = getattr(plan, field.name)
        if field.name == "stages":
            body = _list(_stage(stage) for stage in plan.stages)
        elif field.name in ("skips", "refused"):
            body = _list(_text(item) for item in value)
        else:
            body = _text(value)
        parts.append(f"{_text(field.name)}: {body}")
    return json_visible("{\n" + ",\n".join(parts) + "\n}\n")


def _text(value: object) -> str:
    return to_line(value).decode()


def _list(items: Iterable[str]) -> str:
    lines = ",\n".join(items)
    return f"[\n{lines}\n]" if lines else "[]"


def _stage(stage: Stage) -> str:
    waves = _list(_wave(wave) for wave in stage.waves)
    return f'{{"name": {_text(stage.name)}, "title": {_text(stage.title)}, "waves": {waves}}}'


def _wave(wave: Wave) -> str:
    steps = _list(_text(step) for step in wave.steps)
    return f'{{"name": {_text(wave.name)}, "steps": {steps}}}'
