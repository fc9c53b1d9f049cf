"""The ``migrate`` command: wires the commands together and turns failures into exit codes."""

import os
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from migrate import __version__
from migrate.cli.console import say
from migrate.cli.old_names import modern
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.known_secrets import known
from migrate.model.secrets import mask
from migrate.model.text import visible

USAGE_ERROR = typer.BadParameter.__mro__[1]
"""UsageError, which typer has no public name for: unknown options, bad values, missing ones."""

HELP = """Move a Jenkins installation from the fixed TCP agent port to WebSocket, safely.

\b
The usual way:
  migrate doctor                      connect, list permissions, probe
  migrate scan                        what is there, and what stands in the way
  migrate plan --name NAME            write plans/NAME/
  migrate apply plans/NAME --dry-run  rehearse; changes nothing
  migrate apply plans/NAME            move the nodes, then close the port
  migrate rollback plans/NAME         back, from the journal

\b
Connection: JENKINS_URL, JENKINS_USER_ID, JENKINS_API_TOKEN, KUBECONFIG, or the
options of each command. `migrate sandbox up` starts an installation to try it on.
"""


class Commands(TyperGroup):
    """The commands; typer alone would end a Ctrl-C without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; ``MigrateError`` with exit code 130 for a Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise MigrateError(
                "cancelled", next_command="migrate status", exit_code=ExitCode.CANCELLED
            ) from None


@dataclass(frozen=True)
class Command:
    """One command, named before anything of it is loaded."""

    name: str
    short_help: str
    module: str
    """In migrate.cli."""
    function: str


COMMANDS = (
    Command("doctor", "Connect, list permissions, probe; changes nothing", "doctor", "doctor"),
    Command("scan", "What is there, and what stands in the way", "scan", "scan"),
    Command("plan", "Scan, and write plans/NAME/", "plan", "plan"),
    Command("show", "A plan, summary first", "show", "show"),
    Command("apply", "Run a plan, or rehearse it with --dry-run", "apply", "apply"),
    Command("status", "Where a run stands, also while it runs", "status", "status"),
    Command("pause", "Let a run wait before its next node", "control", "pause"),
    Command("continue", "End a pause", "control", "go_on"),
    Command("verify", "Is everything on WebSocket, and the port closed?", "verify", "verify"),
    Command("rollback", "Put back what a run did", "rollback", "rollback"),
    Command("purge", "Remove the backups of a run that is over", "purge", "purge"),
    Command("mark", "Tell the record what a person did by hand", "control", "mark"),
    Command("unlock", "Clear the lock of a run that died", "unlock", "unlock"),
    Command("explain", "A page of a finding, or why a node is moved so", "explain", "explain"),
    Command("report", "The record of a run, for a change ticket", "report", "report"),
    Command("diff", "What differs between two scans, or a plan and now", "diff", "diff"),
    Command("handover", "A folder for each owner of what is done by hand", "handover", "handover"),
    Command("trend", "How far the move has come, scan by scan", "trend", "trend"),
    Command("sandbox", "An installation to try everything on", "sandbox", "app"),
)
"""In the order of the help."""


def make_app(only: str | None = None) -> typer.Typer:
    """The commands. With ``only``, the others are there by name alone: most of the time that a
    command line takes to start goes into options that nobody asked for.
    """
    app = typer.Typer(
        cls=Commands,
        help=HELP,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for command in COMMANDS:
        if only is not None and command.name != only:
            app.command(command.name, short_help=command.short_help)(_not_loaded)
            continue
        module = import_module(f"migrate.cli.{command.module}")
        found = getattr(module, command.function)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=command.name, short_help=command.short_help)
        else:
            app.command(command.name, short_help=command.short_help)(found)
    return app


def _not_loaded() -> None:
    raise AssertionError("a command that was not asked for")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"migrate {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    del version


def run() -> None:
    """Console script: run, and end with an exit code of docs/commands.md; never a traceback."""
    # A terminal that lacks a sign gets its code instead of a failure.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())


def main() -> int:
    """Run the command of ``sys.argv``; returns the exit code after saying what went wrong."""
    _remember_environment()
    try:
        # Commands end by typer.Exit, which comes back here as their code.
        words = modern(sys.argv[1:])
        return int(_asked_for()(words, prog_name="migrate", standalone_mode=False) or 0)
    except MigrateError as error:
        return _problem(error.cause, error.next_command, error.exit_code)
    except typer.Abort:  # Ctrl-C or the end of input at a question
        return _problem("cancelled", "migrate status", ExitCode.CANCELLED)
    except Exception as error:
        return _usage(error) if isinstance(error, USAGE_ERROR) else _unexpected(error)


def _remember_environment() -> None:
    """Whatever fails from here on shows none of the secrets that this was started with."""

    known().remember(os.environ.get("JENKINS_API_TOKEN"), user=os.environ.get("JENKINS_USER_ID"))
    for name, value in os.environ.items():
        if name.lower().endswith("_proxy"):
            known().remember_url(value)


def _asked_for() -> typer.Typer:
    """The commands, with the one that the command line names; all of them for completion."""
    if "_MIGRATE_COMPLETE" in os.environ:
        return make_app()
    return make_app(next((word for word in sys.argv[1:] if not word.startswith("-")), ""))


def _problem(cause: str, next_command: str, code: ExitCode) -> int:

    say(f"migrate: {visible(mask(cause))}")
    say(f"next: {visible(mask(next_command))}")
    return int(code)


def _usage(error: Exception) -> int:
    """Wrong options or arguments: one sentence, and where the right ones are listed."""
    told: str = error.format_message()  # type: ignore[attr-defined]
    if "\n" in told:  # the help, for a command that needs a subcommand
        say(told)
        return int(ExitCode.USAGE)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "migrate"
    return _problem(told[:1].lower() + told[1:].rstrip("."), f"{command} --help", ExitCode.USAGE)


def _unexpected(error: Exception) -> int:
    """A fault of ours: the masked traceback goes to a file, a sentence to the terminal."""
    import tempfile

    try:
        fd, name = tempfile.mkstemp(prefix="migrate-crash-", suffix=".txt")
        with os.fdopen(fd, "w", errors="backslashreplace") as file:
            file.write(mask(traceback.format_exc()))
        where = f"report it with {name}, which holds the traceback"
    except OSError as full:
        where = f"report it (the traceback could not be kept: {full.strerror})"
    told = f"internal error ({type(error).__name__}): {mask(str(error))}"
    return _problem(told, where, ExitCode.FAILED)
