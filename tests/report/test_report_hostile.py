"""Names and texts from outside can't steer a terminal, a browser or a Markdown renderer."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import report_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.model import text as model_text
from migrate.model.serialize import from_data
from migrate.model.text import visible
from migrate.report import html, markdown, text
from migrate.report.dispatch import (
    FORMATS,
    render_plan,
    render_run,
    render_scan,
)
from migrate.report.document import Bullets, Code, Document, Fields, Para, Pre, Table, line
from migrate.rules.registry import judge

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def hostile(fmt: str) -> dict[str, str]:
    inventory = samples.hostile_inventory()
    return {
        "scan": render_scan(inventory, judge(inventory), fmt),
        "plan": render_plan(samples.hostile_plan(), judge(inventory), fmt),
        "run": render_run(samples.hostile_run(), fmt),
    }


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_control_or_bidi_character_survives(fmt: str) -> None:
    for name, made in hostile(fmt).items():
        assert not STEERING.search(made), name
        made.encode("utf-8")


def test_lone_surrogates_can_be_printed() -> None:
    document = Document("a\udc80b", (Para(line("\ud800")), Pre("\udfff")))
    for render in (text.render, markdown.render, html.render):
        assert "\\udc80" in render(document).encode("utf-8").decode()


def test_json_holds_the_same_data() -> None:
    inventory = samples.hostile_inventory()
    data = json.loads(render_scan(inventory, judge(inventory), "json"))
    assert from_data(data["inventory"], type(inventory)) == inventory
    assert data["schema_version"] == 1
    plan = samples.hostile_plan()
    assert from_data(json.loads(render_plan(plan, (), "json"))["plan"], type(plan)) == plan
    run = samples.hostile_run()
    assert from_data(json.loads(render_run(run, "json"))["run"], type(run)) == run


class Seen(HTMLParser):
    """The tags and the words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_has_only_our_tags_and_loads_nothing() -> None:
    for name, made in hostile("html").items():
        seen = Seen()
        seen.feed(made)
        assert not seen.tags & {"script", "img", "a", "link", "iframe", "object", "base"}, name
        assert seen.attributes <= {
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "class",
            "scope",
        }
        assert "src=" not in made
        assert "url(" not in made
        assert "@import" not in made
        assert visible(samples.HOSTILE) in seen.words


def test_a_table_row_stays_one_row_in_markdown() -> None:
    cell = line(samples.HOSTILE, Code(samples.HOSTILE))
    made = markdown.render(Document("t", (Table(("a", "b"), ((cell, cell),)),)))
    row = made.strip().split("\n")[-1]
    assert len(re.findall(r"(?<!\\)\|", row)) == 3
    assert "<script" not in re.sub(r"(`+)(?:(?!\1).)*\1", "", row).replace("\\<", "")


@pytest.mark.parametrize(
    "name", ["# h", "- x", "1. x", "> q", "+ x", "```", "| a |", "====", "***"]
)
def test_a_line_does_not_become_a_block(name: str) -> None:
    made = markdown.render(Document("t", (Para(line(name)), Bullets((line(name),)))))
    _, para, bullet = made.strip().split("\n\n")
    assert para.replace("\\", "").replace("&gt;", ">") == name
    assert re.match(r"\\|\d+\\", para)
    assert re.match(r"- (\\|\d+\\)", bullet)


def test_addresses_and_mentions_do_not_become_links() -> None:
    made = model_text.markdown("http://evil www.evil.example @all #12")
    assert "://" not in made
    assert "www." not in made
    assert "@" not in made
    assert "\\#12" in made


DOCUMENT: Any = st.builds(
    lambda title, words, pre: Document(
        title,
        (
            Para(line(words)),
            Fields(((words, line(Code(words))),)),
            Bullets((line(words), line(Code(words)))),
            Table((words, "b"), ((line(words), line(Code(words))),)),
            Pre(pre),
        ),
    ),
    st.text(),
    st.text(),
    st.text(),
)


@settings(max_examples=examples(60))
@given(DOCUMENT)
def test_every_text_survives_every_form(document: Document) -> None:
    for render in (text.render, markdown.render, html.render):
        made = render(document)
        assert made.endswith("\n")
        assert not STEERING.search(made)
        made.encode("utf-8")
    seen = Seen()
    seen.feed(html.render(document))
    assert visible(document.title) in seen.words


@settings(max_examples=examples(60))
@given(st.text(max_size=200))
def test_a_code_fence_is_longer_than_any_in_it(body: str) -> None:
    made = markdown.render(Document("t", (Pre(body),)))
    fence = made.rstrip("\n").split("\n")[-1]
    inside = made.split("\n")[3:-2]
    assert set(fence) == {"`"}
    assert not any(row.strip().startswith(fence) for row in inside)
