"""Ends the agents of a sandbox."""

from collections.abc import Mapping
from pathlib import Path

from migrate.sandbox.agent.hosts import Host
from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.strays import end_processes


def stop_agents(hosts: Mapping[str, Host], agents: Mapping[str, AgentProcess], home: Path) -> None:
    """All side by side, with those that a person started by hand in the agents' folders."""
    for host in hosts.values():
        host.stop()
    for agent in agents.values():
        if agent.process is not None and agent.alive():
            agent.process.terminate()
    for agent in agents.values():
        agent.stop()
    for folder in ("agents", "hosts"):
        end_processes("migrate.sandbox.agent", str(home / folder))
