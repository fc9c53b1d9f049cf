"""A machine of the sandbox: its folders, its stand-ins, and its agents under a supervisor.

Runs in the sandbox's process, as ``process`` does. Every agent's launch really stands in a file
of the host, which the supervisor reads again when a person would expect it to.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from migrate.model.text import file_name
from migrate.sandbox.agent import docker, settings, systemctl, winsw
from migrate.sandbox.agent.control import address_file, call
from migrate.sandbox.agent.process import launch_command, write_java, write_private
from migrate.sandbox.agent.units import USER_FOLDER
from migrate.sandbox.jar import agent_jar
from migrate.sandbox.spec import AgentSpec, HostSpec, NodeSpec

_FOLDERS = ("agents", "bin", "home/.ssh", "log", "run", "etc/systemd/system", "etc/default")
_START_SECONDS = 20.0
_STOP_SECONDS = 15.0


def host_folder(home: Path, name: str) -> Path:
    """The folder that stands for a machine."""
    return (home / "hosts" / name).absolute()


class HostedAgent:
    """One agent on a host; what the sandbox asks of it."""

    def __init__(self, folder: Path, log_path: Path) -> None:
        self.folder = folder
        """Its work directory."""
        self._log_path = log_path

    def log(self) -> str:
        """What the agent printed so far."""
        if not self._log_path.exists():
            return ""
        return self._log_path.read_text("utf-8", "replace")


class Host:
    """One machine. ``install`` each agent, then ``start``."""

    def __init__(self, spec: HostSpec, home: Path, *, time_scale: float) -> None:
        """Makes its folders and stand-ins; nothing runs yet."""
        self.spec = spec
        self.folder = host_folder(home, spec.name)
        self._home = home
        self._time_scale = time_scale
        self._manager: subprocess.Popen[bytes] | None = None
        self._loops: list[subprocess.Popen[bytes]] = []
        self._starts: list[Callable[[], None]] = []
        self.agents: dict[str, HostedAgent] = {}
        """Those installed, by node."""
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "home/.ssh").chmod(0o700)
        (self.folder / "home/.ssh/authorized_keys").touch(mode=0o600)
        self._stand_in("systemctl", "migrate.sandbox.agent.systemctl", isolated=True)
        self._stand_in("docker", "migrate.sandbox.agent.docker", isolated=False)

    def agent_folder(self, node: str) -> Path:
        """Work directory of a node's agent on this host."""
        return self.folder / "agents" / file_name(node)

    def install(
        self,
        spec: NodeSpec,
        jenkins_url: str,
        secret: str,
        faults: frozenset[str] = frozenset(),
        *,
        swarm_password: str = "",
    ) -> HostedAgent:
        """Write the agent's jar, its secret (0600) and its launch.

        ``swarm_password``: of the controller's user for swarm clients.
        """
        agent = spec.agent or AgentSpec()
        folder = self.agent_folder(spec.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "agent.jar").write_bytes(agent_jar(agent.jar_version))
        write_private(folder / "secret-file", f"{secret}\n")
        if agent.launch == "swarm":
            write_private(folder / "password-file", f"{swarm_password}\n")
        jdk = self._home / "bin" / f"jdk-{agent.java}" / "bin"
        java = jdk / "java"
        if not java.exists():
            write_java(jdk, agent.java)
        command = launch_command(spec, folder, jenkins_url, secret, str(java))
        environment = dict(agent.environment)
        if faults:
            environment[settings.FAULTS] = ",".join(sorted(faults))
        name = f"jenkins-agent-{file_name(spec.name)}"
        match self.spec.supervisor:
            case "systemd" | "systemd-user":
                name += ".service"
                self._systemd(spec, name, command, environment)
            case "winsw":
                name = self._winsw(spec, name, command, environment)
            case "docker":
                name = self._compose(spec, jenkins_url, secret, environment)
            case _:
                self._script(spec, command, environment)
        installed = HostedAgent(folder, self.folder / "log" / f"{name}.log")
        self.agents[spec.name] = installed
        return installed

    def start(self) -> None:
        """Start the service manager and all agents. ``TimeoutError`` when it does not come up."""
        if self.spec.supervisor in ("systemd", "systemd-user", "winsw", "docker"):
            address_file(self.folder).unlink(missing_ok=True)
            self._manager = self._spawn(
                [*_python(isolated=True), "-m", "migrate.sandbox.agent.manager"],
                str(self.folder),
                str(os.getpid()),
            )
            deadline = time.monotonic() + _START_SECONDS
            while not address_file(self.folder).exists():
                if time.monotonic() > deadline or self._manager.poll() is not None:
                    raise TimeoutError(f"the service manager of {self.spec.name} does not start")
                time.sleep(0.01)
        if self.spec.supervisor in ("systemd", "systemd-user"):
            systemctl.reload(self.folder)
        for start in self._starts:
            start()

    def stop(self) -> None:
        """End all agents and the manager; harmless when nothing runs."""
        for process in self._loops:
            _signal_group(process, signal.SIGKILL)
        if self._manager is not None:
            self._manager.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._manager.wait(_STOP_SECONDS)
            self._manager.kill()
        for process in (*self._loops, *([self._manager] if self._manager else [])):
            process.wait()
        self._loops, self._manager = [], None

    # -- supervisors --------------------------------------------------------------------------

    def _systemd(
        self, spec: NodeSpec, unit: str, command: list[str], environment: dict[str, str]
    ) -> None:
        folder = self.agent_folder(spec.name)
        held = (spec.agent.held if spec.agent else "") or "unit"
        lines = [f"Environment={shlex.quote(f'{k}={v}')}" for k, v in environment.items()]
        exec_start = shlex.join(command)
        if held == "env-file":
            file = self.folder / "etc/default" / unit.removesuffix(".service")
            at = command.index("-jar") + 2
            file.write_text(
                f"# Options of the agent.\nJENKINS_AGENT_OPTS={' '.join(command[at:])}\n"
            )
            lines.append(f"EnvironmentFile=-{file}")
            exec_start = f"{shlex.join(command[:at])} $JENKINS_AGENT_OPTS"
        elif held == "script":
            script = folder / "start-agent.sh"
            write_private(script, f"#!/bin/sh\nexec {shlex.join(command)}\n", 0o755)
            exec_start = str(script)
        place = "usr/lib/systemd/system" if held == "vendor-unit" else "etc/systemd/system"
        if self.spec.supervisor == "systemd-user":
            place = USER_FOLDER
        path = self.folder / place / unit
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            f"[Unit]\nDescription=Jenkins agent {spec.name}\nAfter=network-online.target\n\n"
            f"[Service]\nWorkingDirectory={folder}\n"
            + "".join(f"{line}\n" for line in lines)
            + f"ExecStart={exec_start}\nRestart=always\nRestartSec=10\n\n"
            "[Install]\nWantedBy=multi-user.target\n"
        )
        path.write_text(text, encoding="utf-8")
        if held == "vendor-unit":
            drop_in = self.folder / "etc/systemd/system" / f"{unit}.d" / "10-limits.conf"
            drop_in.parent.mkdir(parents=True, exist_ok=True)
            drop_in.write_text("[Service]\nLimitNOFILE=65536\n")
        self._starts.append(lambda: _ask(self.folder, "start", unit))

    def _winsw(
        self, spec: NodeSpec, name: str, command: list[str], environment: dict[str, str]
    ) -> str:
        folder = self.folder / "services" / file_name(spec.name)
        folder.mkdir(parents=True, exist_ok=True)
        exe = folder / "jenkins-agent.exe"
        self._wrapper(exe, "migrate.sandbox.agent.winsw", str(exe), isolated=True)
        held = (spec.agent.held if spec.agent else "") or "arguments"
        if held == "argument":
            own = "".join(f"  <argument>{escape(word)}</argument>\r\n" for word in command[1:])
        else:
            own = f"  <arguments>{escape(shlex.join(command[1:]))}</arguments>\r\n"
        env = "".join(
            f'  <env name="{escape(k)}" value="{escape(v)}"/>\r\n' for k, v in environment.items()
        )
        text = (
            "<!-- Jenkins agent, by WinSW -->\r\n<service>\r\n"
            f"  <id>{escape(name)}</id>\r\n  <name>{escape(name)}</name>\r\n"
            f"  <executable>{escape(command[0])}</executable>\r\n{own}{env}"
            '  <logmode>rotate</logmode>\r\n  <onfailure action="restart"/>\r\n</service>\r\n'
        )
        exe.with_suffix(".xml").write_bytes(text.encode())
        self._starts.append(
            lambda: _ask(self.folder, "start", name, definition=winsw.definition(exe))
        )
        return name

    def _compose(
        self, spec: NodeSpec, jenkins_url: str, secret: str, environment: dict[str, str]
    ) -> str:
        agent = spec.agent or AgentSpec()
        folder = self.folder / "compose" / file_name(spec.name)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"agent-{file_name(spec.name)}"
        given = {"JENKINS_URL": jenkins_url, "JENKINS_AGENT_NAME": spec.name}
        given |= {"JENKINS_AGENT_WORKDIR": str(self.agent_folder(spec.name))}
        by_command = agent.held == "command"
        if not by_command:
            given["JENKINS_SECRET"] = secret
        if agent.tunnel:
            given["JENKINS_TUNNEL"] = agent.tunnel
        if agent.web_socket:
            given["JENKINS_WEB_SOCKET"] = "true"
        if agent.java_options:
            given["JENKINS_JAVA_OPTS"] = " ".join(agent.java_options)
        jdk = f"jdk{agent.java.partition('.')[0]}"
        own = "".join(
            f"      {key}: {_yaml(value)}\n" for key, value in (given | environment).items()
        )
        text = (
            f"# The agent of {spec.name}.\nservices:\n  {name}:\n"
            f"    image: jenkins/inbound-agent:{agent.jar_version}-1-{jdk}\n"
            f"    restart: unless-stopped\n    environment:\n{own}"
        )
        if by_command:
            text += f'    command: ["-secret", "@{self.agent_folder(spec.name)}/secret-file"]\n'
        path = folder / "compose.yaml"
        write_private(path, text)

        def start() -> None:
            made = docker.containers(self.folder, path)
            _ask(self.folder, "start", name, definition=made[name])

        self._starts.append(start)
        return name

    def _script(self, spec: NodeSpec, command: list[str], environment: dict[str, str]) -> None:
        """A script with the command, and one that runs it again whenever it ends."""
        folder = self.agent_folder(spec.name)
        exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in environment.items())
        log = self.folder / "log" / f"jenkins-agent-{file_name(spec.name)}.log"
        swarm = "-passwordFile" in command
        start = folder / "start-agent.sh"
        write_private(
            start,
            f"#!/bin/sh\n# Starts the agent of node {spec.name!r}.\n{exports}"
            f"cd {shlex.quote(str(folder))} || exit 1\n"
            # No exec: the shell waits, as such scripts usually do.
            f"{shlex.join(command)} >> {shlex.quote(str(log))} 2>&1\n",
            0o755,
        )
        if swarm:
            (folder / "agent.jar").unlink()
            version = spec.agent.jar_version if spec.agent else AgentSpec().jar_version
            jar = agent_jar(version, "hudson.plugins.swarm.Client")
            (folder / "swarm-client.jar").write_bytes(jar)
        loop = folder / "keep-running.sh"
        pause = max(0.1, 10 * self._time_scale)
        write_private(
            loop,
            "#!/bin/sh\n# Runs the agent again whenever it ends.\n"
            f'while kill -0 "${settings.OWNER}" 2>/dev/null; do\n'
            f"  /bin/sh {shlex.quote(str(start))}\n  sleep {pause}\ndone\n",
            0o755,
        )
        runs = loop if self.spec.supervisor == "script" else start
        self._starts.append(lambda: self._loops.append(self._spawn(["/bin/sh"], str(runs))))

    # -- processes ----------------------------------------------------------------------------

    def _spawn(self, program: list[str], *arguments: str) -> subprocess.Popen[bytes]:
        owner = str(os.getpid())
        mine = {settings.TIME_SCALE: repr(self._time_scale), settings.HOST: str(self.folder)}
        mine |= {
            settings.OWNER: owner,
            "PYTHONPATH": str(_root()),
            "HOME": str(self.folder / "home"),
        }
        mine["PATH"] = f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return subprocess.Popen(
            [*program, *arguments],
            env={**os.environ, **mine},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _stand_in(self, name: str, module: str, *, isolated: bool) -> None:
        self._wrapper(self.folder / "bin" / name, module, isolated=isolated)

    def _wrapper(self, path: Path, module: str, *arguments: str, isolated: bool) -> None:
        words = [*_python(isolated=isolated), "-m", module, str(self.folder), *arguments]
        write_private(
            path,
            f"#!/bin/sh\n# A stand-in of the sandbox.\nPYTHONPATH={shlex.quote(str(_root()))} "
            f'exec {shlex.join(words)} "$@"\n',
            0o755,
        )


def _ask(host: Path, action: str, name: str, **more: Any) -> None:
    call(host, action, name, **more)


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def _python(*, isolated: bool) -> list[str]:
    return [sys.executable, "-S"] if isolated else [sys.executable]


def _yaml(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
