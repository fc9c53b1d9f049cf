"""plan.yaml: a plan as YAML with a comment before each stage, wave and step."""

import io
from typing import Any

from migrate.model import serialize
from migrate.model.next_command import with_given
from migrate.model.plan import Choices, Plan, Stage, Step, Wave
from migrate.model.text import visible

HEADER = """\
A plan of `migrate`: what `migrate apply` will do, in this order, and nothing else.
Show it: migrate show plans/{name}      Run it: migrate apply plans/{name}
Do not edit it by hand: apply compares the content with plan_id and refuses an edited plan.
To change it, run `migrate plan` again with other choices (comments do not count).
"""

_FIELDS = {
    "target": "The installation that it was made for; apply refuses any other.",
    "choices": "What was chosen when it was made.",
    "stages": "What is done: stages one after the other, waves one after the other, the steps\n"
    "of a wave side by side.",
    "skips": "What is left alone, and why.",
}


def _header(choices: Choices) -> str:
    return with_given(HEADER.format(name=visible(choices.name)), choices.given)


def plan_to_yaml(plan: Plan) -> str:
    """The text of plan.yaml; the same plan gives the same bytes."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1 << 20
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = _commented(plan)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def yaml_to_data(text: str) -> Any:
    """Plain data of a YAML document; ``ValueError`` with line and column for bad YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{error.problem or 'not YAML'}{where}") from error
    except (YAMLError, RecursionError) as error:
        raise ValueError(str(error).splitlines()[0] if str(error) else "not YAML") from error


def _commented(plan: Plan) -> Any:
    document = _value(serialize.to_data(plan))
    document.yaml_set_start_comment(_header(plan.choices))
    for field, text in _FIELDS.items():
        document.yaml_set_comment_before_after_key(field, before="\n" + text)
    for number, (stage, data) in enumerate(zip(plan.stages, document["stages"], strict=True)):
        _before(document["stages"], number, _stage_comment(stage), 2)
        for w_number, (wave, w_data) in enumerate(zip(stage.waves, data["waves"], strict=True)):
            _before(data["waves"], w_number, _wave_comment(wave), 6)
            for s_number, step in enumerate(wave.steps):
                _before(w_data["steps"], s_number, _step_comment(step), 10)
    return document


def _before(sequence: Any, index: int, text: str, indent: int) -> None:
    sequence.yaml_set_comment_before_after_key(index, before=text, indent=indent)


def _value(data: Any) -> Any:
    """Plain data for ruamel's round-trip dumper; text of several lines as it reads."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(data, dict):
        return CommentedMap((_value(key), _value(value)) for key, value in data.items())
    if isinstance(data, list | tuple):
        return CommentedSeq(_value(value) for value in data)
    if isinstance(data, str) and _is_prose(data):
        return LiteralScalarString(data)
    if isinstance(data, str) and not data.isprintable():
        # Plain and single-quoted scalars would turn a NEL or a line break into a blank.
        return DoubleQuotedScalarString(data)
    return data


def _is_prose(text: str) -> bool:
    """Lines that a literal block gives back as they are: printable, no blank edges."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and all(line.isprintable() and line == line.rstrip() for line in lines)
        and bool(lines[0])
        and lines[0] == lines[0].lstrip()
        and bool(lines[-1])
    )


def _stage_comment(stage: Stage) -> str:
    count = sum(len(wave.steps) for wave in stage.waves)
    steps = "1 step" if count == 1 else f"{count} steps"
    return f"Stage {stage.name} ({steps}): {visible(stage.title)}."


def _wave_comment(wave: Wave) -> str:
    count = len(wave.steps)
    return visible(f"Wave {wave.name}: {'1 step' if count == 1 else f'{count} steps'}.")


def _step_comment(step: Step) -> str:
    text = step.title[:1].upper() + step.title[1:]
    if step.kind == "manual":
        return visible(f"{text}. Why: {step.params.get('reason', '')}.")
    reason = step.params.get("driver_reason")
    if reason:
        # A cloud is told why as well, and no driver moves it.
        driver = step.params.get("driver")
        return visible(f"{text}. {f'Driver {driver}' if driver else 'Why'}: {reason}.")
    return visible(f"{text}.")
