"""A real Jenkins as an ``Installation``: the war of ``JENKINS_WAR``, and its own agent.jar.

The controller, its agents, its TCP port and the nginx in front are real; the cluster's objects
stand in the sandbox's API, from which the edge is configured as ingress-nginx would.
"""

import os
import re
import shutil
import subprocess
import zipfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import requests
from e2e_installation import Looking, until
from e2e_real_home import STRATEGY, fill_home, java_for, war_minimum, war_version

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.jar import jar_identity
from migrate.model.versions import AGENT_URL_NAME_FROM, v
from migrate.sandbox.agent.folders import agent_folder
from migrate.sandbox.agent.process import AgentProcess, launch_command, stopping
from migrate.sandbox.database import Database
from migrate.sandbox.edge import config as edge_config
from migrate.sandbox.edge.edge import Edge
from migrate.sandbox.kube.objects import Ports, usual_installation
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.ports import HeldPorts
from migrate.sandbox.spec import CONTROLLER_JAR, OLDEST_JAR, OWN_JAR, AgentSpec, NodeSpec
from migrate.sandbox.strays import end_processes

WAR_FROM = "curl -fLO https://get.jenkins.io/war-stable/2.426.2/jenkins.war"
_UP_WITHIN = 180.0
RESTART = "controller-restart"
FAULTS = edge_config.FAULTS | {RESTART}
"""What real parts can be told to show."""


def missing() -> str:
    """What a real Jenkins needs and is not here, with where to get it; empty: all is here."""
    named = os.environ.get("JENKINS_WAR", "")
    if not named:
        return f"JENKINS_WAR is not set: {WAR_FROM}; JENKINS_WAR=$PWD/jenkins.war make test-real"
    if not zipfile.is_zipfile(named):
        return f"JENKINS_WAR={named} is not a war file: {WAR_FROM}"
    found = java_for(war_version(Path(named)))
    return "" if found.path else found.told


@dataclass(frozen=True)
class Jar:
    """One agent.jar on disk."""

    path: Path
    version: str


class RealInstallation(Looking):
    """Starts on construction; ``stop`` ends it and leaves no process."""

    time_scale = 1.0

    def __init__(
        self, war: Path, work: Path, home: Path, nodes: tuple[NodeSpec, ...], faults: frozenset[str]
    ) -> None:
        self.work, self.home = work, home
        # An SSH node needs a plugin that no war brings.
        self.nodes = tuple(spec for spec in nodes if spec.launcher == "inbound")
        self.tokens = {"admin": "11" + "ad" * 16, "operator": "11" + "0b" * 16}
        self.agents: dict[str, AgentProcess] = {}
        self._jobs: list[str] = []
        self._stack = ExitStack()
        self._stopping = Event()
        java = java_for(war_version(war)).path
        assert java is not None, "missing() tells so before"
        self._java = java
        try:
            self._start(war, faults)
        except BaseException:
            self.stop()
            raise

    def _start(self, war: Path, faults: frozenset[str]) -> None:
        held = HeldPorts()
        self._stack.callback(held.release)
        http_port, listener, edge_port, self.agent_port, self.db_port = (
            held.take() for _ in range(5)
        )
        self.controller_url = f"http://127.0.0.1:{http_port}/"
        self.root_url = f"http://localhost:{edge_port}/"
        folder = self.home / "jenkins"
        fill_home(folder, war, root_url=self.root_url, port=listener, tokens=self.tokens)
        self._run_war = partial(self._started, war, http_port)
        self._process = self._run_war()
        self._stack.callback(lambda: _end(self._process))
        database = Database()
        self._stack.callback(database.stop)
        database.start()
        self.kube = KubeServer(self.home / "kube")
        self._stack.callback(self.kube.stop)
        self.kube.start()
        ports = Ports(self.agent_port, self.db_port, http_port, listener, database.port)
        for body in usual_installation(ports):
            self.kube.add(body, manager="kubectl-client-side-apply")
        self._edge = Edge(self.kube.registry, self.home / "nginx", http_port=edge_port)
        self._stack.callback(self._edge.stop)
        self._edge.start()
        self._edge.settle()
        self._start_agents(war)
        if faults & edge_config.FAULTS:
            self._edge.set_faults(faults & edge_config.FAULTS)
        if RESTART in faults:
            watcher = Thread(target=self._restart_in_the_middle, daemon=True)
            watcher.start()
            self._stack.callback(watcher.join, 30)
            self._stack.callback(self._stopping.set)

    def restart(self) -> None:
        """Ends the controller and starts it on the same home and ports; back when this returns."""
        _end(self._process)
        self._process = self._run_war()

    def _restart_in_the_middle(self) -> None:
        """Once, when the second node was taken offline for its move, as the sandbox does."""
        marked: set[str] = set()
        while not self._stopping.wait(0.2):
            for spec in self.nodes:
                with suppress(requests.RequestException):
                    if self.state(spec.name)["temporarilyOffline"]:
                        marked.add(spec.name)
            if len(marked) > 1:
                self.restart()
                return

    def _started(self, war: Path, http_port: int) -> "subprocess.Popen[bytes]":
        log = (self.home / "jenkins.log").open("ab")
        self._stack.callback(log.close)
        properties = {
            "jenkins.install.runSetupWizard": "false",
            "hudson.model.UpdateCenter.never": "true",
            "hudson.model.DownloadService.never": "true",
            "java.awt.headless": "true",
            # It may write the strategy of security.groovy to its config.xml (JEP-200).
            "hudson.remoting.ClassFilter": STRATEGY,
            # Agents are sent through the edge.
            "hudson.TcpSlaveAgentListener.port": str(self.agent_port),
        }
        process = subprocess.Popen(
            [
                str(self._java),
                "-Xmx512m",
                *(f"-D{key}={value}" for key, value in properties.items()),
                "-jar",
                str(war.absolute()),
                "--httpListenAddress=127.0.0.1",
                f"--httpPort={http_port}",
            ],
            env={**os.environ, "JENKINS_HOME": str(self.home / "jenkins"), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

        def up() -> bool:
            assert process.poll() is None, (self.home / "jenkins.log").read_text()[-2000:]
            with suppress(requests.RequestException):
                return self.get("api/json", tree="slaveAgentPort").status_code == 200
            return False

        try:
            until(up, _UP_WITHIN)
        except BaseException:
            _end(process)
            raise
        return process

    def _start_agents(self, war: Path) -> None:
        self._stack.callback(self._stop_agents)
        own = self.home / "agent.jar"
        own.write_bytes(self.get("jnlpJars/agent.jar").content)
        jars = [Jar(own, jar_identity(own.read_bytes())[0])]
        jars += _others(war_minimum(war))
        for spec in self.nodes:
            self._add_node(spec)
            if spec.agent is not None:
                self.agents[spec.name] = self._agent(spec, spec.agent, jars)
        for name, agent in self.agents.items():
            until(partial(self.transport, name), 120)
            assert agent.alive(), agent.log()[-1000:]

    def _add_node(self, spec: NodeSpec) -> None:
        """Through REST, as recording 24-create; then its own config.xml."""
        admin = JenkinsController(self.controller_url, "admin", self.tokens["admin"], timeout=30)
        admin.create_inbound_node(spec.name, spec.description)
        body = self.config_xml(spec.name).decode()
        for element, text in (
            ("remoteFS", str(agent_folder(self.home, spec.name))),
            ("label", spec.labels),
            ("mode", "NORMAL"),
            ("webSocket", "true" if spec.web_socket else "false"),
        ):
            body = re.sub(
                rf"<{element}>[^<]*</{element}>|<{element}/>",
                f"<{element}>{text}</{element}>",
                body,
            )
        if spec.tunnel:
            tunnel = spec.tunnel.replace("{edge}", f"localhost:{self.agent_port}")
            opening = r'(<launcher class="hudson.slaves.JNLPLauncher">)'
            body = re.sub(opening, rf"\1<tunnel>{tunnel}</tunnel>", body)
        self.write_config_xml(spec.name, body.encode())

    def _agent(self, spec: NodeSpec, wanted: AgentSpec, jars: list[Jar]) -> AgentProcess:
        jar = _pick(wanted, jars)
        if wanted.launch == "url-name" and v(jar.version) < AGENT_URL_NAME_FROM:
            wanted = replace(wanted, launch="jnlp-main")
        if wanted.launch == "jnlp-main":
            # jnlp.Main takes the secret itself, not @file.
            wanted = replace(wanted, secret_in_clear=True)
        spec = replace(spec, agent=wanted)
        folder = agent_folder(self.home, spec.name)
        folder.mkdir(parents=True)
        shutil.copyfile(jar.path, folder / "agent.jar")
        secret = self._secret(spec.name)
        file = folder / "secret-file"
        file.touch(0o600)
        file.write_text(secret + "\n")
        command = launch_command(spec, folder, self.root_url, secret, str(self._java))
        agent = AgentProcess(spec, folder, [command[0], "-Xmx128m", *command[1:]], {})
        agent.write_script()
        agent.run()
        return agent

    def _secret(self, node: str) -> str:
        path = f"computer/{quote(node)}/"
        text = ""
        # slave-agent.jnlp before 2.264.
        for name in ("jenkins-agent.jnlp", "slave-agent.jnlp"):
            with suppress(requests.HTTPError):
                text = text or self.get(path + name).text
        found = re.search(r"<argument>([0-9a-f]{64})</argument>", text)
        assert found, f"the JNLP file of {node} holds no secret"
        return found[1]

    def environment(self, user: str) -> dict[str, str]:
        """Through the edge, as a person would."""
        path = f"{self._java.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            "JENKINS_URL": self.root_url,
            "JENKINS_USER_ID": user,
            "JENKINS_API_TOKEN": self.tokens[user],
            "KUBECONFIG": str(self.kube.kubeconfig("admin")),
            "PATH": path,
        }

    def settle(self) -> None:
        """Of the edge in front of it."""
        self._edge.settle()

    def start_build(self, node: str, seconds: float) -> None:
        """A freestyle job that sleeps, tied to the node."""
        name = f"e2e-{len(self._jobs)}"
        body = (
            "<project><builders><hudson.tasks.Shell>"
            f"<command>sleep {seconds:g}</command></hudson.tasks.Shell></builders>"
            f"<assignedNode>{node}</assignedNode><canRoam>false</canRoam></project>"
        )
        headers = {"Content-Type": "application/xml"}
        self.post("createItem", params={"name": name}, data=body, headers=headers)
        self._jobs.append(name)
        self.post(f"job/{name}/build", params={"delay": "0sec"})
        until(lambda: self._build(name) == "running", 60)

    def builds(self) -> list[str]:
        """Their states."""
        return [self._build(name) for name in self._jobs]

    def _build(self, job: str) -> str:
        try:
            found = self.get(f"job/{job}/1/api/json", tree="building,result").json()
        except requests.HTTPError:
            return "queued"
        if found["building"]:
            return "running"
        return "finished" if found["result"] == "SUCCESS" else str(found["result"]).lower()

    def _stop_agents(self) -> None:
        with stopping(list(self.agents.values())):
            pass
        # Those that a person started by hand in the agents' folders.
        for word in ("-jar", "-cp"):
            end_processes(word, str(self.home / "agents"))

    def stop(self) -> None:
        """End everything."""
        self._stack.close()


def _others(minimum: str) -> list[Jar]:
    """The jars of ``AGENT_JARS`` that this controller takes."""
    return [jar for jar in _at_hand() if not minimum or v(jar.version) >= v(minimum)]


def _at_hand() -> list[Jar]:
    folder = os.environ.get("AGENT_JARS", "")
    paths = sorted(Path(folder).glob("*.jar")) if folder else []
    return [Jar(path, jar_identity(path.read_bytes())[0]) for path in paths]


def other_versions(minimum: str) -> tuple[str, ...]:
    """Of the jars of ``AGENT_JARS`` that a controller with this minimum takes."""
    return tuple(jar.version for jar in _others(minimum))


def too_old(minimum: str) -> str:
    """Why jars of ``AGENT_JARS`` are in no story; empty: all are."""
    old = [jar.version for jar in _at_hand() if minimum and v(jar.version) < v(minimum)]
    if not old:
        return ""
    return (
        f"agent.jar {', '.join(old)}: older than {minimum}, the war's "
        "Remoting-Minimum-Supported-Version"
    )


def _pick(wanted: AgentSpec, jars: list[Jar]) -> Jar:
    """The controller's own; for a spec with another version that one, else one on the same side."""
    own, others = jars[0], jars[1:]
    if wanted.jar_version == OWN_JAR:
        return own
    exactly = [jar for jar in others if jar.version == wanted.jar_version]
    if exactly:
        return exactly[0]
    older = wanted.jar_version == OLDEST_JAR or v(wanted.jar_version) < v(CONTROLLER_JAR)
    fitting = [jar for jar in others if (v(jar.version) < v(own.version)) is older]
    return next(iter(fitting), own)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
