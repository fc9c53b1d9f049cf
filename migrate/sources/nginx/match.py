"""Which location nginx takes for a path (``ngx_http_core_find_location``). Pure.

An exact one; else the longest prefix, then what is nested in it, then, unless that prefix has
``^~``, the first regular expression that matches.
"""

import re
from collections.abc import Sequence

from migrate.sources.nginx.conf import Block
from migrate.splice.text import NotEditable

Chain = tuple[Block, ...]
"""From ``http`` or ``server`` to a location, each inside of the one before."""
_MODIFIERS = ("=", "~", "~*", "^~")
_QUANTIFIED = re.compile(r"\)(?:[*+]|\{\d*,\d*\})")
_MAX_REGEX = 2000
_MAX_TEXT = 24
"""Characters that a quantified group is tried on."""


def kind_of(location: Block) -> tuple[str, str]:
    """(modifier, path) of a location; modifier ``@`` for a named one."""
    args = location.args
    if len(args) > 1:
        return args[0], args[1]
    word = args[0] if args else ""
    if word.startswith("@"):
        return "@", word
    for sign in ("^~", "~*", "~", "="):
        if word.startswith(sign):
            return sign, word[len(sign) :]
    return "", word


def winner(levels: Chain, path: str) -> Chain:
    """The chain with the location that serves ``path`` at its end; as given when none does.

    ``NotEditable`` when a regular expression on the way can't be judged.
    """
    found, _ = _find(levels, path)
    return found


def _find(chain: Chain, path: str) -> tuple[Chain, bool]:
    """(the chain, whether it is final)."""
    locations = [block for block in chain[-1].children if block.name == "location"]
    best: Block | None = None
    length = -1
    for one in locations:
        sign, text = kind_of(one)
        if sign == "=" and text == path:
            return (*chain, one), True
        if sign in ("", "^~") and path.startswith(text) and len(text) > length:
            best, length = one, len(text)
    stops = False
    result = chain
    if best is not None:
        stops = kind_of(best)[0] == "^~"
        result, final = _find((*chain, best), path)
        if final:
            return result, True
    if not stops:
        for one in locations:
            sign, text = kind_of(one)
            if sign in ("~", "~*") and regex_matches(text, path, ignore_case=sign == "~*"):
                return _find((*chain, one), path)[0], True
    return result, False


def named(server: Sequence[Block], name: str) -> Chain:
    """The chain to a named location; empty when there is none."""
    for block in server[-1].named("location"):
        if kind_of(block) == ("@", name):
            return (*server, block)
    return ()


def regex_matches(pattern: str, text: str, *, ignore_case: bool = False) -> "re.Match[str] | None":
    """As PCRE would, for what both know; ``NotEditable`` for what Python can't judge.

    Several quantified groups are not tried: they may take forever.
    """
    translated = re.sub(r"\(\?<([A-Za-z_]\w*)>", r"(?P<\1>", pattern)
    translated = translated.replace(r"\z", r"\Z").replace(r"\h", r"[ \t]")
    groups = len(_QUANTIFIED.findall(translated))
    if len(pattern) > _MAX_REGEX or groups > 1 or (groups and len(text) > _MAX_TEXT):
        raise NotEditable(f"the regular expression {pattern[:60]} is too much to judge")
    try:
        return re.compile(translated, re.IGNORECASE if ignore_case else 0).search(text)
    except (re.error, OverflowError, RecursionError):
        raise NotEditable(f"the regular expression {pattern[:60]} can't be judged") from None
