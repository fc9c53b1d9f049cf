"""Who owns a machine: the administrator of a controller mostly does not."""

import re
from dataclasses import dataclass
from fnmatch import translate

from migrate.model.inventory import Node
from migrate.model.patterns import matches

NOBODY = "nobody"
"""The owner of what no rule names."""


@dataclass(frozen=True)
class OwnerRule:
    """An owner's machines; any of the patterns is enough."""

    owner: str
    nodes: tuple[str, ...] = ()
    """Patterns of node names."""
    labels: tuple[str, ...] = ()
    """Patterns of labels."""
    descriptions: tuple[str, ...] = ()
    """Patterns that stand anywhere in the description."""
    contact: str = ""
    """Where they are written to: an address, a channel."""


@dataclass(frozen=True)
class Owners:
    """How owners are told. Rules come first, in their order; then the label, then the
    description."""

    rules: tuple[OwnerRule, ...] = ()
    label: str = ""
    """A pattern such as ``team-*``: the owner is what ``*`` stands for."""
    description: str = ""
    """The same, anywhere in the description, to the end of its line or the next comma or
    semicolon: ``owner: *``."""
    default: str = NOBODY

    def owner_of(self, node: Node) -> str:
        """The owner of a node; ``default`` where nothing tells."""
        for rule in self.rules:
            if _of(rule, node):
                return rule.owner
        if self.label:
            for label in node.labels:
                found = _star(self.label, "(.+)").fullmatch(label)
                if found:
                    return found[1].strip() or self.default
        if self.description:
            found = _star(self.description, r"([^\n,;]+)").search(node.description)
            if found and found[1].strip():
                return found[1].strip()
        return self.default

    def contact_of(self, owner: str) -> str:
        """Where an owner is written to; empty where no rule says."""
        return next((r.contact for r in self.rules if r.owner == owner and r.contact), "")

    @property
    def given(self) -> bool:
        """Whether anything tells owners apart."""
        return bool(self.rules or self.label or self.description)


def _of(rule: OwnerRule, node: Node) -> bool:
    return (
        any(matches(node.name, pattern) for pattern in rule.nodes)
        or any(matches(label, pattern) for pattern in rule.labels for label in node.labels)
        or any(
            re.search(translate(f"*{pattern}*"), node.description) for pattern in rule.descriptions
        )
    )


def _star(pattern: str, owner: str) -> re.Pattern[str]:
    """The pattern with its first ``*`` as the owner."""
    before, _, after = pattern.partition("*")
    return re.compile(re.escape(before) + owner + re.escape(after), re.IGNORECASE)
