"""``migrate sandbox``: the embedded installation."""

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli.console import result, say
from migrate.model.errors import UsageProblem
from migrate.sandbox.spec import CONTROLLER_VERSION

if TYPE_CHECKING:
    from migrate.sandbox.installation import Sandbox

app = typer.Typer(
    help="An embedded installation to try everything on: controller, agents, cluster, edge.",
    no_args_is_help=True,
)

Scenario = Annotated[
    str,
    typer.Option(
        "--scenario",
        help="What it holds: default, fleet, jcasc, behind-proxies, two-edges, nginx-inc, "
        "short-timeout or sso.",
    ),
]
Fault = Annotated[
    list[str] | None,
    typer.Option("--fault", help="Something that goes wrong, e.g. no-upgrade; repeatable."),
]
TimeScale = Annotated[
    float,
    typer.Option(
        "--time-scale", min=0.001, help="Factor on all waits of agents; 1 is as in real life."
    ),
]
JenkinsVersion = Annotated[
    str,
    typer.Option(
        "--jenkins-version",
        help="The release that the controller is: 2.361.4, 2.426.2, 2.541.3 or 2.568.2.",
    ),
]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder for its files; a temporary one when not given."),
]


@app.command("up", short_help="Start it, and keep it running until Ctrl-C")
def up(
    scenario: Scenario = "default",
    jenkins_version: JenkinsVersion = CONTROLLER_VERSION,
    fault: Fault = None,
    time_scale: TimeScale = 1.0,
    home: Home = None,
) -> None:
    """Start the installation, print how to use it, and keep it running until Ctrl-C.

    migrate sandbox up --home /tmp/sandbox

    . /tmp/sandbox/env        (in another shell)
    """
    with running(scenario, fault or [], time_scale, home, jenkins_version) as sandbox:
        for user in ("operator", "reader"):
            _write_env(sandbox, user, f"env-{user}")
        result(_write_env(sandbox, "admin", "env"))
        say(describe(sandbox))
        while True:
            signal.pause()


@app.command("demo", short_help="The whole story on a fresh installation")
def demo(
    scenario: Scenario = "default",
    jenkins_version: JenkinsVersion = CONTROLLER_VERSION,
    fault: Annotated[
        str, typer.Option("--fault", help="The story of a fault: no-upgrade or dead-agent.")
    ] = "",
    time_scale: TimeScale = 0.3,
    home: Home = None,
) -> None:
    """The whole story on a fresh installation: scan, plan, dry run, apply, by hand, close, verify.

    Exit 0 only if the installation itself is as it should be at the end.

    migrate sandbox demo

    migrate sandbox demo --fault no-upgrade
    """
    from migrate.cli.demo import demo as tell
    from migrate.sandbox.stories.registry import STORIES

    if fault not in STORIES:
        raise UsageProblem(
            f"there is no story for the fault {fault!r}; known: {', '.join(filter(None, STORIES))}",
            next_command="migrate sandbox demo",
        )
    if fault and scenario != "default":
        raise UsageProblem(
            "the stories of faults are told on the scenario default",
            next_command=f"migrate sandbox demo --fault {fault}",
        )
    code = 1
    with running(scenario, [fault] if fault else [], time_scale, home, jenkins_version) as sandbox:
        result(introduce(sandbox))
        code = tell(sandbox, sandbox.home, fault)
    raise typer.Exit(code)


@contextmanager
def running(
    scenario: str,
    faults: list[str],
    time_scale: float,
    home: Path | None,
    jenkins_version: str = CONTROLLER_VERSION,
) -> Iterator["Sandbox"]:
    """A started sandbox, stopped at the end, also by SIGINT and SIGTERM, which end the block."""
    with _home(home) as folder, _until_signalled():
        sandbox = make(scenario, faults, time_scale, folder, jenkins_version)
        say("migrate: starting the sandbox ...")
        try:
            sandbox.start()
            yield sandbox
        finally:
            # Nothing may be left running, so a second signal has to wait for this.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            sandbox.stop()
            say("migrate: the sandbox is down")


def make(
    scenario: str,
    faults: list[str],
    time_scale: float,
    home: Path,
    jenkins_version: str = CONTROLLER_VERSION,
) -> "Sandbox":
    """The sandbox, not started. ``UsageProblem`` for unknown names or missing packages."""
    from migrate.sandbox.fleet import SCENARIOS

    if scenario not in SCENARIOS:
        raise UsageProblem(
            f"there is no scenario {scenario!r}; known: {', '.join(sorted(SCENARIOS))}",
            next_command="migrate sandbox up",
        )
    try:
        from migrate.sandbox.installation import Sandbox
    except ImportError as error:
        raise UsageProblem(
            f"the sandbox needs the package {error.name}, which is not installed",
            next_command="pip install 'jenkins-agent-migrate[sandbox]'",
        ) from error
    return Sandbox(
        home,
        scenario=SCENARIOS[scenario],
        faults=frozenset(faults),
        time_scale=time_scale,
        jenkins_version=jenkins_version,
    )


def describe(sandbox: "Sandbox") -> str:
    """What runs where and how to use it, for a person."""

    connected = sandbox.agent_count
    faults = ", ".join(sorted(sandbox.faults)) or "none"
    env = shlex.quote(str(sandbox.home / "env"))
    checkout = sandbox.home / "checkout"
    casc = (
        f"\n  checkout     {checkout} (JCasC; deploy-casc deploys it)" if checkout.exists() else ""
    )
    others = ", ".join(f"localhost:{port} ({name})" for name, port in sandbox.other_ports.items())
    more = f"\n  more ways    {others}, to the same TCP port" if others else ""
    more += "".join(f"\n  changed      {told}" for told in sandbox.fitted)
    return f"""\
migrate: the sandbox is up: {sandbox.scenario.title}
  controller   {sandbox.root_url} (Jenkins {sandbox.jenkins_version}; users admin, operator, reader)
  agents       {connected} processes; those on TCP come in at localhost:{sandbox.agent_port}{more}
  cluster      {sandbox.kube.url} (a Kubernetes API for this tool; kubectl sends it no token)
  database     localhost:{sandbox.db_port}, behind the same edge; must survive
  faults       {faults}
  files        {sandbox.home}{casc}
In another shell:
  . {env}
  migrate scan
As a user without the script console: . {env}-operator
Ctrl-C ends it."""


def introduce(sandbox: "Sandbox") -> str:
    """Who is who in the demo, for a reader who does not know the project."""
    faults = f"\n  fault        {', '.join(sorted(sandbox.faults))}" if sandbox.faults else ""
    fitted = "".join(f"\n  changed      {told}" for told in sandbox.fitted)
    return f"""
# An installation runs on this machine: real sockets, a real nginx, and imitations
# behind them.
  controller   {sandbox.root_url}: Jenkins {sandbox.jenkins_version}, as recordings of real
               ones answer
  agents       {sandbox.agent_count} processes that build for it; most come in by TCP,
               at localhost:{sandbox.agent_port}{fitted}
  cluster      a Kubernetes API; its ingress-nginx objects publish that port
  database     localhost:{sandbox.db_port}, behind the same nginx: it must not notice{faults}
# The aim: every agent on WebSocket, over the controller's own URL, and the TCP port
# closed."""


def _write_env(sandbox: "Sandbox", user: str, name: str) -> str:
    """Write ``export NAME='value'`` lines to HOME/name (0600) and return them."""
    lines = []
    for key, value in sandbox.environment(user).items():
        if key == "PATH":
            bin_dir = str(sandbox.home / "bin")
            lines.append(f'export PATH={_quoted(bin_dir)}:"$PATH"')
        else:
            lines.append(f"export {key}={_quoted(value)}")
    text = "\n".join(lines) + "\n"
    path = sandbox.home / name
    path.touch(mode=0o600)
    path.write_text(text)
    return text


def _quoted(value: str) -> str:
    escaped = value.replace("'", "'\\''")
    return f"'{escaped}'"


@contextmanager
def _home(home: Path | None) -> Iterator[Path]:
    if home is not None:
        yield home
        return
    import tempfile

    with tempfile.TemporaryDirectory(
        prefix="migrate-sandbox-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


class _Signalled(BaseException):
    """SIGINT or SIGTERM arrived: the usual end of ``sandbox up``."""


@contextmanager
def _until_signalled() -> Iterator[None]:
    def end(_number: int, _frame: object) -> None:
        raise _Signalled

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    except _Signalled:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
