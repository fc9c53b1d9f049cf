"""SARIF: what its 2.1.0 schema and GitHub's code scanning want, and nothing that a name can add."""

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from report_facts import FACTS, all_facts

from examples import examples
from migrate.model.finding import Severity
from migrate.model.text import visible
from migrate.report import sarif
from migrate.report.machine.facts import Facts, Remark, Rows

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id", "shortDescription", "defaultConfiguration"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "pattern": "^[A-Za-z0-9]+$"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"properties": {"level": LEVEL}},
    },
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "minLength": 1}},
                },
                "region": {"properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        },
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
ESSENTIALS = Draft202012Validator(
    {
        "type": "object",
        "required": ["$schema", "version", "runs"],
        "additionalProperties": False,
        "properties": {
            "$schema": {"pattern": "sarif-2.1.0"},
            "version": {"const": "2.1.0"},
            "runs": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1,
                "items": {
                    "required": ["tool", "results"],
                    "additionalProperties": False,
                    "properties": {
                        "tool": {
                            "required": ["driver"],
                            "properties": {
                                "driver": {
                                    "required": ["name", "rules"],
                                    "properties": {
                                        "rules": {
                                            "type": "array",
                                            "uniqueItems": True,
                                            "items": RULE,
                                        }
                                    },
                                }
                            },
                        },
                        "automationDetails": {"required": ["id"]},
                        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                        "results": {"type": "array", "items": RESULT},
                    },
                },
            },
        },
    }
)


def fits(facts: Facts) -> Any:
    """The one run of the log, which has all that is wanted."""
    log = json.loads(sarif.render(facts))
    ESSENTIALS.validate(log)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        parts = urlsplit(uri)
        assert not (parts.scheme or parts.netloc or parts.query or parts.fragment)
        assert not uri.startswith("/")
        assert ".." not in uri.split("/")
    prints = [result["partialFingerprints"]["migrate/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    return run


def one(remark: Remark) -> Any:
    return fits(Facts("scan/x", (remark,), (), Rows((), ()), ()))["results"][0]


@pytest.mark.parametrize("name", all_facts())
def test_each_report_fits(name: str) -> None:
    facts = all_facts()[name]
    assert len(fits(facts)["results"]) == len(facts.remarks)


@settings(max_examples=examples(100))
@given(FACTS)
def test_whatever_a_text_holds_it_fits(facts: Facts) -> None:
    fits(facts)


def test_a_name_makes_no_link_and_no_placeholder() -> None:
    told = one(Remark("M003", Severity.INFO, "x", "[click](http://evil) {0} \\ a"))
    text = told["message"]["text"]
    assert text == r"\[click\](http://evil) {{0}} \\ a"
    assert not re.search(r"(?<!\\)\[", text)


def test_a_file_stands_at_its_line_and_keeps_its_fingerprint_when_it_moves() -> None:
    here = one(Remark("source.launch", Severity.WARNING, "a b/c.sh", "m", "", "a b/c.sh", 12))
    there = one(Remark("source.launch", Severity.WARNING, "a b/c.sh", "m", "", "a b/c.sh", 14))
    place = here["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "a b/c.sh"
    assert place["region"] == {"startLine": 12}
    assert here["partialFingerprints"] == there["partialFingerprints"]
    # Of a file in the checkout the uploader makes this one, from its lines.
    assert "primaryLocationLineHash" not in here["partialFingerprints"]


def test_what_is_live_is_named_and_keeps_its_alert() -> None:
    told = one(Remark("M003", Severity.BLOCKER, "node a\x1bb", "m"))
    assert told["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == visible(
        "node a\x1bb"
    )
    assert told["partialFingerprints"]["primaryLocationLineHash"]
    assert told["level"] == "error"


def test_the_same_twice_are_two_alerts() -> None:
    remark = Remark("M003", Severity.INFO, "edge", "m")
    fits(Facts("scan/x", (remark, remark), (), Rows((), ()), ()))
