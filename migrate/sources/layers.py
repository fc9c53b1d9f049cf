"""Which chart a map of values is for, and whether anything deploys a file of values. Pure."""

import posixpath
import re

from migrate.sources.kept import Kept
from migrate.sources.nested import Doc, Spot

HOLDERS = ("values", "valuesObject", "valuesContent", "valuesInline", "valuesYaml")
_VALUES_FILE = re.compile(r"values[\w.-]*\.ya?ml$|.*values\.ya?ml$", re.IGNORECASE)


def chart_of(spot: Spot) -> str:
    """The chart that what holds a map of values names; empty where none does."""
    up: Spot | None = spot
    while up is not None:
        if up.node.kind == "map":
            for keys in (
                ("chart",), ("spec", "chart"), ("chart", "spec", "chart"), ("name",),
                ("spec", "chart", "spec", "chart"),
            ):  # fmt: skip
                name = up.value(*keys)
                if name and (keys != ("name",) or up.get("repo") or up.get("valuesInline")):
                    return posixpath.basename(name)
        up = up.up
    return ""


def names_chart(kept: Kept, doc: Doc, spot: Spot, chart: str) -> bool:
    """Whether the files say that this map holds values of the chart."""
    if chart_of(spot) == chart:
        return True
    if doc.level or len(spot.path) > 1:
        return False
    folder = posixpath.dirname(doc.file.path)
    for other in kept.docs:
        if other.file.path != posixpath.join(folder, "Chart.yaml"):
            continue
        for dependency in s.children() if (s := other.root.get("dependencies")) else ():
            key = dependency.value("alias") or dependency.value("name")
            if dependency.value("name") == chart and spot.path == (key,):
                return True
    return False


def not_deployed(kept: Kept, doc: Doc) -> bool:
    """Whether files of its folder's values are named by an Application, and this one is not."""
    name = posixpath.basename(doc.file.path)
    if doc.kind or not _VALUES_FILE.match(name):
        return False
    named: set[str] = set()
    for other in kept.docs:
        for spot in other.root.all():
            if spot.path[-1:] in (("valueFiles",), ("valuesFiles",), ("additionalValuesFiles",)):
                named |= {posixpath.basename(s.node.value) for s in spot.children()}
    siblings = {
        posixpath.basename(f.path)
        for f in kept.files
        if posixpath.dirname(f.path) == posixpath.dirname(doc.file.path)
    }
    return bool(named & siblings) and name not in named
