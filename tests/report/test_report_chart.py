"""Lines of numbers, as signs and as a picture."""

import re

import pytest
import report_samples as samples
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from migrate.report import html, markdown, text
from migrate.report.chart import BLOCKS, spark, svg
from migrate.report.document import Chart, Document


@pytest.mark.parametrize(
    ("values", "shown"),
    [((), ""), ((0, 0), "▁▁"), ((8, 4, 0), "█▅▁"), ((1,), "█"), ((1000, 1, 0), "█▂▁")],
)
def test_signs(values: tuple[int, ...], shown: str) -> None:
    assert spark(values) == shown


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=300).map(tuple))
def test_as_many_signs_as_fit_and_the_picture_is_xml(values: tuple[int, ...]) -> None:
    signs = spark(values)
    assert len(signs) == min(len(values), 60)
    assert set(signs) <= set(BLOCKS)
    assert (signs[-1] == BLOCKS[0]) == (values[-1] == 0)
    root = ElementTree.fromstring(svg("t", values, "a", "b"))
    line = next(e for e in root if e.tag.endswith("polyline"))
    assert len(line.attrib["points"].split(" ")) == len(values)
    ys = [float(point.split(",")[1]) for point in line.attrib["points"].split(" ")]
    assert 0 <= min(ys) <= max(ys) <= 160


def test_hostile_titles_stay_text() -> None:
    chart = Chart(samples.HOSTILE, (3, 2), samples.HOSTILE, '"><script>')
    page = html.render(Document("t", (chart,)))
    assert "<script" not in page
    assert set(re.findall(r"<(svg|path|text|image|use|a)\b", page)) == {"svg", "path", "text"}
    for render in (text.render, markdown.render):
        made = render(Document("t", (chart,)))
        assert "\x1b" not in made
        assert "█▆" in made
