"""How a person stops a run from the keyboard."""

import signal
from typing import TYPE_CHECKING

from migrate.cli.console import say_at_once

if TYPE_CHECKING:
    from migrate.engine.clock import StopSignal


class Interruptible:
    """Ctrl-C, SIGTERM or a closed terminal: the first ends after the nodes in hand, the second at
    the next record."""

    def __init__(self, stop: "StopSignal") -> None:
        self._stop = stop
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a terminal that goes away is nothing to this process.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._asked)

    def _asked(self, number: int, frame: object) -> None:
        del frame
        again = self._stop.soft
        if again and number == signal.SIGHUP:
            # The terminal of a run that stops already is closed: that asks for nothing more.
            return
        self._stop.set()
        say_at_once(
            "Stopping at the next journal record."
            if again
            else "Finishing the nodes in hand; no other node starts. Again to stop sooner."
        )

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
