"""Who owns the machines: the file of ``--owners``, and the patterns beside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrate.model.errors import UsageProblem
from migrate.model.text import visible

if TYPE_CHECKING:
    from migrate.model.owners import OwnerRule, Owners

EXAMPLE = "--owners FILE    # form: examples/owners.yaml"
_RULE_KEYS = ("owner", "nodes", "labels", "descriptions", "contact")
_KEYS = ("owners", "label", "description", "default")


def read_owners(file: Path | None, label: str = "", description: str = "") -> "Owners":
    """What the options say; the options' patterns win over the file's.

    ``UsageProblem`` for a file that can't be used.
    """
    from migrate.model.owners import NOBODY, Owners

    for flag, pattern in (("--owner-label", label), ("--owner-description", description)):
        if pattern and "*" not in pattern:
            raise UsageProblem(
                f"{flag} {visible(pattern)!r} has no *, which stands for the owner",
                next_command=f"{flag} 'team-*'",
            )
    data = _data(file) if file is not None else {}
    _refuse_unknown(file, data, _KEYS)
    rules = data.get("owners", [])
    if not isinstance(rules, list):
        raise UsageProblem(f"owners in {file} is no list", next_command=EXAMPLE)
    return Owners(
        tuple(_rule(file, rule) for rule in rules),
        label or _word(file, data, "label"),
        description or _word(file, data, "description"),
        _word(file, data, "default") or NOBODY,
    )


def _data(file: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError) as error:
        why = getattr(error, "strerror", None) or "not YAML"
        raise UsageProblem(
            f"cannot read {visible(str(file))}: {why}", next_command=EXAMPLE
        ) from None
    if not isinstance(data, dict):
        raise UsageProblem(f"{visible(str(file))} is no mapping", next_command=EXAMPLE)
    return data


def _refuse_unknown(file: Path | None, data: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = [visible(str(key)) for key in data if key not in known]
    if unknown:
        raise UsageProblem(
            f"{file} has unknown keys: {', '.join(unknown)}; known: {', '.join(known)}",
            next_command=EXAMPLE,
        )


def _rule(file: Path | None, data: object) -> "OwnerRule":
    from migrate.model.owners import OwnerRule

    if not isinstance(data, dict) or not isinstance(data.get("owner"), str) or not data["owner"]:
        raise UsageProblem(f"an entry of owners in {file} has no owner", next_command=EXAMPLE)
    _refuse_unknown(file, data, _RULE_KEYS)
    rule = OwnerRule(
        data["owner"],
        _words(file, data, "nodes"),
        _words(file, data, "labels"),
        _words(file, data, "descriptions"),
        _word(file, data, "contact"),
    )
    if not (rule.nodes or rule.labels or rule.descriptions):
        raise UsageProblem(
            f"owner {visible(data['owner'])} in {file} has no nodes, labels or descriptions",
            next_command=EXAMPLE,
        )
    return rule


def _word(file: Path | None, data: dict[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise UsageProblem(f"{key} in {file} is no text", next_command=EXAMPLE)
    return value


def _words(file: Path | None, data: dict[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise UsageProblem(f"{key} in {file} is no list of patterns", next_command=EXAMPLE)
    return tuple(value)
