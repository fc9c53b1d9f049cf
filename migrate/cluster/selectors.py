"""Label selectors, as Services and NetworkPolicies use them. Pure."""

from collections.abc import Mapping
from typing import Any


def selects(selector: Mapping[str, str] | None, labels: Mapping[str, str]) -> bool:
    """A Service's selector: all pairs are there. An empty one selects nothing."""
    return bool(selector) and all(labels.get(k) == v for k, v in (selector or {}).items())


def matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """A LabelSelector. An empty one matches everything; an operator not known, nothing."""
    wanted = selector or {}
    pairs = wanted.get("matchLabels") or {}
    if any(labels.get(k) != v for k, v in pairs.items()):
        return False
    return all(_holds(rule, labels) for rule in wanted.get("matchExpressions") or [])


def _holds(rule: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = str(rule.get("key", "")), rule.get("values") or []
    match rule.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
