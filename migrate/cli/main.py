"""The ``migrate`` command: wires the commands together and turns failures into exit codes."""

import os
import sys
import tempfile
import traceback
from pathlib import Path

import typer

from migrate import __version__
from migrate.cli import (
    apply,
    control,
    doctor,
    explain,
    plan,
    report,
    rollback,
    sandbox,
    scan,
    show,
    status,
    verify,
)
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.secrets import mask

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

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"migrate {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    del version


app.command("doctor")(doctor.doctor)
app.command("scan")(scan.scan)
app.command("plan")(plan.plan)
app.command("show")(show.show)
app.command("apply")(apply.apply)
app.command("status")(status.status)
app.command("pause")(control.pause)
app.command("continue")(control.go_on)
app.command("verify")(verify.verify)
app.command("rollback")(rollback.rollback)
app.command("mark")(control.mark)
app.command("unlock")(control.unlock)
app.command("explain")(explain.explain)
app.command("report")(report.report)
app.add_typer(sandbox.app, name="sandbox")


def run() -> None:
    """Console script: run, and end with an exit code of docs/commands.md; never a traceback."""
    try:
        app(standalone_mode=True)
    except MigrateError as error:
        typer.echo(f"migrate: {mask(error.cause)}", err=True)
        typer.echo(f"next: {error.next_command}", err=True)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        typer.echo("migrate: cancelled", err=True)
        typer.echo("next: migrate status", err=True)
        sys.exit(int(ExitCode.CANCELLED))
    except BrokenPipeError:
        # The reader of a pipe (head, less) is gone: that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(ExitCode.OK))
    except Exception as error:
        sys.exit(_unexpected(error))


def _unexpected(error: Exception) -> int:
    """A fault of ours: the masked traceback goes to a file, a sentence to the terminal."""
    fd, name = tempfile.mkstemp(prefix="migrate-crash-", suffix=".txt")
    with os.fdopen(fd, "w") as file:
        file.write(mask(traceback.format_exc()))
    typer.echo(f"migrate: internal error ({type(error).__name__}): {mask(str(error))}", err=True)
    typer.echo(f"next: report it with {Path(name)}, which holds the traceback", err=True)
    return int(ExitCode.FAILED)
