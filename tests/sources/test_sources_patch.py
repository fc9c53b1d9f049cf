"""Patches: git applies them in their order, and takes them back exactly."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.sources.base import ByHand, FileEdit, SourceText, Stage
from migrate.sources.patch import apart, by_hand_page, commit_message, patches
from migrate.splice.yaml_text import spliced

STAGES: tuple[Stage, Stage] = ("nodes", "close")


def _git(folder: Path, *words: str, text: str = "") -> None:
    body = text.encode("utf-8", "surrogateescape")
    subprocess.run(["git", *words], cwd=folder, check=True, input=body, capture_output=True)


lines = st.lists(
    st.sampled_from(["a", "b: 1", "", "  c", "é\udcff", "x\r", "\ufeff", "+", "-", "\\", "\x0c"]),
    min_size=1,
    max_size=12,
)
cuts = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.integers(0, 8),
        st.sampled_from(["", "new", "two\nlines\n", "\r\n"]),
        st.sampled_from(STAGES),
    ),
    max_size=5,
)


@given(rows=lines, end=st.sampled_from(["", "\n"]), wanted=cuts)
@settings(max_examples=examples(60), deadline=None)
def test_git_applies_both_and_takes_both_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[str],
    end: str,
    wanted: list[tuple[int, int, str, Stage]],
) -> None:
    text = "\n".join(rows) + end
    edits = [
        FileEdit("d/a.yaml", min(a, len(text)), min(a + n, len(text)), new, stage, "why")
        for a, n, new, stage in wanted
    ]
    kept, clashing = apart(edits)
    assert {*kept, *clashing} <= set(edits)
    # Two that put something in at one point have no order.
    if len({e.start for e in kept}) < len(kept):
        return
    folder = tmp_path_factory.mktemp("patch")
    (folder / "d").mkdir()
    file = folder / "d/a.yaml"
    old = text.encode("utf-8", "surrogateescape")
    file.write_bytes(old)
    made = patches([SourceText("d/a.yaml", text)], kept)
    new = spliced(text, [(e.start, e.end, e.new) for e in kept])
    _git(folder, "init", "-q")
    for stage in STAGES:
        if made[stage]:
            _git(folder, "apply", "-", text=made[stage])
    assert file.read_bytes() == new.encode("utf-8", "surrogateescape")
    for stage in reversed(STAGES):
        if made[stage]:
            _git(folder, "apply", "-R", "-", text=made[stage])
    assert file.read_bytes() == old


def test_nothing_to_do_makes_no_patch() -> None:
    assert patches([SourceText("a", "x\n")], []) == {"nodes": "", "close": ""}


def test_of_two_that_overlap_one_is_kept() -> None:
    first, second = FileEdit("a", 0, 4, "", "close", ""), FileEdit("a", 2, 6, "x", "close", "")
    assert apart([second, first]) == ((first,), (second,))


def test_what_lies_inside_of_a_removal_is_no_clash() -> None:
    whole, inside = FileEdit("a", 0, 9, "", "close", ""), FileEdit("a", 2, 6, "", "close", "")
    assert apart([whole, inside]) == ((whole,), ())


def test_the_page_masks_secrets_and_shows_no_hostile_mark() -> None:
    note = ByHand("a\u202e.yaml", 3, "password=hunter2hunter2 is there", "nothing")
    page = by_hand_page([note, note])
    assert page.count("line 3") == 1
    assert "\u202e" not in page
    assert "hunter2" not in page
    assert by_hand_page([]) == "# By hand\n\nNothing.\n"


def test_one_commit_message_a_stage() -> None:
    edits = [
        FileEdit("b.yaml", 5, 9, "", "close", "close the listener"),
        FileEdit("a.yaml", 1, 2, "", "nodes", "agent to WebSocket"),
        FileEdit("a.yaml", 4, 6, "", "nodes", "agent to WebSocket"),
    ]
    subject, blank, when, _, *rows = commit_message("nodes", edits).splitlines()
    assert (subject, blank) == ("Move Jenkins agents to WebSocket", "")
    assert when.startswith("To be rolled out before the agents move")
    assert rows == ["- a.yaml: agent to WebSocket"]
    assert commit_message("close", edits).endswith("\n\n- b.yaml: close the listener\n")
    assert commit_message("close", edits[1:]) == ""
