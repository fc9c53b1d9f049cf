"""A run on the terminal: one line a node with its phase, a total, time left; plain lines elsewhere.

Finished nodes scroll away as plain lines, so that the live part stays as small as the
number of nodes in hand, whatever the size of the fleet.
"""

import textwrap
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from migrate.cli.console import say
from migrate.model.known_secrets import known
from migrate.model.names import EventKind
from migrate.model.plan import NODE_STEPS
from migrate.model.plan_steps import PlanStep
from migrate.model.run import StepState
from migrate.model.text import visible, visible_lines
from migrate.steps.base import Event

ENDS = {str(state) for state in StepState} - {"running"}
LOUD = {
    str(StepState.STUCK): "!!",
    str(StepState.FAILED): "x ",
    str(StepState.PUT_BACK): "<-",
    str(StepState.DRIFTED): "? ",
    str(StepState.BLOCKED): "- ",
    str(StepState.MANUAL): "> ",
    str(StepState.PENDING): "- ",
    str(StepState.DONE): "ok",
    str(StepState.NOTHING): "ok",
    str(StepState.ROLLED_BACK): "<-",
}


class Progress:
    """Takes the engine's events; thread-safe."""

    def __init__(self, steps: tuple[PlanStep, ...], *, animated: bool, quiet: bool) -> None:
        self._titles = {step.id: step.subject for step in steps}
        moves = [step for step in steps if step.kind in NODE_STEPS]
        self._total, self._moves = len(moves), {s.id for s in moves}
        self._ended: set[str] = set()
        self._durations: list[float] = []
        self._running: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._animated, self._quiet = animated, quiet
        self._live: Any = None
        self._start = time.monotonic()

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Show the live part while the body runs."""
        if not self._animated or self._quiet:
            yield
            return
        self._go_live()
        try:
            yield
        finally:
            self._stop_live()

    def only(self, steps: Iterable[PlanStep]) -> None:
        """Count these alone: what an earlier execution did is not left to do."""
        self._moves &= {step.id for step in steps}
        self._total = len(self._moves)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Without the live part, which would paint over a question and its answer."""
        shown = self._stop_live()
        try:
            yield
        finally:
            if shown:
                self._go_live()

    def _go_live(self) -> None:
        from rich.console import Console
        from rich.live import Live

        live = Live(console=Console(stderr=True), refresh_per_second=8, transient=True)
        live.start()
        with self._lock:
            self._live = live
            self._show()

    def _stop_live(self) -> bool:
        """Whether it was shown."""
        with self._lock:
            live, self._live = self._live, None
        if live is not None:
            with suppress(OSError):
                live.stop()
        return live is not None

    def __call__(self, event: Event) -> None:
        """One event of the engine."""
        # A terminal that went away (its SSH session ended) never stops or fails a node.
        with self._lock, suppress(OSError):
            self._take(event)
            self._show()

    def note(self, text: str) -> None:
        """A line that stays."""
        self(Event(EventKind.NOTE, message=text))

    def _show(self) -> None:
        with suppress(OSError):
            if self._live is not None:
                self._live.update(self._table())

    def _take(self, event: Event) -> None:
        name = visible(self._titles.get(event.step, event.step))
        if event.kind is EventKind.STEP and event.phase in ENDS:
            self._end(event, name)
        elif event.kind is EventKind.STEP:
            self._running[event.step] = (event.phase, time.monotonic())
        elif event.kind is EventKind.PHASE:
            since = self._running.get(event.step, ("", time.monotonic()))[1]
            told = f"{event.phase}: {event.message}" if event.message else event.phase
            if self._running.get(event.step, ("",))[0] == told:
                return
            self._running[event.step] = (told, since)
            self._print(f"   {name}: {visible(told)}", only_plain=True)
        elif event.kind in (EventKind.STAGE, EventKind.WAVE):
            mark = "==" if event.kind is EventKind.STAGE else "--"
            self._print(f"{mark} {event.kind} {event.phase}: {visible(event.message)}")
        else:
            loud = "!!" if event.kind is EventKind.GATE else "  "
            self._print(f"{loud} {visible(event.message)}")

    def _end(self, event: Event, name: str) -> None:
        since = self._running.pop(event.step, ("", time.monotonic()))[1]
        if event.step in self._moves and event.phase != str(StepState.PENDING):
            self._ended.add(event.step)
            self._durations.append(time.monotonic() - since)
        told = f": {visible(event.message)}" if event.message else ""
        self._print(f"{LOUD[event.phase]} {name}: {event.phase}{told}")
        needs = visible_lines(event.needs)
        if event.phase == str(StepState.STUCK):
            self._print(f"!! A PERSON MUST ACT: {needs}", whole=True)
        elif event.phase == str(StepState.MANUAL) and needs:
            self._print("\n".join(f"     {line}" for line in needs.splitlines()), whole=True)

    def _print(self, text: str, *, only_plain: bool = False, whole: bool = False) -> None:
        """A line that stays; on a terminal it is broken between words, unless it must stay
        ``whole`` because a person copies from it.
        """
        if self._quiet or (only_plain and self._animated):
            return
        if self._live is None:
            say(text)
            return
        from rich.text import Text

        text = known().hide(text)
        console = self._live.console
        if not whole:
            text = textwrap.fill(
                text,
                max(console.width, 40),
                subsequent_indent="   ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        console.print(Text(text), soft_wrap=True)

    def _table(self) -> Any:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for step, (phase, since) in list(self._running.items()):
            name = visible(self._titles.get(step, step))
            table.add_row(
                Text(name, style="bold"), Text(visible(phase)), f"{time.monotonic() - since:.0f} s"
            )
        table.add_row(Text(self._summary(), style="dim"))
        return table

    def _summary(self) -> str:
        text = f"{len(self._ended)}/{self._total} nodes, {time.monotonic() - self._start:.0f} s"
        left = self._total - len(self._ended)
        if self._durations and left:
            each = sum(self._durations) / len(self._durations)
            side_by_side = max(1, len(self._running))
            text += f", about {each * left / side_by_side:.0f} s left"
        return text
