"""Waiting out a controller or an API server that is away for a while."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_fixed

from migrate.model.errors import MigrateError
from migrate.model.names import EventKind
from migrate.steps.base import Context, Event

T = TypeVar("T")

AWAY_FOR = 300.0
"""Seconds that a controller may be away (a restart) before a step gives up."""


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, MigrateError) and error.transient


def patiently(ctx: Context, call: Callable[[], T], *, away_for: float = AWAY_FOR) -> T:
    """Call again while the other side is away, for ``away_for`` seconds of ``ctx.clock`` since the
    first answer that said so. Only for calls that are safe to repeat."""
    since: list[float] = []

    def long_enough(state: RetryCallState) -> bool:
        del state
        now = ctx.clock.monotonic()
        since.append(now)
        return now - since[0] >= away_for

    def tell_once(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if state.attempt_number == 1 and isinstance(error, MigrateError):
            told = f"{error.cause}; tried again for up to {away_for:.0f} s"
            ctx.emit(Event(EventKind.NOTE, message=told))

    retrying = Retrying(
        retry=retry_if_exception(_is_transient),
        before_sleep=tell_once,
        stop=long_enough,
        wait=wait_fixed(ctx.settings.poll),
        sleep=ctx.clock.sleep,
        reraise=True,
    )
    return retrying(call)
