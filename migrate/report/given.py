"""A report with the connection options in each command that it tells a person to run."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from migrate.model.next_command import Given, with_given
from migrate.report.document import Code, Document

D = TypeVar("D")


def document_with(document: Document, given: Given) -> Document:
    """The document with ``given`` put into prose and commands. A ``Code`` that does not begin with
    a command is a name or a value, and stays."""
    return _inside(document, given) if given else document


def _inside(part: Any, given: Given) -> Any:
    if isinstance(part, str):
        return with_given(part, given)
    if isinstance(part, tuple):
        return tuple(_inside(each, given) for each in part)
    if isinstance(part, Code) and not part.text.startswith("migrate "):
        return part
    if is_dataclass(part) and not isinstance(part, type):
        return replace(
            part, **{f.name: _inside(getattr(part, f.name), given) for f in fields(part)}
        )
    return part


def data_with(items: tuple[D, ...], given: Given, *names: str) -> tuple[D, ...]:
    """Dataclasses with ``given`` put into their text fields ``names``, for reports as data."""
    if not given:
        return items
    return tuple(
        replace(item, **{name: with_given(getattr(item, name), given) for name in names})  # type: ignore[type-var]
        for item in items
    )
