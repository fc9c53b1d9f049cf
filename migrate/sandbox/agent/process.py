"""Starts and stops agent processes; runs in the sandbox's own process, not in the agent's.

Each agent has a folder with its agent.jar, its secret file (0600), ``start-agent.sh`` with the
real launch command, and ``agent.log`` with its output. No supervisor restarts it.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

from migrate.model.text import file_name
from migrate.sandbox.agent import settings
from migrate.sandbox.agent.folders import agent_folder
from migrate.sandbox.faults import DEFAULT_NODE, agent_faults
from migrate.sandbox.jar import agent_jar
from migrate.sandbox.spec import AgentSpec, NodeSpec

SWARM_USER = "swarm"
"""The controller's user as whom swarm clients ask for their secrets."""
_STOP_SECONDS = 5.0


def write_java(bin_dir: Path, version: str = "") -> Path:
    """Write the executable stand-in for ``java``; its path.

    ``version``: what this one is; without it, the environment says so.
    """
    bin_dir.mkdir(parents=True, exist_ok=True)
    root = Path(__file__).resolve().parents[3]
    script = (
        "#!/bin/sh\n"
        "# Stands in for Java: runs the sandbox's agent instead of a JVM.\n"
        f'export {settings.JAVA}="$0"\n'
        f"{f'export {settings.JAVA_VERSION}={shlex.quote(version)}' if version else ':'}\n"
        f"PYTHONPATH={shlex.quote(str(root))} PYTHONHOME= \\\n"
        f"  exec {shlex.quote(sys.executable)} ${{{settings.START_OPTIONS}--S}} \\\n"
        '  -m migrate.sandbox.agent "$@"\n'
    )
    java = bin_dir / "java"
    java.write_text(script, encoding="utf-8")
    java.chmod(0o755)
    return java


def _jar_folder(agent: AgentSpec, own: Path) -> Path:
    return own.with_name(file_name(agent.jar_of)) if agent.jar_of else own


def launch_command(
    spec: NodeSpec, folder: Path, jenkins_url: str, secret: str, program: str = "java"
) -> list[str]:
    """The command that a person would have typed on that host."""
    agent = spec.agent or AgentSpec()
    java = (program, *agent.java_options)
    base = jenkins_url.rstrip("/") + "/"
    given = secret if agent.secret_in_clear else f"@{folder / 'secret-file'}"
    jar, work_dir = str(_jar_folder(agent, folder) / "agent.jar"), str(folder)
    web_socket = ["-webSocket"] if agent.web_socket else []
    extra = [*agent.extra_options, *(["-tunnel", agent.tunnel] if agent.tunnel else [])]
    if agent.launch == "swarm":
        named = ["-url", base, "-name", spec.name, "-username", SWARM_USER]
        with_password = ["-passwordFile", str(folder / "password-file"), "-fsroot", work_dir]
        jar = str(folder / "swarm-client.jar")
        return [*java, "-jar", jar, *named, *with_password, *web_socket, *extra]
    if agent.launch == "jnlp-url":
        jnlp = f"{base}computer/{quote(spec.name)}/jenkins-agent.jnlp"
        own = ["-jnlpUrl", jnlp, "-secret", given, "-workDir", work_dir, *extra]
        return [*java, "-jar", jar, *own]
    if agent.launch == "url-name":
        named = ["-url", base, "-name", spec.name, "-secret", given, "-workDir", work_dir]
        return [*java, "-jar", jar, *named, *web_socket, *extra]
    if agent.launch == "jnlp-main":
        main = ["-cp", jar, "hudson.remoting.jnlp.Main", "-headless", *web_socket]
        return [*java, *main, "-url", base, "-workDir", work_dir, *extra, given, spec.name]
    raise ValueError(f"not a launch form of the sandbox: {agent.launch}")


@dataclass
class AgentProcess:
    """One agent of one node."""

    spec: NodeSpec
    folder: Path
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def prepare(
        cls,
        spec: NodeSpec,
        home: Path,
        jenkins_url: str,
        secret: str,
        bin_dir: Path,
        *,
        time_scale: float = 1.0,
        faults: frozenset[str] = frozenset(),
        default_node: str = DEFAULT_NODE,
    ) -> Self:
        """Write the agent's folder, without starting anything."""
        agent = spec.agent or AgentSpec()
        folder = agent_folder(home, spec.name)
        folder.mkdir(parents=True, exist_ok=True)
        if not agent.jar_of:
            (folder / "agent.jar").write_bytes(agent_jar(agent.jar_version))
        write_private(folder / "secret-file", f"{secret}\n")
        java = bin_dir.resolve() / "java"
        if not java.exists():
            write_java(bin_dir.resolve())
        environment = {
            settings.TIME_SCALE: repr(time_scale),
            settings.JAVA_VERSION: agent.java,
            settings.FAULTS: ",".join(sorted(agent_faults(faults, spec.name, default_node))),
            **dict(agent.environment),
        }
        command = launch_command(spec, folder, jenkins_url, secret, str(java))
        self = cls(spec, folder, command, environment)
        self.write_script()
        return self

    @classmethod
    def start(
        cls,
        spec: NodeSpec,
        home: Path,
        jenkins_url: str,
        secret: str,
        bin_dir: Path,
        *,
        time_scale: float = 1.0,
        faults: frozenset[str] = frozenset(),
        default_node: str = DEFAULT_NODE,
    ) -> Self:
        """``prepare`` and run it."""
        self = cls.prepare(
            spec,
            home,
            jenkins_url,
            secret,
            bin_dir,
            time_scale=time_scale,
            faults=faults,
            default_node=default_node,
        )
        self.run()
        return self

    @property
    def script(self) -> Path:
        """``start-agent.sh``: what a person edits to change the launch."""
        return self.folder / "start-agent.sh"

    @property
    def log_path(self) -> Path:
        """What the agent printed."""
        return self.folder / "agent.log"

    def log(self) -> str:
        """What the agent printed so far."""
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text("utf-8", "replace")

    def write_script(self) -> None:
        """Write ``start-agent.sh`` from ``command``."""
        exports = "".join(
            f"export {name}={shlex.quote(value)}\n" for name, value in self.environment.items()
        )
        text = (
            "#!/bin/sh\n"
            f"# Starts the agent of node {self.spec.name!r}.\n"
            f"{exports}"
            f"cd {shlex.quote(str(self.folder))} || exit 1\n"
            f"exec {shlex.join(self.command)} >> agent.log 2>&1\n"
        )
        write_private(self.script, text, 0o700)

    def run(self) -> None:
        """Run ``start-agent.sh``; the agent keeps the shell's pid."""
        # The parent stands only in this environment: an agent that a person starts by hand
        # does not end with the sandbox's process.
        environment = {**os.environ, settings.PARENT: str(os.getpid())}
        for name in (settings.FIRST_VERSION, settings.RECONNECTED):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            ["/bin/sh", str(self.script)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int | None:
        """The process id of the last start."""
        return None if self.process is None else self.process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, None while it runs."""
        return None if self.process is None else self.process.poll()

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self.process is not None and self.alive():
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
        if self.process is None or not self.alive():
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def restart(self) -> None:
        """Stop, and run whatever ``start-agent.sh`` says now."""
        self.stop()
        self.run()

    def change_options(self, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        """What a person does on the host: add or remove flags of the launch command."""
        self.command = [word for word in self.command if word not in remove]
        missing = [word for word in add if word not in self.command]
        # Old entry points end with positional arguments, so that flags go before them.
        flag = "-headless"
        at = self.command.index(flag) + 1 if flag in self.command else len(self.command)
        self.command[at:at] = missing
        self.write_script()


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """A new file with that mode from its first moment on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


@contextlib.contextmanager
def stopping(agents: list[AgentProcess]) -> Iterator[list[AgentProcess]]:
    """Stop all of them at the end, side by side."""
    try:
        yield agents
    finally:
        for agent in agents:
            if agent.process is not None and agent.alive():
                agent.process.terminate()
        for agent in agents:
            agent.stop()
