"""The whole embedded installation: controller, agents, Kubernetes API, edge and a database."""

import os
import secrets
import shutil
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from migrate.model.errors import ExitCode, MigrateError
from migrate.sandbox.agent import settings
from migrate.sandbox.agent.folders import agent_folder
from migrate.sandbox.agent.hosts import Host
from migrate.sandbox.agent.process import SWARM_USER, AgentProcess, write_java
from migrate.sandbox.checkout import write_checkout
from migrate.sandbox.database import Database
from migrate.sandbox.edge import config as edge_config
from migrate.sandbox.edge.edge import Edge
from migrate.sandbox.faults import AGENT_FAULTS, CONTROLLER_FAULTS, agent_faults
from migrate.sandbox.fitting import fitted
from migrate.sandbox.jenkins.changes import VERSIONS
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.jenkins.state import Computer
from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.faults import FAULTS as KUBE_FAULTS
from migrate.sandbox.kube.kubelet import Kubelet, runs_for_real
from migrate.sandbox.kube.nginx_inc import install_kinds
from migrate.sandbox.kube.objects import Ports, second_edge, usual_installation
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.networks import CONTROLLER_NAME, Networks
from migrate.sandbox.placement import can_connect, placed
from migrate.sandbox.pods import CloudPods, workload_objects
from migrate.sandbox.ports import HeldPorts
from migrate.sandbox.spec import (
    CONTROLLER_VERSION,
    DEFAULT,
    AgentSpec,
    NodeSpec,
    Scenario,
    WorkloadSpec,
)
from migrate.sandbox.stopping import stop_agents

STRIPPED = "upgrade-stripped"
"""The proxy begins to drop Upgrade (``no-upgrade``) when the second node is marked offline for its
move: after the canary, and before anything else is asked for."""
FAULTS = AGENT_FAULTS | CONTROLLER_FAULTS | edge_config.FAULTS | KUBE_FAULTS | {STRIPPED}
"""All fault names; those of an agent may name a node: ``dead-agent:NODE``."""
USERS = {
    "admin": frozenset({"Overall/Administer"}),
    "operator": frozenset(
        {
            "Overall/Read",
            "Agent/Configure",
            "Agent/Connect",
            "Agent/Disconnect",
            "Agent/ExtendedRead",
        }
    ),
    "reader": frozenset({"Overall/Read"}),
}
"""Users of the controller and their permissions."""
_KUBE_USER = {"admin": "admin", "operator": "admin", "reader": "readonly"}
_MARKER = ".migrate-sandbox"
_OWN = ("jenkins", "kube", "nginx", "agents", "bin", "hosts", "pods", "checkout")
_AGENTS_TIMEOUT = 90.0
_WORKER_SECONDS = 240.0
"""worker-shutdown-timeout of ingress-nginx: how long connections outlive a reload."""


class SandboxError(MigrateError):
    """The installation does not come up; the text says why."""

    def __init__(self, cause: str, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(cause, next_command="migrate sandbox up --help", exit_code=exit_code)


class Sandbox:
    """A running installation under ``home``.

    ``faults``: names from ``FAULTS``; those of the edge are put in place when all agents are
    connected. ``time_scale`` shortens every wait of agents and controller (1: as long as real
    ones). ``jenkins_version``: one of ``VERSIONS``; the scenario is fitted to it
    (``Unfitting`` where it must not be changed). A context manager; also after a failed start
    nothing is left running.
    """

    def __init__(
        self,
        home: Path,
        *,
        scenario: Scenario = DEFAULT,
        faults: frozenset[str] = frozenset(),
        time_scale: float = 1.0,
        jenkins_version: str = CONTROLLER_VERSION,
    ) -> None:
        unknown = {fault.partition(":")[0] for fault in faults} - FAULTS
        if unknown:
            known = ", ".join(sorted(FAULTS))
            raise SandboxError(
                f"there is no fault {', '.join(sorted(unknown))}; known: {known}", ExitCode.USAGE
            )
        if jenkins_version not in VERSIONS:
            raise SandboxError(
                f"the sandbox cannot be a Jenkins {jenkins_version}; known: {', '.join(VERSIONS)}",
                ExitCode.USAGE,
            )
        self.home = home.absolute()
        self.jenkins_version = jenkins_version
        fit = fitted(scenario, jenkins_version)
        self.scenario = fit.scenario
        self.fitted = fit.told
        """What was changed of the scenario's agents for this release, a sentence each."""
        self.faults = faults
        self.time_scale = time_scale
        self.agents: dict[str, AgentProcess] = {}
        """Agents that run by themselves; those of hosts and pods have their supervisors."""
        self.hosts: dict[str, Host] = {}
        """Machines by name."""
        self.tokens = {user: secrets.token_hex(17) for user in USERS}
        self.agent_host = "localhost"
        self.agent_port = 0
        """Where agents reach the edge over TCP: the tcp-services key."""
        self.other_ports: dict[str, int] = {}
        """More ways to the same port, by name; only of a scenario with a second edge."""
        self.db_port = 0
        """Where the edge shows the database."""
        self.jenkins: JenkinsServer
        """The controller; made by ``start``, as are the next three."""
        self.kube: KubeServer
        self.edge: Edge
        self.database: Database
        self._edge_faults = faults & edge_config.FAULTS
        self._marked: set[str] = set()
        self._stack = ExitStack()
        self._clouds: CloudPods | None = None
        self.networks: Networks | None = None
        """Those of a scenario with ``networks``; made by ``start``."""

    @property
    def agent_count(self) -> int:
        """How many agent processes run."""
        hosted = sum(len(host.agents) for host in self.hosts.values())
        return len(self.agents) + hosted + len(self.scenario.workloads) + len(self.cloud_nodes)

    @property
    def cloud_nodes(self) -> list[str]:
        """Names of the nodes that the controller's clouds made and that run now."""
        return self._clouds.nodes if self._clouds is not None else []

    @property
    def root_url(self) -> str:
        """The controller's address, through the edge."""
        return f"http://localhost:{self.edge.http_port}/"

    @property
    def agents_url(self) -> str:
        """The controller's address as agents are told it."""
        return self.networks.url if self.networks is not None else self.root_url

    def start(self) -> None:
        """Start everything and wait until all agents are connected.

        ``SandboxError`` when ``home`` holds something else or an agent does not connect;
        whatever had started by then is stopped again.
        """
        try:
            self._claim_home()
            self._start_servers()
            self._start_agents()
            for spec in self.scenario.nodes:
                if spec.agent is not None and spec.agent.build_seconds:
                    self.jenkins.start_build(spec.name, spec.agent.build_seconds)
            if self._edge_faults:
                self.edge.set_faults(self._edge_faults)
            if STRIPPED in self.faults:
                self.jenkins.state.on_marked = self._strip
        except BaseException:
            self.stop()
            raise

    def _strip(self, computer: Computer) -> None:
        self._marked.add(computer.name)
        if len(self._marked) == 2:
            self.edge.set_faults(frozenset({"no-upgrade"}))

    def stop(self) -> None:
        """Stop everything; harmless when it does not run."""
        self._stack.close()

    def environment(self, user: str = "admin", *, kube_user: str | None = None) -> dict[str, str]:
        """What to set so that ``migrate`` and its runbooks work against this installation.

        ``user``: of the controller (``USERS``); ``kube_user``: ``admin``, ``readonly``,
        ``restricted`` or ``nobody``, by default what fits the user.
        """
        kubeconfig = self.kube.kubeconfig(kube_user or _KUBE_USER[user])
        path = f"{self.home / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            "JENKINS_URL": self.root_url,
            "JENKINS_USER_ID": user,
            "JENKINS_API_TOKEN": self.tokens[user],
            "KUBECONFIG": str(kubeconfig),
            # Agents that a person starts by hand wait as long as the others.
            settings.TIME_SCALE: repr(self.time_scale),
            "PATH": path,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _claim_home(self) -> None:
        """Take an empty folder, or one that an earlier sandbox left."""
        marker = self.home / _MARKER
        if self.home.exists() and any(self.home.iterdir()) and not marker.exists():
            raise SandboxError(
                f"{self.home} is not empty and was not left by a sandbox", ExitCode.USAGE
            )
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in _OWN:
            shutil.rmtree(self.home / name, ignore_errors=True)
        marker.touch()

    def _start_servers(self) -> None:
        stack = self._stack
        self.database = Database()
        stack.callback(self.database.stop)
        self.database.start()
        self.jenkins = JenkinsServer(
            self.home / "jenkins",
            time_scale=self.time_scale,
            jenkins_version=self.jenkins_version,
            # A single sign-on stands in front of the controller, at the edge.
            faults=self.faults - edge_config.FAULTS,
        )
        stack.callback(self.jenkins.stop)
        self.jenkins.start()
        self.kube = KubeServer(self.home / "kube", faults=self.faults & KUBE_FAULTS)
        stack.callback(self.kube.stop)
        self.kube.start()
        # Also while they are closed: whoever took one would be what this sandbox's agents talk to.
        held = HeldPorts()
        stack.callback(held.release)
        self.agent_port, self.db_port, stripped_port = (held.take() for _ in range(3))
        names = ("localhost", CONTROLLER_NAME) if self.scenario.networks else ("localhost",)
        ports = Ports(
            edge_agent=self.agent_port,
            edge_database=self.db_port,
            jenkins_http=self.jenkins.http_port,
            jenkins_agent=self.jenkins.agent_port,
            database=self.database.port,
        )
        if self.scenario.front.inc:
            install_kinds(self.kube.catalog)
        objects = usual_installation(ports, names, self.scenario.front)
        if self.scenario.second_edge:
            inside, balancer = held.take(), held.take()
            self.other_ports = {"inside": inside, "balancer": balancer}
            objects += second_edge(inside, balancer, self.jenkins.agent_port)
        for body in objects:
            self.kube.add(body, manager="kubectl-client-side-apply")
        real_pods = self.scenario.workloads or self.scenario.clouds
        self.edge = Edge(
            self.kube.registry,
            self.home / "nginx",
            stripped_port=stripped_port if self.scenario.networks else None,
            shutdown_timeout=max(30.0, _WORKER_SECONDS * self.time_scale),
            controllers=Controllers(self.kube.registry, runs_for_real) if real_pods else None,
        )
        stack.callback(self.edge.stop)
        self.edge.start()
        self.edge.settle()
        self.jenkins.root_url = self.root_url
        if self.scenario.networks:
            self.networks = Networks(self.edge.http_port, self.agent_port, stripped_port)
            stack.callback(self.networks.stop)
            self.networks.start()
            self.jenkins.state.inbound_url = self.networks.url
        # hudson.TcpSlaveAgentListener.port: agents are sent through the edge, where on a real
        # cluster the same number is open on the load balancer.
        self.jenkins.advertise(port=self.agent_port)
        for user, permissions in USERS.items():
            self.jenkins.add_user(user, self.tokens[user], permissions)
        self._swarm_token = secrets.token_hex(17)
        self.jenkins.add_user(
            SWARM_USER, self._swarm_token, frozenset({"Overall/Read", "Agent/Connect"})
        )

    def _start_agents(self) -> None:
        bin_dir = self.home / "bin"
        write_java(bin_dir)
        self._stack.callback(partial(stop_agents, self.hosts, self.agents, self.home))
        hosts = {name: spec for spec in self.scenario.hosts for name in spec.agents}
        workloads = {spec.node: spec for spec in self.scenario.workloads}
        for host in self.scenario.hosts:
            self.hosts[host.name] = Host(host, self.home, time_scale=self.time_scale)
            if self.networks is not None:
                self.networks.place(self.hosts[host.name].folder, host.network)
        for namespace in sorted(
            {w.namespace for w in self.scenario.workloads}
            | {c.namespace for c in self.scenario.clouds}
        ):
            self.kube.add(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            )
        for made in self.scenario.nodes:
            spec = placed(made, self.other_ports, self.agent_host, self.agent_port)
            if spec.name in workloads:
                self._add_workload(spec, workloads[spec.name])
            elif spec.name in hosts:
                self._add_hosted(spec, self.hosts[hosts[spec.name].name])
            else:
                self._add_alone(spec, bin_dir)
        if self.scenario.workloads or self.scenario.clouds:
            kubelet = Kubelet(
                self.kube.registry, self.home / "pods", bin_dir, time_scale=self.time_scale
            )
            self._stack.callback(kubelet.stop)
            kubelet.start()
        for started in self.hosts.values():
            started.start()
        if self.scenario.clouds:
            self._clouds = CloudPods(
                self.jenkins,
                self.kube,
                self.scenario.clouds,
                edge=f"{self.agent_host}:{self.agent_port}",
                time_scale=self.time_scale,
            )
            self._stack.callback(self._clouds.stop)
            self._clouds.start()
        if self.scenario.casc:
            clouds = [self.jenkins.cloud(cloud.name) for cloud in self.scenario.clouds]
            known = self.jenkins.state.computers
            by_casc = [spec.name for spec in self.scenario.nodes if spec.by_casc]
            tunnels = {name: known[name].config.tunnel for name in by_casc}
            write_checkout(self.home, clouds, tunnels, self.jenkins.agent_port)
        nodes = [spec.name for spec in self.scenario.nodes if can_connect(spec, self.faults)]
        self._wait_for_agents([*nodes, *self.cloud_nodes])

    def _add_workload(self, spec: NodeSpec, workload: WorkloadSpec) -> None:
        self.jenkins.add_node(spec, remote_fs="/home/jenkins/agent")
        secret = self.jenkins.secret(spec.name)
        for body in workload_objects(workload, spec.agent or AgentSpec(), self.root_url, secret):
            self.kube.add(body, manager="kubectl-client-side-apply")

    def _add_hosted(self, spec: NodeSpec, host: Host) -> None:
        self.jenkins.add_node(spec, remote_fs=str(host.agent_folder(spec.name)))
        host.install(
            spec,
            self.agents_url,
            self.jenkins.secret(spec.name),
            agent_faults(self.faults, spec.name),
            swarm_password=self._swarm_token,
        )

    def _add_alone(self, spec: NodeSpec, bin_dir: Path) -> None:
        self.jenkins.add_node(spec, remote_fs=str(agent_folder(self.home, spec.name)))
        if spec.launcher == "inbound" and spec.agent is not None:
            self.agents[spec.name] = AgentProcess.start(
                spec,
                self.home,
                self.root_url,
                self.jenkins.secret(spec.name),
                bin_dir,
                time_scale=self.time_scale,
                faults=self.faults,
            )

    def _wait_for_agents(self, nodes: list[str]) -> None:
        deadline = time.monotonic() + _AGENTS_TIMEOUT
        while missing := [name for name in nodes if not self.jenkins.is_online(name)]:
            dead = [n for n in missing if n in self.agents and not self.agents[n].alive()]
            if dead or time.monotonic() > deadline:
                name = (dead or missing)[0]
                last = self._log(name).strip().splitlines()[-1:] or ["no output"]
                raise SandboxError(f"the agent of {name} does not connect: {last[0]}")
            time.sleep(0.02)

    def _log(self, node: str) -> str:
        """What the node's agent printed."""
        if node in self.agents:
            return self.agents[node].log()
        for host in self.hosts.values():
            if node in host.agents:
                return host.agents[node].log()
        return ""
