"""What a cause says over REST: from some version on as text for HTML."""

import re

from migrate.sandbox.jenkins.causes import USER, Cause
from migrate.sandbox.jenkins.changes import CAUSE_ESCAPED, CAUSE_PLAIN, REASON_ESCAPED
from migrate.sandbox.jenkins.state import Installation

_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;", "\n": "<br>"}


def escaped(text: str) -> str:
    """hudson.Util.escape."""
    named = "".join(_NAMED.get(char, char) for char in text)
    return re.sub(" +(?= )", lambda found: "&nbsp;" * len(found[0]), named)


def description(home: Installation, cause: Cause) -> str | None:
    """``toString`` of a cause."""
    if cause.description is None:
        return None
    return _person(home, cause, cause.description)


def reason(home: Installation, cause: Cause) -> str:
    """``offlineCauseReason``: what toString says, escaped once more."""
    said = _person(home, cause, cause.reason)
    return escaped(said) if home.has(REASON_ESCAPED) else said


def _person(home: Installation, cause: Cause, text: str) -> str:
    once = home.has(CAUSE_ESCAPED) and not home.has(CAUSE_PLAIN)
    return escaped(text) if once and cause.class_name == USER else text
