"""The real command line, in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from e2e_installation import Installation, until
from forked import run_migrate

PLAN = "plans/t"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that it said."""
        return self.out + self.err


class Cli:
    """``migrate`` against one installation, as one user."""

    def __init__(self, installation: Installation, user: str = "admin") -> None:
        self.installation = installation
        self.limit = 90 + 300 * installation.time_scale
        """Seconds that one command may take."""
        self.poll = f"{max(0.1, installation.time_scale):g}"
        self.folder = installation.work
        self.environment = {**os.environ, **installation.environment(user), "COLUMNS": "120"}
        root = str(Path(__file__).resolve().parents[2])
        self.environment["PYTHONPATH"] = root

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "migrate", *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self, process: subprocess.Popen[str]) -> Done:
        """Its end; no secret and no traceback may be in what it said."""
        try:
            out, err = process.communicate(timeout=self.limit)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{process.args!r} did not end:\n{out}\n{err}") from None
        return self._checked(Done(process.returncode, out, err))

    def _checked(self, done: Done) -> Done:
        assert "Traceback" not in done.text, done.text
        for token in self.installation.tokens.values():
            assert token not in done.text
        return done

    def run(self, *words: str, code: int | tuple[int, ...] = 0) -> Done:
        """A command to its end, which must be one of ``code``."""
        ran = run_migrate(words, cwd=self.folder, environment=self.environment, timeout=self.limit)
        done = self._checked(Done(ran.returncode, ran.stdout, ran.stderr))
        codes = (code,) if isinstance(code, int) else code
        assert done.code in codes, f"migrate {' '.join(words)}: {done.code}\n{done.text}"
        return done

    def plan(self, *words: str, name: str = "t", code: int | tuple[int, ...] = 0) -> Done:
        """``migrate plan`` with short waits."""
        waits = () if "--verify-timeout" in words else ("--verify-timeout", "60")
        hold = () if "--probe-hold" in words else ("--probe-hold", "1")
        return self.run("plan", "--name", name, *hold, *waits, *words, code=code)

    def apply_words(self, *words: str, plan: str = PLAN) -> tuple[str, ...]:
        """``apply`` with all that a person would be asked for."""
        asked = ("--yes", "--confirm", "localhost", "--soak", "0", "--poll", self.poll)
        return ("apply", plan, *asked, *words)

    def apply(self, *words: str, code: int | tuple[int, ...] = 0, plan: str = PLAN) -> Done:
        """``migrate apply`` to its end."""
        return self.run(*self.apply_words(*words, plan=plan), code=code)

    def rollback(self, *words: str, code: int | tuple[int, ...] = 0) -> Done:
        """``migrate rollback`` of the plan's last run."""
        return self.run("rollback", PLAN, "--yes", "--poll", self.poll, *words, code=code)

    def by_hand(self, node: str, action: str = "") -> None:
        """What a person does on that node's host: run the printed script, or its ``undo``."""
        script = self.folder / PLAN / "runbooks" / f"{node}.sh"
        done = subprocess.run(
            ["/bin/sh", str(script), *([action] if action else [])],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.limit,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        wanted = "JNLP4-connect" if action == "undo" else "WebSocket"
        until(lambda: self.installation.transport(node) == wanted)

    def journal(self) -> str:
        """The journal of the plan's newest run; empty before there is one."""
        found = sorted((self.folder / PLAN / "runs").glob("*/journal.jsonl"))
        return found[-1].read_text() if found else ""

    def until_journal(self, process: subprocess.Popen[str], text: str, times: int = 1) -> None:
        """Wait until the journal holds ``text`` that often; the command must still run."""
        deadline = time.monotonic() + self.limit
        while self.journal().count(text) < times:
            if process.poll() is not None:
                raise AssertionError(f"ended before {text!r}: {self.wait(process).text}")
            assert time.monotonic() < deadline, f"no {text!r} in the journal"
            time.sleep(0.01)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ctrl-C."""
    process.send_signal(signal.SIGINT)
