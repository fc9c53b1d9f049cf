"""How each connected inbound agent was started, asked on its own host.

Asked again while the controller or its edge is loaded or away, as ``apply`` does: an answer that
came too late says nothing about the agent.
"""

import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any, Protocol

from migrate.jenkins.errors import JenkinsError, Unreachable
from migrate.jenkins.launch import launch_from
from migrate.jenkins.reading import Progress, silent
from migrate.model.inventory import Launch, LauncherKind, Node, Skip
from migrate.scan.sluice import Sluice
from migrate.scan.unread import CONNECT, why_unread

THREADS = 24
"""A first call on a channel takes 2 to 4 s (facts E), nearly all of it waiting."""
PER_AGENT = 180.0
"""Seconds for one agent, all its tries together: a first script on an agent took more than 30 s
with eleven of them at once on two cores."""
SAY_SO = "or say it where you know it: migrate plan --launch 'PATTERN=jnlp-url'"
_AWAY_FOR = 300.0
"""Seconds without any answer at all after which no more is asked, as in ``apply``."""
_TOTAL = 10
"""Times ``PER_AGENT``: after that long, no more is asked."""
_LONGEST_WAIT = 15.0


class ScriptRunner(Protocol):
    """What of the controller is used here."""

    def script_obstacle(self) -> tuple[str, str] | None:
        """(reason, what would be needed) where the script console can't be used; else None."""

    def run_script(
        self,
        script: str,
        arguments: Mapping[str, object],
        *,
        node: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Run one of the tool's own scripts."""


def discover_launches(
    controller: ScriptRunner,
    nodes: tuple[Node, ...],
    on_progress: Progress = silent,
    *,
    url: str = "",
    per_agent: float = PER_AGENT,
) -> tuple[tuple[Node, ...], tuple[Skip, ...]]:
    """``nodes`` with ``launch`` filled where it could be read, and a Skip for each other
    inbound node. The order of the nodes stays. ``url`` is where agents connect: a host that
    has settings of a forward proxy tries whether it opens without one.

    ``per_agent``: seconds for one agent, all tries together. In all it takes ten times that at
    most, or ends when nothing was answered for five minutes (or twice ``per_agent``).
    """
    inbound = [n for n in nodes if n.launcher is LauncherKind.INBOUND]
    if not inbound:
        return nodes, ()
    obstacle = controller.script_obstacle()
    if obstacle is not None:
        return nodes, tuple(_skip(node.name, *obstacle) for node in inbound)
    skips = {n.name: _skip(n.name, "its agent is not connected", CONNECT) for n in inbound}
    launches: dict[str, Launch] = {}
    asker = _Asker(controller, url, per_agent)
    asked = [n.name for n in inbound if n.online]
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        waiting = {pool.submit(asker.ask, name): name for name in asked}
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                name, answer = waiting[future], future.result()
                if isinstance(answer, Launch):
                    launches[name] = answer
                    del skips[name]
                else:
                    skips[name] = answer
                slow = " (slow: some are asked again)" if asker.again else ""
                on_progress(f"launches{slow}", done, len(waiting))
        except BaseException:
            asker.stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    found = tuple(replace(n, launch=launches.get(n.name, n.launch)) for n in nodes)
    return found, tuple(skips[node.name] for node in inbound if node.name in skips)


@dataclass
class _Spent:
    """What one agent has taken so far."""

    seconds: float = 0.0
    wait: float = 1.0
    failure: JenkinsError | None = None


class _Asker:
    """Asks agents, from many threads, and slows down together with what it asks."""

    def __init__(self, controller: ScriptRunner, url: str, per_agent: float) -> None:
        self.stop = threading.Event()
        self.again = False
        """Whether an agent had to be asked a second time."""
        self._controller = controller
        self._arguments = {"url": url}
        self._per_agent = per_agent
        self._sluice = Sluice(THREADS)
        self._began = self._answered = time.monotonic()

    def ask(self, name: str) -> Launch | Skip:
        """The launch, or why it could not be read."""
        spent = _Spent()
        while True:
            over = self._over()
            if over:
                return self._gave_up(name, spent.failure) if spent.failure else _skip(name, *over)
            try:
                return self._once(name, spent)
            except JenkinsError as error:
                spent.failure = error
            if not spent.failure.transient or spent.seconds + spent.wait >= self._per_agent:
                return self._gave_up(name, spent.failure)
            self.again = True
            pause = spent.wait * random.uniform(0.5, 1.0)  # noqa: S311 - not all at once
            self.stop.wait(pause)
            spent.seconds += pause
            spent.wait = min(2 * spent.wait, _LONGEST_WAIT)

    def _once(self, name: str, spent: _Spent) -> Launch:
        with self._sluice.place() as began:
            left = max(0.1, self._per_agent - spent.seconds)
            try:
                result = self._controller.run_script(
                    "describe-launch", self._arguments, node=name, timeout=left
                )
            except Unreachable as error:
                late = error.late or error.status == 504
                (self._sluice.late if late else self._sluice.refused)(began)
                raise
            except JenkinsError:
                # Jenkins answered, in time.
                self._answered = time.monotonic()
                raise
            finally:
                spent.seconds += time.monotonic() - began
            self._answered = time.monotonic()
            self._sluice.answered(began)
        return launch_from(result)

    def _over(self) -> tuple[str, str] | None:
        """Why no more is asked; None: go on."""
        now = time.monotonic()
        longest = _TOTAL * self._per_agent
        silent_for = max(_AWAY_FOR, 2 * self._per_agent)
        if now - self._began > longest:
            told = f"reading how agents were started took more than {longest:.0f} s in all"
        elif now - self._answered > silent_for:
            told = f"no agent at all had answered for {silent_for:.0f} s"
        elif self.stop.is_set():
            told = "the scan was stopped"
        else:
            return None
        return f"it was not asked: {told}", "a time with less load, or more: --launch-timeout"

    def _gave_up(self, name: str, error: JenkinsError) -> Skip:
        reason, needed = why_unread(error, self._per_agent)
        if error.transient:
            needed += f", or more time: --launch-timeout {max(2 * self._per_agent, 1):.0f}"
        return _skip(name, reason, needed)


def _skip(name: str, reason: str, needed: str) -> Skip:
    return Skip(f"node {name}", "launch", reason, f"{needed}; {SAY_SO}")
