"""Exit codes and the one error type that reaches the user."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to its caller. Documented in docs/commands.md."""

    OK = 0
    FAILED = 1
    USAGE = 2
    BLOCKED = 3
    """Blocked, nothing changed."""
    PARTIAL = 4
    """Stopped part-way, resumable."""
    DRIFT = 5
    """The target is not as planned; nothing changed."""
    LOCKED = 6
    PUT_BACK = 7
    """Failed, and everything this run changed was put back."""
    PENDING = 10
    """Changes or findings are pending (only with ``--exit-code``)."""
    CANCELLED = 130


class MigrateError(Exception):
    """A failure that a person can act on: its cause, and the next command to run.

    ``cause`` is one sentence without a secret in it. ``next_command`` is what
    the user should type (or do) next. Adapters subclass it, so that callers can
    catch one layer's failures; the CLI prints it and exits with ``exit_code``.
    """

    exit_code: ExitCode = ExitCode.FAILED
    transient: bool = False
    """Whether the same call may well succeed a little later (no connection, 502, 503)."""

    def __init__(
        self, cause: str, *, next_command: str = "migrate doctor", exit_code: ExitCode | None = None
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.next_command = next_command
        if exit_code is not None:
            self.exit_code = exit_code


class UsageProblem(MigrateError):
    """Bad usage or unreadable input."""

    exit_code = ExitCode.USAGE


class Blocked(MigrateError):
    """Something must be put right first; nothing was changed."""

    exit_code = ExitCode.BLOCKED
