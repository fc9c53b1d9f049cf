"""Step kinds in this process, against an installation that was planned by the real command."""

from pathlib import Path
from typing import Any

from e2e_cli import PLAN, Cli

from migrate.cli.connect import connection
from migrate.cli.session import Session, open_session
from migrate.engine.record.folder import StepJournal
from migrate.engine.record.journal import Journal
from migrate.model.plan_steps import PlanStep
from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, HostSpec, NodeSpec
from migrate.steps.base import RunSettings

OLD_MAIN = AgentSpec(
    launch="jnlp-main", jar_version=OLDEST_JAR, held="script", secret_in_clear=True
)
ENV_FILE = AgentSpec(
    launch="url-name", jar_version="3206.vb_15dcf73f6a_9", held="env-file", secret_in_clear=True
)
IN_CLEAR = AgentSpec(
    launch="url-name", jar_version="3206.vb_15dcf73f6a_9", secret_in_clear=True, tunnel="{edge}"
)
HOSTED = (
    NodeSpec("by-script", agent=OLD_MAIN),
    NodeSpec("by-variables", agent=ENV_FILE),
    NodeSpec("by-winsw", agent=IN_CLEAR),
    NodeSpec("by-user-unit", agent=IN_CLEAR),
)
"""Agents of the sandbox's hosts: their own user may write their launch, a supervisor restarts."""
HOSTS = (
    HostSpec("units", ("by-script", "by-variables"), "systemd"),
    HostSpec("windows", ("by-winsw",), "winsw"),
    HostSpec("home", ("by-user-unit",), "systemd-user"),
)


def planned(there: Any, folder: Path, *words: str) -> Session:
    """``migrate plan`` with these words, and its steps at hand."""
    Cli(there).plan(*words)
    environment = there.environment("admin")
    token = folder / "token"
    token.touch(0o600)
    token.write_text(environment["JENKINS_API_TOKEN"])
    conn = connection(
        url=environment["JENKINS_URL"],
        user="admin",
        token_file=token,
        kubeconfig=Path(environment["KUBECONFIG"]),
    )
    settings = RunSettings(poll=max(0.05, there.time_scale))
    return open_session(there.work / PLAN, conn, settings, animated=False, quiet=True)


def journal_of(session: Session, step: PlanStep) -> StepJournal:
    """A journal of its own, in a run of its own."""
    folder = session.new_run()
    return StepJournal(folder, Journal(folder.journal_path, session.ctx.clock.now), step.id)
