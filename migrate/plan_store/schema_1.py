"""plan.yaml, as plans were written before plan.json: read to be shown, never to be run."""

from pathlib import Path
from typing import Any

from migrate.model import serialize
from migrate.model.errors import UsageProblem
from migrate.model.plan import Plan
from migrate.model.steps.schema_1 import of_schema_1
from migrate.model.text import visible

OLD_PLAN_FILE = "plan.yaml"
_LIMIT = 64 * 1024 * 1024
"""Bytes; 10,000 nodes took about 20 MB."""


def read_old_plan(file: Path) -> Plan:
    """The plan of a plan.yaml, its steps as they are written now; ``UsageProblem`` otherwise."""
    again = "migrate plan --name NAME"
    try:
        if file.stat().st_size > _LIMIT:
            raise UsageProblem(f"{file} is too large to be a plan", next_command=again)
        data = _plain(file.read_text(encoding="utf-8"))
        return serialize.from_data(_as_now(data), Plan)
    except OSError as error:
        raise UsageProblem(f"{file} can't be read: {error.strerror}", next_command=again) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageProblem(
            f"{file} is not a whole plan of schema 1: {visible(str(error))}", next_command=again
        ) from error


def _plain(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    yaml = YAML(typ="safe", pure=True)
    try:
        # No plan had any, and a few lines of them stand for more than memory holds.
        if any(isinstance(event, AliasEvent) for event in yaml.parse(text)):
            raise ValueError("it has aliases")
        return yaml.load(text)
    except YAMLError as error:
        raise ValueError(str(error).splitlines()[0] if str(error) else "not YAML") from error


def _as_now(data: Any) -> dict[str, object]:
    # Programs and ssh settings stood in the plan then; they are the operator's now.
    choices = {key: value for key, value in data["choices"].items() if key != "access"}
    stages = [
        {
            **stage,
            "waves": [
                {**wave, "steps": [of_schema_1(step) for step in wave["steps"]]}
                for wave in stage["waves"]
            ],
        }
        for stage in data["stages"]
    ]
    return {**data, "choices": choices, "stages": stages}
