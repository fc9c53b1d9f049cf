"""Text reaches a script as data: a real Groovy reads it back."""

import json
from pathlib import Path

import pytest
from groovy_runner import needs_groovy, runner_of_this_process
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.model.text import groovy_data

pytestmark = [pytest.mark.groovy, needs_groovy]

text = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["${1 + 1}", "'''", '"""', "$/", "\\u0027 + x", "a\nb", "*/", "😀", "\u202e", "\x00"]
)


@settings(max_examples=5)
@given(st.lists(st.dictionaries(text, text), min_size=1, max_size=20))
def test_groovy_reads_texts_back(maps: list[dict[str, str]]) -> None:
    scripts = [f"print groovy.json.JsonOutput.toJson({groovy_data(each)})" for each in maps]
    asked = {"scripts": scripts, "here": str(Path.cwd()), "libraries": [], "stubs": None}
    assert [json.loads(said) for said in runner_of_this_process().ask(asked)] == maps
