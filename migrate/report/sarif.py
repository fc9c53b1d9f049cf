"""SARIF 2.1.0, as GitHub's code scanning takes it.

Facts: OASIS SARIF 2.1.0 (3.11.5 and 3.11.6: what braces and brackets mean in a message), and
GitHub's "SARIF support for code scanning" (a location is needed; primaryLocationLineHash keeps an
alert the same from one upload to the next).
"""

import hashlib
import re
from urllib.parse import quote

from migrate import __version__
from migrate.model.finding import Severity
from migrate.model.serialize import to_json
from migrate.model.text import json_visible, visible
from migrate.report.machine.facts import Facts, Remark
from migrate.rules.registry import by_id
from migrate.rules.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.BLOCKER: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
LIVE = "live"
"""The folder, which no checkout has, of results that are about no file."""


def render(facts: Facts) -> str:
    """One log with one run."""
    ids = tuple(dict.fromkeys(remark.rule for remark in facts.remarks))
    seen: dict[str, int] = {}
    results = []
    for remark in facts.remarks:
        print_ = _fingerprint(remark)
        # The same twice in one file: numbered, or the second would close the first's alert.
        seen[print_] = seen.get(print_, 0) + 1
        results.append(_result(remark, ids.index(remark.rule), f"{print_}:{seen[print_]}"))
    driver = {
        "name": "migrate",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_descriptor(rule, facts.remarks) for rule in ids],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"migrate/{quote(visible(facts.about), safe='/')}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json_visible(to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))


def message(text: str) -> str:
    """Text of a message in which nothing is a placeholder or a link."""
    text = visible(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _result(remark: Remark, index: int, print_: str) -> dict[str, object]:
    told = f"{remark.message.rstrip('.')}. Fix: {remark.fix}" if remark.fix else remark.message
    prints = {"migrate/v1": print_}
    path = remark.file
    if not path:
        path = f"{LIVE}/{remark.subject}"
        prints["primaryLocationLineHash"] = print_
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": max(remark.line, 1)},
        }
    }
    if not remark.file:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(remark.subject)}]
    return {
        "ruleId": visible(remark.rule),
        "ruleIndex": index,
        "level": LEVELS[remark.severity],
        "message": {"text": message(told) or "-"},
        "locations": [location],
        "partialFingerprints": prints,
    }


def _uri(path: str) -> str:
    """A relative reference that stays below its base: no scheme, no ``..``."""
    parts = [quote(visible(part), safe="") for part in path.split("/") if part not in ("", ".")]
    return "/".join("%2E%2E" if part == ".." else part for part in parts)


def _fingerprint(remark: Remark) -> str:
    # Without the line, which moves when another line is added above.
    parts = (remark.rule, remark.file, remark.subject, remark.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _descriptor(rule_id: str, remarks: tuple[Remark, ...]) -> dict[str, object]:
    rule = by_id(rule_id)
    if rule is not None:
        return _page(rule)
    first = next(remark for remark in remarks if remark.rule == rule_id)
    title = _TITLES.get(rule_id.partition(".")[0], "What migrate found")
    return {
        "id": visible(rule_id),
        "shortDescription": {"text": message(f"{title}: {rule_id.partition('.')[2] or rule_id}")},
        "defaultConfiguration": {"level": LEVELS[first.severity]},
    }


_TITLES = {
    "source": "A file that keeps agents on the fixed TCP port",
    "run": "A step of a run that waits for a person",
    "rehearsal": "A step that a run would not do as it is",
    "node": "A node's agent",
    "way": "A way in to the agent port",
    "diff": "Not as it was",
}


def _page(rule: Rule) -> dict[str, object]:
    text = "\n\n".join((rule.meaning, f"Why: {rule.why}", f"Fix: {rule.fix}"))
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": message(rule.title)},
        "fullDescription": {"text": message(rule.meaning)},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }
