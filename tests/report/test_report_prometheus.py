"""Prometheus' text format, by its grammar (prometheus.io, "Exposition formats", 0.0.4)."""

import re

import pytest
from hypothesis import given, settings
from report_facts import FACTS, all_facts

from examples import examples
from migrate.model.text import visible
from migrate.report import prometheus
from migrate.report.machine.facts import Facts, Metric, Rows, Sample

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)\}})? (-?[0-9][^ ]*)")
VALUE = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')


def parsed(text: str) -> list[tuple[str, dict[str, str], float]]:
    """Samples; asserts the grammar, and that a name's lines stand together after HELP and TYPE."""
    assert text == "" or text.endswith("\n")
    found, name, seen = [], "", set()
    rows = iter(text.split("\n")[:-1])
    for row in rows:
        if row.startswith("# HELP "):
            name = row.split(" ")[2]
            assert name not in seen
            seen.add(name)
            assert next(rows) == f"# TYPE {name} gauge"
            continue
        match = SAMPLE.fullmatch(row)
        assert match, row
        assert match[1] == name
        labels = {key: _plain(value) for key, value in VALUE.findall(match[2] or "")}
        found.append((name, labels, float(match[3])))
    keys = [(name, tuple(sorted(labels.items()))) for name, labels, _ in found]
    assert len(set(keys)) == len(keys)
    return found


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)


@pytest.mark.parametrize("name", all_facts())
def test_each_report_is_in_the_grammar(name: str) -> None:
    found = parsed(prometheus.render(all_facts()[name]))
    assert all(name.startswith("migrate_") and "controller" in labels for name, labels, _ in found)
    assert found


@settings(max_examples=examples(100))
@given(FACTS)
def test_whatever_a_text_holds_it_is_a_label(facts: Facts) -> None:
    ((_, labels, value),) = parsed(prometheus.render(facts))
    sample = facts.metrics[0].samples[0]
    assert labels == {name: visible(text) for name, text in sample.labels.items()}
    assert value == sample.value


def test_a_metric_of_nothing_is_left_out() -> None:
    assert (
        prometheus.render(Facts("x", (), (), Rows((), ()), (Metric("migrate_x", "h", ()),))) == ""
    )


def test_how_many_are_on_tcp() -> None:
    found = parsed(prometheus.render(all_facts()["scan"]))
    on_tcp = [labels["node"] for name, labels, v in found if name == "migrate_node_on_tcp" and v]
    counted = {
        labels["transport"]: value
        for name, labels, value in found
        if name == "migrate_nodes" and labels["launcher"] == "inbound"
    }
    assert counted["tcp"] == len(on_tcp) > 0


def test_a_kind_without_any_is_told() -> None:
    facts = Facts("x", (), (), Rows((), ()), (Metric("migrate_x", "h", (Sample(0.0),)),))
    assert parsed(prometheus.render(facts)) == [("migrate_x", {}, 0.0)]
