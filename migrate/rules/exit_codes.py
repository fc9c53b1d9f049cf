"""What each exit code means and what to do next; for ``migrate explain exit-N``."""

from migrate.model.errors import ExitCode

_TEXTS = {
    ExitCode.OK: (
        "Done, or nothing to do",
        "The command did what it was asked, and what it claims was read back. Next: "
        "`migrate status` or `migrate verify`.",
    ),
    ExitCode.FAILED: (
        "Failed",
        "Something failed and is not put back in full, or it was not a change at all (a report "
        "that could not be written, say). The message names the cause and the next command. After "
        "an apply: `migrate status` shows where it stands, `migrate rollback` puts it back.",
    ),
    ExitCode.USAGE: (
        "Bad usage or unreadable input",
        "A flag, a file or a plan could not be read. Nothing was changed. `migrate COMMAND "
        "--help` lists the flags; a plan that was edited by hand has to be made again with "
        "`migrate plan`.",
    ),
    ExitCode.BLOCKED: (
        "Blocked, nothing changed",
        "A blocker or a missing permission stands in the way. The message names it; `migrate "
        "explain ID` has its page. Put it right and run the same command again.",
    ),
    ExitCode.PARTIAL: (
        "Stopped part-way, resumable",
        "The run stopped at a manual step, at the failure budget, or because it was told to. What "
        "is done stays done. Do what the report's first lines say, then `migrate apply PLAN "
        "--resume`; or `migrate rollback`.",
    ),
    ExitCode.DRIFT: (
        "Drift, nothing changed",
        "A target is not as the plan saw it; the message says what changed. Make a new plan: "
        "`migrate plan`.",
    ),
    ExitCode.LOCKED: (
        "Locked by another run",
        "The message says who holds the lock, on which host and since when. Wait for that run, or "
        "clear the lock of a dead one with `migrate unlock`.",
    ),
    ExitCode.PUT_BACK: (
        "Failed, and put back",
        "The run failed and everything that it changed was put back and read again. Nothing is "
        "left to clean up. The report says why it failed.",
    ),
    ExitCode.PENDING: (
        "Changes or findings are pending",
        "Only with `--exit-code`: the command worked, and there is something to do.",
    ),
    ExitCode.CANCELLED: (
        "Cancelled",
        "Stopped by Ctrl-C or an answer of no. The run can be resumed: `migrate apply PLAN "
        "--resume`.",
    ),
}

PAGES: dict[str, tuple[str, str]] = {
    f"exit-{int(code)}": (f"Exit code {int(code)}: {title}", body)
    for code, (title, body) in _TEXTS.items()
}
"""``exit-N`` to (title, body)."""
