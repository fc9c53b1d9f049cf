"""The sandbox as an ``Installation``."""

from pathlib import Path

from e2e_installation import Looking, until

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.spec import NodeSpec, Scenario

SCALE = 0.1


class SandboxInstallation(Looking):
    """Starts on construction; ``stop`` ends it."""

    time_scale = SCALE

    def __init__(
        self,
        work: Path,
        home: Path,
        nodes: tuple[NodeSpec, ...],
        faults: frozenset[str],
        scenario: Scenario | None = None,
    ) -> None:
        self.work, self.nodes = work, nodes
        scenario = scenario or Scenario("e2e", "what one story needs", nodes)
        self.sandbox = Sandbox(home, scenario=scenario, faults=faults, time_scale=SCALE)
        self.sandbox.start()
        self.controller_url = self.sandbox.jenkins.url
        self.tokens = dict(self.sandbox.tokens)
        self.agents = self.sandbox.agents
        self.kube = self.sandbox.kube
        self.agent_port, self.db_port = self.sandbox.agent_port, self.sandbox.db_port

    def environment(self, user: str) -> dict[str, str]:
        """As ``migrate sandbox up`` prints it."""
        return self.sandbox.environment(user)

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
