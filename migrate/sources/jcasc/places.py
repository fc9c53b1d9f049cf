"""Where a YAML file holds configuration as code: at its top, or in a block of text inside of it.

Inside: ``data`` of a ConfigMap, and ``controller.JCasC.configScripts`` of the Jenkins chart
(``master.`` before chart 3.0.0; charts/jenkins/UPGRADING.md), also below a parent chart's key.
Only a literal block (``|``) stands in its file as it reads, so only such a block is edited.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import Splice
from migrate.splice.yaml_tree import Node, read_documents

JENKINS, CLOUDS, NODES, PORT = "jenkins", "clouds", "nodes", "slaveAgentPort"
SETS = (CLOUDS, NODES, PORT)
"""Below ``jenkins:``, what this tool knows how to edit."""
_CHART_TOPS = ("controller", "master")


@dataclass(frozen=True)
class Block:
    """A literal block: its lines in the file, and how much of each is indentation."""

    inner: tuple[int, ...]
    """Where each line starts in the block's own text; the last is its end."""
    outer: tuple[int, ...]
    """Where each starts in the file."""
    cut: tuple[int, ...]
    """Blanks that the file has more at each line's start."""
    indent: str

    def _at(self, offset: int) -> tuple[int, bool]:
        line = bisect_right(self.inner, offset) - 1
        column = offset - self.inner[line]
        return self.outer[line] + (self.cut[line] + column if column else 0), not column

    def in_file(self, splice: Splice) -> Splice:
        """The same change in the file, its new lines indented as the block is."""
        (start, at_line), (end, _) = self._at(splice[0]), self._at(splice[1])
        body, last = splice[2].removesuffix("\n"), splice[2].endswith("\n")
        new = body.replace("\n", "\n" + self.indent) + ("\n" if last else "")
        begins = at_line and new and not new.startswith(("\n", "\r"))
        return start, end, self.indent + new if begins else new


@dataclass(frozen=True)
class Casc:
    """One document of configuration as code."""

    where: str
    """For a person; empty for a file that is nothing else."""
    text: str
    root: Node | None
    """With places in ``text``; None when ``problem`` says why it can't be read."""
    block: Block | None = None
    holder: Node | None = None
    """The file's scalar that holds it."""
    problem: str = ""
    """Why it must not be edited."""


@dataclass(frozen=True)
class Held:
    """A file's documents, and the configuration as code in them."""

    roots: tuple[Node, ...]
    casc: tuple[Casc, ...]


def read_held(text: str, path: str) -> Held:
    """All configuration as code of a file; ``NotEditable`` for a file that is no YAML."""
    roots = read_documents(text, path)
    found: list[Casc] = []
    for number, root in enumerate(roots, start=1):
        before = f"document {number}: " if len(roots) > 1 else ""
        if _is_casc(root):
            found.append(Casc(before.removesuffix(": "), text, root))
        for where, node in (*_config_map(root), *_config_scripts(root, ())):
            if any(word in node.value for word in SETS):
                found += _embedded(text, node, before + where)
    return Held(roots, tuple(found))


def _is_casc(root: Node) -> bool:
    jenkins = root.get(JENKINS)
    return jenkins is not None and any(jenkins.get(key) for key in SETS)


def _config_map(root: Node) -> Iterator[tuple[str, Node]]:
    kind, data = root.get("kind"), root.get("data")
    if kind is None or kind.value != "ConfigMap" or data is None:
        return
    for key, node in data.pairs:
        if node.kind == "scalar" and key.value.lower().endswith((".yaml", ".yml")):
            yield f"data: {key.value}", node


def _config_scripts(node: Node, way: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    if way[-2:] == ("JCasC", "configScripts") and way[-3:-2] and way[-3] in _CHART_TOPS:
        for key, script in node.pairs:
            if script.kind == "scalar":
                yield f"{'.'.join(way)}.{key.value}", script
        return
    for key, value in node.pairs:
        if value.kind == "map":
            yield from _config_scripts(value, (*way, key.value))


def _embedded(text: str, node: Node, where: str) -> Iterator[Casc]:
    block, inner, problem = None, node.value, ""
    if node.shared:
        problem = "an alias stands for the same text elsewhere"
    elif node.style != "|":
        problem = "its text is no literal block (|)"
    else:
        found = _block(text, node)
        if found is None:
            problem = "how its block is indented could not be told"
        else:
            block, inner = found
    try:
        roots = read_documents(inner, "")
    except NotEditable as error:
        yield Casc(where, inner, None, problem=error.reason)
        return
    for root in roots:
        if _is_casc(root):
            yield Casc(where, inner, root, block, node, problem)


def _block(text: str, node: Node) -> tuple[Block, str] | None:
    """The lines of a literal block; None unless they read as the YAML reader read them."""
    told = next((line for line in node.value.split("\n") if line.strip()), "")
    position = text.find("\n", node.start) + 1
    width = -1
    inner, outer, cut, parts = [0], [], [], []
    for line in re.findall(r"[^\n]*\n|[^\n]+", text[position:]) if position else ():
        bare = line.rstrip("\r\n")
        if bare.strip(" "):
            blanks = len(bare) - len(bare.lstrip(" "))
            if width < 0:
                width = blanks - (len(told) - len(told.lstrip(" ")))
            if blanks < width or width < 1:
                break
        outer.append(position)
        cut.append(min(max(width, 0), len(bare)))
        parts.append(line[cut[-1] :])
        inner.append(inner[-1] + len(parts[-1]))
        position += len(line)
    own = "".join(parts)
    if width < 1 or own.replace("\r\n", "\n").rstrip("\n ") != node.value.rstrip("\n "):
        return None
    return Block(tuple(inner), (*outer, position), (*cut, 0), " " * width), own
