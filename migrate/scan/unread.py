"""Why something of the controller could not be read, and what would be needed."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential_jitter

from migrate.jenkins.errors import (
    AuthFailed,
    Forbidden,
    JenkinsError,
    NodeGone,
    NodeOffline,
    ScriptFailed,
    Unreachable,
)

T = TypeVar("T")

ADMINISTER = "Overall/Administer"
CONNECT = "the agent connected"

_BY_STATUS = {
    502: (
        "what stands in front of Jenkins got no proper answer from it (502)",
        "Jenkins reached again from what stands in front of it",
    ),
    503: (
        "Jenkins, or what stands in front of it, could not take the question (503)",
        "a time with less load, or Jenkins done with starting",
    ),
    504: (
        "the answer came too late for what stands in front of Jenkins (504)",
        "a longer read timeout there, or a time with less load",
    ),
}


def why_unread(error: JenkinsError, seconds: float) -> tuple[str, str]:
    """(reason, what would be needed). Worded alike for all nodes, so that a report can show a
    thousand of them as one. ``seconds``: how long an answer was waited for.

    A right is named only where Jenkins itself said that it lacks.
    """
    if isinstance(error, Unreachable):
        if error.status in _BY_STATUS:
            return _BY_STATUS[error.status]
        if error.late:
            return f"no answer within {seconds:.0f} s", "a time with less load"
        return error.cause, "a connection to the controller"
    if isinstance(error, Forbidden):
        needed = error.permission or ADMINISTER
        return f"the user lacks {needed}", needed
    if isinstance(error, AuthFailed):
        return error.cause, "a user and token that Jenkins takes"
    if isinstance(error, NodeOffline):
        return "its agent is not connected", CONNECT
    if isinstance(error, NodeGone):
        return "the controller has no such node any more", "another scan"
    if isinstance(error, ScriptFailed):
        return error.cause, "a look at its host"
    return error.cause, "a look at what answered"


def again_while_away(call: Callable[[], T], *, away_for: float = 60.0) -> T:
    """Call again while the controller or its edge is away or late, for ``away_for`` seconds. Only
    for calls that read."""
    retrying = Retrying(
        retry=retry_if_exception(lambda e: isinstance(e, JenkinsError) and e.transient),
        stop=stop_after_delay(away_for),
        wait=wait_exponential_jitter(initial=1, max=10),
        reraise=True,
    )
    return retrying(call)
