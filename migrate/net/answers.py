"""JSON from outside: bounded in depth and number, and text that can be written again."""

import json
import re
from typing import Any

MOST_VALUES = 1_000_000
"""Values in one answer; each takes about a hundred bytes once it is read. 10,000 nodes have
400,000."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONE = re.compile("[\ud800-\udfff]")


class NotJson(ValueError):
    """What is no JSON, or more of it than is read; says which."""


class TooManyValues(NotJson):
    """More than are read."""


def parse_json(body: bytes) -> Any:
    """The value of ``body``; ``NotJson`` with the reason."""
    if _too_many(body):
        raise TooManyValues(f"it has more than {MOST_VALUES:,} values")
    try:
        return json.loads(body)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except ValueError:
        raise NotJson("it is not JSON") from None


def _too_many(body: bytes) -> bool:
    """Counted before anything is made of it. In strings a comma is no value: they are looked at,
    one after the other, only where it matters."""
    count = _values(body)
    if count <= MOST_VALUES:
        return False
    for string in _STRING.finditer(body):
        count -= _values(string[0])
        if count <= MOST_VALUES:
            return False
    return True


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def has_lone(text: str) -> bool:
    """Whether half of a surrogate pair stands in it: such text can't be sent or written."""
    return _LONE.search(text) is not None


def whole_text(text: str) -> str:
    """``text`` with a replacement character for each half of a pair."""
    return _LONE.sub("\ufffd", text)


def whole_values(value: Any) -> Any:
    """``value`` with ``whole_text`` of each text in it."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [whole_values(each) for each in value]
    if isinstance(value, dict):
        return {whole_text(key): whole_values(each) for key, each in value.items()}
    return value
