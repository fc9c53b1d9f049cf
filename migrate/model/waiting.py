"""Saying that something outside stands still, while a call waits for its answer."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SAYS_AFTER = 5.0
"""Seconds without an answer after which it is said."""


class Standstill:
    """Watches the calls to one other side; safe to use from many threads.

    Many calls may wait at once: it is said once that nothing comes, and once that an answer came.
    """

    def __init__(self, who: str, tell: Callable[[str], None], says_after: float = SAYS_AFTER):
        self._who, self._tell, self._after = who, tell, says_after
        self._lock = threading.Lock()
        self._since: float | None = None
        """When the call began that was waited for when it was said; None: nothing was said."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around one call. Whatever ends it with an exception tells of itself."""
        begun = time.monotonic()
        timer = threading.Timer(self._after, self._late, (begun,))
        timer.daemon = True
        timer.start()
        try:
            yield
            self._answered()
        finally:
            timer.cancel()

    def _late(self, begun: float) -> None:
        with self._lock:
            if self._since is not None:
                return
            self._since = begun
        self._tell(f"{self._who} has not answered for {self._after:.0f} s: still waiting for it")

    def _answered(self) -> None:
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            self._tell(f"{self._who} answers again, after {time.monotonic() - since:.0f} s")


class Unwatched:
    """Says nothing."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around one call."""
        yield
