"""Changes of a compose file's values in its text: list items, map entries, command lines."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence

from migrate.agents.launch.site import Site
from migrate.splice.sh_words import GAP, read_script
from migrate.splice.text import NotEditable
from migrate.splice.view import View, in_quotes, plain_only
from migrate.splice.words import OPAQUE, Style, Word, splice
from migrate.splice.yaml_text import Entry, Splice, value_set
from migrate.splice.yaml_tree import Node

_PLAIN = re.compile(r"(?:[A-Za-z/.]|-[A-Za-z])[\w./=@%+-]*", re.ASCII)
_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_VARIABLE = re.compile(r"(?<!\$)(?:\$\$)*\$(?!\$)")
_TRAILING = re.compile(r"[ \t]*(?:#[^\r\n]*)?")
_BLOCK_GAP = re.compile(r"(?:[ \t]*#[^\r\n]*)?\r?\n[ \t]*")
_FLOW_GAP = re.compile(r"\s*,\s*")
_FOLDED_GAP = re.compile(r"\s+")


def scalar(value: str) -> str:
    """A string as a YAML scalar; quoted unless it can be nothing but a string."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _number(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _number(value: str) -> bool:
    return re.fullmatch(r"[-+.]*\d.*|\.(?:inf|nan)", value, re.IGNORECASE) is not None


def words(text: str, node: Node, path: str) -> tuple[Word, ...]:
    """The words of a ``command`` or ``entrypoint``."""
    if node.kind == "seq":
        return tuple(_item(text, node, item, path) for item in node.items)
    if node.kind == "map":
        raise NotEditable("its command is a mapping", path)
    if node.null:
        return ()
    start, end = content(text, node)
    raw = text[start:end]
    if _same(raw, node):
        commands = read_script(raw).commands
        if len(commands) > 1:
            raise NotEditable("its command is more than one command", path)
        return tuple(
            Word(w.value, w.start + start, w.end + start) for w in (commands[0] if commands else ())
        )
    if node.style == "|" or re.search(r"[\"'\\$#]", raw):
        raise NotEditable("its command spans lines with quotes or variables", path)
    return tuple(
        Word(match[0], start + match.start(), start + match.end())
        for match in re.finditer(r"\S+", raw)
    )


def _same(raw: str, node: Node) -> bool:
    return raw == node.value and "\n" not in raw


def _item(text: str, seq: Node, item: Node, path: str) -> Word:
    if item.kind != "scalar":
        raise NotEditable("its command holds something that is no word", path)
    value = OPAQUE + item.value if _VARIABLE.search(item.value) else item.value.replace("$$", "$")
    start, end = item.start, item.end
    if seq.style != "flow":
        start = text.rindex("-", 0, start)
        trailing = _TRAILING.match(text, end)
        end = trailing.end() if trailing else end
        end -= len(text[start:end]) - len(text[start:end].rstrip())
    return Word(value, start, end)


def style(text: str, node: Node) -> Style:
    """How this command is written."""
    if node.kind == "seq" and node.style == "flow":
        return Style(render=_dollars, gap=_FLOW_GAP, joint=", ", pairs=None)
    if node.kind == "seq":
        return Style(
            render=lambda value: "- " + _dollars(value), gap=_BLOCK_GAP, joint="\n", pairs=None
        )
    start, end = content(text, node)
    if _same(text[start:end], node):
        return Style(render=_line_word, gap=GAP)
    return Style(render=_bare, gap=_FOLDED_GAP)


def _dollars(value: str) -> str:
    return scalar(value.replace("$", "$$"))


def _line_word(value: str) -> str:
    return shlex.quote(value.replace("$", "$$"))


def _bare(value: str) -> str:
    if not re.fullmatch(r"[\w@%+=:,./-]+", value):
        raise NotEditable("a value would need quotes inside of lines that have none")
    return value


def content(text: str, node: Node) -> tuple[int, int]:
    """Where a scalar's characters stand, without quotes or block mark."""
    if node.style in ("'", '"'):
        return node.start + 1, node.end - 1
    if node.style in ("|", ">"):
        start = text.index("\n", node.start) + 1
        return start, start + len(text[start : node.end].rstrip())
    return node.start, node.start + len(text[node.start : node.end].rstrip())


def site(text: str, node: Node) -> Site:
    """Where this command's words stand."""
    items = {_item(text, node, item, "").start: item for item in node.items} if node.items else {}

    def inside(view: View, word: Word) -> View | None:
        item = items.get(word.start) if node.kind == "seq" else None
        if item is not None:
            return _text_of(view, item)
        return in_quotes(view, word.start, word.end) if node.kind == "scalar" else None

    return Site(View(text), style(text, node), inside)


_YAML_ESCAPE = re.compile(r"\\[\\\"/]|\$\$")
_DOLLARS = re.compile(r"\$\$")
_SINGLE = re.compile(r"''|\$\$")


def _text_of(view: View, item: Node) -> View | None:
    """What a scalar says, character by character; None where it is folded, or escaped oddly."""
    start, end = content(view.text, item)
    raw = view.text[start:end]
    if item.style == "|":
        return _block(view, start, end, item)
    if "\n" in raw:
        return None
    escape = {'"': _YAML_ESCAPE, "'": _SINGLE}.get(item.style, _DOLLARS)
    if item.style == '"' and "\\" in _YAML_ESCAPE.sub("", raw):
        return None
    read = view.decoded(start, end, escape, lambda m: m[0][1], _in_scalar)
    return read if read.text == item.value.replace("$$", "$") else None


def _block(view: View, start: int, end: int, item: Node) -> View | None:
    """The lines of a literal block without their indentation."""
    raw = view.text[start:end]
    width = min(
        (len(row) - len(row.lstrip(" ")) for row in raw.splitlines() if row.strip()), default=0
    )
    indent = re.compile(rf"\r?\n {{{width}}}|\r?\n(?=\r?\n)|\$\$")
    read = view.decoded(
        start + width, end, indent, lambda m: "$" if m[0] == "$$" else "\n", _in_scalar
    )
    return read if read.text.rstrip() == item.value.replace("$$", "$").rstrip() else None


def _in_scalar(text: str) -> str:
    return plain_only(text)


def change_words(text: str, node: Node, old: Sequence[Word], new: Sequence[str]) -> str:
    """``text`` with this command's words changed."""
    return splice(text, old, new, style(text, node))


def entries(node: Node, path: str) -> tuple[Entry, ...]:
    """Each entry of an ``environment``."""
    found: list[Entry] = []
    for key, value in node.pairs:
        if key.value != "<<":
            found.append((key.value, None if value.null else value.value, key, value))
    for item in node.items:
        if item.kind != "scalar":
            raise NotEditable("its environment holds something that is no KEY=VALUE", path)
        name, equals, told = item.value.partition("=")
        found.append((name, told if equals else None, item, item))
    return tuple(found)


def set_value(text: str, env: Node, entry: tuple[Node, Node], key: str, value: str) -> Splice:
    """A new value in the place of the old one."""
    if env.kind == "seq":
        return entry[1].start, entry[1].end, scalar(f"{key}={value}")
    return value_set(text, *entry, json.dumps(value))


def rows(env: Node, values: Mapping[str, str]) -> list[str]:
    """New entries, written as this ``environment`` has them."""
    if env.kind == "seq":
        return [scalar(f"{key}={value}") for key, value in values.items()]
    return [f"{key}: {json.dumps(value)}" for key, value in values.items()]
