"""The file of --owners."""

from pathlib import Path

import pytest

from migrate.cli.owners import read_owners
from migrate.model.errors import UsageProblem
from migrate.model.owners import OwnerRule, Owners

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_example_is_understood() -> None:
    found = read_owners(EXAMPLES / "owners.yaml")
    assert found.rules[0] == OwnerRule(
        "mobile", ("mac-*", "ios-*"), ("xcode*",), (), "#mobile-builds"
    )
    assert (found.label, found.description) == ("team-*", "owner: *")
    assert found.default == "build infrastructure"


def test_options_win() -> None:
    assert read_owners(EXAMPLES / "owners.yaml", "own-*").label == "own-*"
    assert read_owners(None) == Owners()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "cannot read"),
        ("- a", "no mapping"),
        ("owner: x", "unknown keys: owner"),
        ("owners: x", "no list"),
        ("owners: [{nodes: a}]", "has no owner"),
        ("owners: [{owner: a}]", "has no nodes, labels or descriptions"),
        ("owners: [{owner: a, nodes: [1]}]", "no list of patterns"),
        ("owners: [{owner: a, nodes: x, who: y}]", "unknown keys: who"),
        ("label: 1", "no text"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "owners.yaml"
    file.write_text(text)
    with pytest.raises(UsageProblem, match=told):
        read_owners(file)


def test_a_pattern_needs_its_star() -> None:
    with pytest.raises(UsageProblem, match="has no"):
        read_owners(None, "team")
    with pytest.raises(UsageProblem, match="cannot read"):
        read_owners(Path("/nowhere/owners.yaml"))
