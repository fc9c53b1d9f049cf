"""The sandbox as an ``Installation``."""

from pathlib import Path
from typing import Any

import e2e_rbac
from e2e_installation import Looking, until

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.spec import CONTROLLER_VERSION, HostSpec, NodeSpec, Scenario

SCALE = 0.1
_LAUNCHES = (
    "etc/**/*",
    "home/.config/**/*",
    "services/**/*.xml",
    "agents/*/*.sh",
    "agents/*/agent*",
)


class SandboxInstallation(Looking):
    """Starts on construction; ``stop`` ends it."""

    time_scale = SCALE
    kube_user: str | None = None
    """Who the kubeconfig is for; None: what fits the controller's user."""

    def __init__(
        self,
        work: Path,
        home: Path,
        nodes: tuple[NodeSpec, ...],
        faults: frozenset[str],
        hosts: tuple[HostSpec, ...] = (),
        scenario: Scenario | None = None,
        jenkins_version: str = CONTROLLER_VERSION,
    ) -> None:
        self.work, self.nodes = work, nodes
        scenario = scenario or Scenario("e2e", "what one story needs", nodes, hosts)
        self.sandbox = Sandbox(
            home,
            scenario=scenario,
            faults=faults,
            time_scale=SCALE,
            jenkins_version=jenkins_version,
        )
        self.sandbox.start()
        self.controller_url = self.sandbox.jenkins.url
        self.tokens = dict(self.sandbox.tokens)
        self.agents = self.sandbox.agents
        self.kube = self.sandbox.kube
        self.agent_port, self.db_port = self.sandbox.agent_port, self.sandbox.db_port

    def environment(self, user: str) -> dict[str, str]:
        """As ``migrate sandbox up`` prints it."""
        return self.sandbox.environment(user, kube_user=self.kube_user)

    def with_least_rights(self) -> None:
        """From now on the tool's kubeconfig is of a user with examples/rbac.yaml and no more."""
        self.sandbox.kube.authorizer.users += (e2e_rbac.sandbox_user(),)
        self.kube_user = e2e_rbac.NAME

    def launches(self) -> dict[str, tuple[bytes, int]]:
        """Bytes and mode of what starts the agents of the hosts, and of their jars."""
        found: dict[str, tuple[bytes, int]] = {}
        for host in self.sandbox.hosts.values():
            for pattern in _LAUNCHES:
                for path in host.folder.glob(pattern):
                    if path.is_file() and ".migrate-" not in path.name:
                        name = str(path.relative_to(host.folder.parent))
                        found[name] = (path.read_bytes(), path.stat().st_mode)
        return found

    def everything(self) -> dict[str, Any]:
        """With the launches of the hosts."""
        return {**super().everything(), "launches": self.launches()}

    def settle(self) -> None:
        """Of the sandbox's edge."""
        self.sandbox.edge.settle()

    def start_build(self, node: str, seconds: float) -> None:
        """Inside the controller: the sandbox has no jobs."""
        build = self.sandbox.jenkins.start_build(node, seconds)
        until(lambda: build.state == "running")

    def builds(self) -> list[str]:
        """Their states."""
        return [build.state for build in self.sandbox.jenkins.builds]

    def stop(self) -> None:
        """End everything."""
        self.sandbox.stop()
