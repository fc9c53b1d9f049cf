"""Where an agent's files are."""

from pathlib import Path

from migrate.model.text import file_name


def agent_folder(home: Path, node: str) -> Path:
    """The folder of a node's agent: its remoteFS and work directory."""
    return (home / "agents" / file_name(node)).absolute()
