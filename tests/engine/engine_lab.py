"""A small installation for tests of the engine, with commands in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forked import run_migrate

from migrate.engine.record.folder import last_run
from migrate.engine.record.journal import read_journal
from migrate.engine.record.state import derive
from migrate.model.records import Record
from migrate.model.run import Run, RunStep
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, NodeSpec, Scenario

SCALE = 0.03
SMALL = Scenario(
    "small",
    "three nodes that the tool moves by itself",
    (
        NodeSpec("a-1"),
        NodeSpec("b-2", tunnel="{edge}"),
        NodeSpec("c-3", agent=AgentSpec(jar_version=OLDEST_JAR)),
    ),
)
FAST = ("--soak", "0", "--poll", "0.05")


@dataclass
class Lab:
    """One sandbox and one folder with plans."""

    sandbox: Sandbox
    folder: Path
    plan_name: str = "t"

    @property
    def plan(self) -> str:
        """The plan's folder, as a person types it."""
        return f"plans/{self.plan_name}"

    def environment(self, user: str = "admin", kube_user: str | None = None) -> dict[str, str]:
        """Of the sandbox, with nothing of the caller's own connection."""
        return {**os.environ, **self.sandbox.environment(user, kube_user=kube_user)}

    def start(
        self, *words: str, cwd: Path | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """A command that goes on by itself."""
        return subprocess.Popen(
            [sys.executable, "-m", "migrate", *words],
            cwd=cwd or self.folder,
            env=environment or self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(
        self, *words: str, cwd: Path | None = None, environment: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """A command to its end: (exit code, all that it printed)."""
        done = run_migrate(
            words,
            cwd=cwd or self.folder,
            environment=environment or self.environment(),
            timeout=120,
            together=True,
        )
        return done.returncode, done.stdout

    def make_plan(self, *words: str) -> None:
        """``migrate plan``; a canary, then the rest in one wave."""
        code, output = self.run(
            "plan", "--name", self.plan_name, "--probe-hold", "1", "--waves", "100%", *words
        )
        assert code == 0, output

    def apply(self, *words: str, **options: dict[str, str]) -> tuple[int, str]:
        """``migrate apply --yes``."""
        return self.run("apply", self.plan, "--yes", *FAST, *words, **options)  # type: ignore[arg-type]

    def records(self) -> tuple[Record, ...]:
        """The newest run's journal."""
        newest = last_run(self.folder / self.plan)
        return read_journal(newest.journal_path) if newest else ()

    def state(self) -> Run:
        """The newest run."""
        return derive(self.records(), "run", alive=False)

    def step(self, node: str) -> RunStep:
        """A node's step in the newest run."""
        return next(s for s in self.state().steps if s.id == f"node/{node}")

    def transport(self, node: str) -> str:
        """What the controller's own log says; empty when it is not connected."""
        if not self.sandbox.jenkins.is_online(node):
            return ""
        prefix = "Communication Protocol: "
        lines = self.sandbox.jenkins.agent_log(node).splitlines()
        return next((li.removeprefix(prefix) for li in lines if li.startswith(prefix)), "")

    def wait_for(self, true: Callable[[], bool], what: str, seconds: float = 40.0) -> None:
        """Until it is true."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"never: {what}"
            time.sleep(0.02)

    def wait_journal(self, kind: str, *, step: str = "", action: str = "", text: str = "") -> None:
        """Until the newest journal has such a record."""

        def there() -> bool:
            return any(
                r.kind == kind
                and (not step or r.step == step)
                and (not action or r.action == action)
                and text in getattr(r.entry, "text", "")
                for r in self.records()
            )

        self.wait_for(there, f"{kind} {step} {action} {text}")


@contextmanager
def installed(
    folder: Path, *faults: str, scenario: Scenario = SMALL, plan: tuple[str, ...] = ()
) -> Iterator[Lab]:
    """A sandbox with a plan for it."""
    with Sandbox(
        folder / "home", scenario=scenario, time_scale=SCALE, faults=frozenset(faults)
    ) as sandbox:
        lab = Lab(sandbox, folder)
        lab.make_plan("--verify-timeout", "20", *plan)
        yield lab


def interrupt(process: subprocess.Popen[str], times: int = 1) -> tuple[int, str]:
    """Ctrl-C, and again; (exit code, output)."""
    for number in range(times):
        if number:
            time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=90)
    return process.returncode, output
