"""Ids, order, pages and the published document."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_samples import inventory, node, probe

from examples import examples
from migrate.model.errors import ExitCode, UsageProblem
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Verdict
from migrate.model.plan import Choices
from migrate.rules.explain import document, ids, page
from migrate.rules.probe_unexpected import EXPLAINED
from migrate.rules.registry import ALL, by_id, judge

ROOT = Path(__file__).parents[2]
ORDER = [Severity.BLOCKER, Severity.WARNING, Severity.INFO]


def test_ids_are_stable_and_sorted() -> None:
    assert [rule.id for rule in ALL] == [f"M{n:03d}" for n in range(1, len(ALL) + 1)]
    assert len({rule.name for rule in ALL}) == len(ALL)


@pytest.mark.parametrize("rule", ALL, ids=[rule.id for rule in ALL])
def test_a_rule_is_in_a_file_of_its_name_and_complete(rule: object) -> None:
    from migrate.rules.rule import Rule

    assert isinstance(rule, Rule)
    path = ROOT / "migrate" / "rules" / f"{rule.name.replace('-', '_')}.py"
    assert f'"""{rule.id}: ' in path.read_text(encoding="utf-8")
    for text in (rule.title, rule.meaning, rule.why, rule.by_hand, rule.fix):
        assert text.strip()
    assert rule.sources
    assert "facts/" not in " ".join(rule.sources)


# These ids are in people's tickets: a new meaning needs a new id.
@pytest.mark.parametrize(
    ("rule_id", "name"),
    [
        ("M001", "controller-too-old"),
        ("M003", "upgrade-stripped"),
        ("M010", "node-offline"),
        ("M016", "tcp-entry-other"),
        ("M020", "nothing-to-do"),
    ],
)
def test_an_id_keeps_its_meaning(rule_id: str, name: str) -> None:
    rule = by_id(rule_id)
    assert rule is not None
    assert rule.name == name


def broken() -> Inventory:
    return inventory(
        node("b", launch=None),
        node("a", launch=None, online=False),
        probes=(probe("upgrade-stripped"), probe("auth-in-front")),
    )


def test_findings_are_sorted_by_severity_id_subject() -> None:
    found = judge(broken())
    keys = [(ORDER.index(f.severity), f.id, f.subject) for f in found]
    assert keys == sorted(keys)
    assert found == judge(broken(), None)


def test_the_order_of_probes_does_not_change_the_order_of_findings() -> None:
    one = broken()
    other = inventory(*one.nodes, probes=tuple(reversed(one.probes)))
    assert [f.id for f in judge(one)] == [f.id for f in judge(other)]


CODES = st.sampled_from(
    ["ok", *EXPLAINED, "port-closed", "unexpected", "not-thought-of"]
)  # fmt: skip
IDS = st.sampled_from(["login", "wsagents-bare", "wsagents-made-up", "probe-node", "hold"])


@settings(max_examples=examples(100))
@given(CODES, IDS)
def test_no_failed_probe_goes_unsaid(code: str, probe_id: str) -> None:
    """Whatever fails on the way of WebSocket stops the run, with a finding that says so."""
    if code == "ok":
        return
    found = judge(inventory(probes=(probe(code, Verdict.FAIL, id=probe_id),)))
    assert [f.severity for f in found if f.subject in ("edge", "controller")] == [Severity.BLOCKER]


@settings(max_examples=examples(100))
@given(st.lists(st.text(max_size=8), max_size=4, unique=True), st.text(max_size=8))
def test_any_name_can_be_judged(names: list[str], pattern: str) -> None:
    nodes = [node(name or "x", launch=None, tunnel=name, remoting_version=name) for name in names]
    choices = Choices("x", launches=((pattern, pattern),))
    assert judge(inventory(*nodes), choices) == judge(inventory(*nodes), choices)


def test_pages_are_found_by_id_name_and_short_form() -> None:
    for wanted in ("M003", "m003", "m3", "upgrade-stripped", "upgrade_stripped", " M003 "):
        assert page(wanted).startswith("# M003 The proxy drops the WebSocket upgrade")


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_has_a_page(code: ExitCode) -> None:
    assert page(f"exit-{int(code)}").startswith(f"# Exit code {int(code)}: ")
    assert page(str(int(code))) == page(f"exit-{int(code)}")


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("upgrade-striped", "upgrade-stripped"), ("M0003x", "M003"), ("exit-8", "exit-")],
)
def test_an_unknown_page_names_the_nearest(wanted: str, hint: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        page(wanted)
    assert f"did you mean {hint}" in caught.value.cause
    assert caught.value.next_command.startswith(f"migrate explain {hint}")
    page(caught.value.next_command.removeprefix("migrate explain "))


@given(st.text(max_size=100))
def test_any_unknown_word_is_refused_politely(wanted: str) -> None:
    try:
        assert page(wanted).startswith("# ")
    except UsageProblem as problem:
        assert "\n" not in problem.cause
        page(problem.next_command.removeprefix("migrate explain "))


def test_all_listed_pages_exist() -> None:
    assert len(ids()) == len(ALL) + len(ExitCode)
    for name in ids():
        assert page(name)


def test_nothing_asked_for_lists_all_pages() -> None:
    listed = page("")
    assert all(re.search(rf"^{name} ", listed, re.MULTILINE) for name in ids())


def test_the_published_document_is_in_step(update_examples: bool) -> None:
    path = ROOT / "docs" / "findings.md"
    if update_examples:
        path.write_text(document(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == document()


def test_links_of_the_document_lead_somewhere() -> None:
    text = document()
    anchors = {
        re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")
        for head in re.findall(r"^## (.*)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\(#([^)]+)\)", text)) <= anchors
