"""JUnit's XML: parsed as Jenkins parses it, with counts that add up."""

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from report_facts import FACTS, all_facts

from examples import examples
from migrate.model.text import visible
from migrate.report import junit
from migrate.report.machine.facts import Case, CaseState, Facts, Rows


def parsed(facts: Facts) -> list[tuple[str, str, str]]:
    """(class, name, state) of each case."""
    root = ElementTree.fromstring(junit.render(facts).encode())
    assert root.tag == "testsuites"
    found = []
    for suite in root:
        assert suite.tag == "testsuite"
        for name, tag in (("failures", "failure"), ("skipped", "skipped")):
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.attrib["tests"]) == len(suite)
        for case in suite:
            inner = {child.tag for child in case}
            assert inner <= {"failure", "skipped", "system-out"}
            state = (
                "failed" if "failure" in inner else "skipped" if "skipped" in inner else "passed"
            )
            found.append((case.attrib["classname"], case.attrib["name"], state))
    assert int(root.attrib["tests"]) == len(found)
    assert int(root.attrib["failures"]) == sum(state == "failed" for _, _, state in found)
    return found


@pytest.mark.parametrize("name", all_facts())
def test_a_case_for_each(name: str) -> None:
    facts = all_facts()[name]
    wanted = [(visible(c.group), visible(c.name), c.state.value) for c in facts.cases]
    assert sorted(parsed(facts)) == sorted(wanted)


@settings(max_examples=examples(100))
@given(FACTS)
def test_whatever_a_text_holds_it_parses(facts: Facts) -> None:
    assert len(parsed(facts)) == len(facts.cases)


def test_nothing_is_a_case_that_passes() -> None:
    facts = Facts("diff", (), (), Rows((), ()), ())
    assert parsed(facts) == [("migrate.result", "diff", "passed")]


def test_nodes_fail_while_they_are_on_tcp() -> None:
    found = {name: state for group, name, state in parsed(all_facts()["scan"]) if "nodes" in group}
    assert found["by-name"] == "failed"
    assert set(found.values()) == {"failed", "passed", "skipped"}


def test_a_step_has_its_seconds() -> None:
    case = Case("migrate.run.nodes", "a", CaseState.PASSED, seconds=1.5)
    text = junit.render(Facts("run", (), (case,), Rows((), ()), ()))
    assert ElementTree.fromstring(text.encode())[0][0].get("time") == "1.500"
