"""What code says of its sources can be looked up here: in docs/facts.md and tests/recordings."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDED = {path.stem for path in (ROOT / "tests" / "recordings").glob("jenkins-*/*.txt")}
PROXIES = {path.stem for path in (ROOT / "tests" / "recordings" / "nginx").glob("*.txt")}
_ID = r"[A-Z0]\.?\d+"
_FACTS = re.compile(rf"\bfacts\s+({_ID}(?:,\s+{_ID})*)")
_RECORDING = re.compile(r"(?<![\w/.-])\d\d-(?:[a-z*][\w.*-]*|(?=[,.;)\s]))")
_PROXY = re.compile(
    r"\brecordings?\s+((?:nginx/[\w-]+)(?:,\s+nginx/[\w-]+)*)|\bnginx/([\w-]+)\.txt"
)
_OUTSIDE = re.compile(r"shared/(?:facts|recordings|field|security|corpus|design)|\bdesign\.md")
_NO_RECORDING = {"50-migrate.conf", "10-limits.conf"}
"""Files of systemd, whose names look the same."""


def texts(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".groovy", ".sh", ".md", ".yaml", ".yml") and path != HERE:
                yield str(path.relative_to(ROOT)), path.read_text("utf-8", "replace")


HERE = Path(__file__)


def headed() -> list[str]:
    text = (ROOT / "docs" / "facts.md").read_text("utf-8")
    return re.findall(rf"(?m)^### ({_ID}) ", text)


def cited(text: str) -> set[str]:
    return {name for found in _FACTS.findall(text) for name in re.findall(_ID, found)}


def recorded(text: str) -> set[str]:
    return set(_RECORDING.findall(text)) - _NO_RECORDING


def proxies(text: str) -> set[str]:
    return {
        name
        for several, one in _PROXY.findall(text)
        for name in (re.findall(r"nginx/([\w-]+)", several) or [one])
    }


def is_recorded(name: str) -> bool:
    pattern = name.rstrip(".").removesuffix(".txt")
    return any(fnmatch(there, pattern) or there.startswith(pattern) for there in RECORDED)


def test_the_readers_see_what_is_cited() -> None:
    assert cited("(facts A5,\n    A8) and facts 0.6.") == {"A5", "A8", "0.6"}
    assert recorded("as 22-mark-*, 40-*; 06-, utf-16-be (24-create.txt).") == {
        "22-mark-*", "40-*", "06-", "24-create.txt",
    }  # fmt: skip
    assert proxies("(recordings nginx/good, nginx/sso-302-everywhere; nginx/bad.txt)") == {
        "good", "sso-302-everywhere", "bad",
    }  # fmt: skip
    assert not is_recorded("24-creature.txt")
    assert is_recorded("24-create.txt")


def test_every_fact_that_is_cited_is_in_the_list_and_the_other_way_round() -> None:
    facts = headed()
    assert len(set(facts)) == len(facts)
    by_fact = {name: where for where, text in texts("migrate", "tests") for name in cited(text)}
    assert {by_fact[name]: name for name in by_fact.keys() - set(facts)} == {}
    assert set(facts) - by_fact.keys() == set(), "nobody relies on these"


def test_every_fact_names_its_source() -> None:
    text = (ROOT / "docs" / "facts.md").read_text("utf-8")
    for part in re.split(r"(?m)^### ", text)[1:]:
        assert "\nSource: " in part, part.splitlines()[0]


@pytest.mark.parametrize("folder", ["migrate", "docs"])
def test_every_recording_that_is_cited_is_here(folder: str) -> None:
    found = {(where, name) for where, text in texts(folder) for name in recorded(text)}
    assert found
    assert {(where, name) for where, name in found if not is_recorded(name)} == set()


def test_every_recording_of_a_proxy_that_is_cited_is_here() -> None:
    found = {(where, name) for where, text in texts("migrate") for name in proxies(text)}
    assert found
    assert {(where, name) for where, name in found if name not in PROXIES} == set()


def test_no_citation_leads_out_of_the_project() -> None:
    folders = ("migrate", "tests", "docs", "examples", ".ci")
    outside = {where: hit[0] for where, text in texts(*folders) if (hit := _OUTSIDE.search(text))}
    assert outside == {}
