"""Who owns a node: rules first, then the label, then the description."""

import pytest

from migrate.model.inventory import LauncherKind, Node
from migrate.model.owners import NOBODY, OwnerRule, Owners


def node(name: str = "a", labels: tuple[str, ...] = (), description: str = "") -> Node:
    return Node(
        name, LauncherKind.INBOUND, "hudson.slaves.JNLPLauncher",
        labels=labels, description=description,
    )  # fmt: skip


RULES = (
    OwnerRule("mobile", nodes=("mac-*",), labels=("xcode*",), contact="#mobile"),
    OwnerRule("data", descriptions=("cost centre 4711",)),
)
OWNERS = Owners(RULES, "team-*", "owner: *")


@pytest.mark.parametrize(
    ("made", "owner"),
    [
        (node("mac-1", ("team-web",)), "mobile"),
        (node(labels=("linux", "xcode15")), "mobile"),
        (node(description="rack 3\ncost centre 4711, basement"), "data"),
        (node(labels=("linux", "team-web")), "web"),
        (node(description="Owner: Jane Doe, ext. 12"), "Jane Doe"),
        (node(description="x\nowner: ops\ny"), "ops"),
        (node(description="owner: "), NOBODY),
        (node(labels=("team-",)), NOBODY),
        (node(), NOBODY),
        (node("[a]"), NOBODY),
    ],
)
def test_the_owner(made: Node, owner: str) -> None:
    assert OWNERS.owner_of(made) == owner


def test_contact_and_whether_anything_was_given() -> None:
    assert OWNERS.contact_of("mobile") == "#mobile"
    assert OWNERS.contact_of("web") == ""
    assert OWNERS.given
    assert not Owners().given


def test_a_pattern_is_no_expression() -> None:
    assert Owners(label="(team)-*").owner_of(node(labels=("(team)-x",))) == "x"
    assert Owners(label="(team)-*").owner_of(node(labels=("team-x",))) == NOBODY
