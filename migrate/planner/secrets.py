"""``--secrets-to-files``: where an agent's secret would go, and why one stays. Pure."""

import posixpath

from migrate.model.inventory import Launch, LaunchKind, Node
from migrate.model.plan import Choices
from migrate.model.secrets import MASK
from migrate.model.text import file_name

_IN_CONTAINERS = (LaunchKind.CONTAINER, LaunchKind.CLOUD_POD)


def wanted(launch: Launch | None, choices: Choices) -> bool:
    """Whether this agent's secret is to move: asked for, and seen in clear on its host."""
    return choices.secrets_to_files and launch is not None and launch.secret_in_clear is True


def secret_file(node: Node, launch: Launch, choices: Choices, *, as_root: bool = False) -> str:
    """The new file's path; empty when the secret stays.

    In the work directory, else beside agent.jar, where the agent's own user may write;
    ``as_root``: or where it may not. The node's name in it keeps the agents of a host apart.
    """
    if not wanted(launch, choices) or obstacle(launch):
        return ""
    folders = [
        (launch.work_dir, launch.work_dir_writable),
        (_beside(launch.jar), launch.jar_writable),
    ]
    known = [(folder, own) for folder, own in folders if folder and _usable(folder)]
    for folder, own in known:
        if own:
            return posixpath.join(folder, f"agent-secret-{file_name(node.name)}")
    if known and as_root:
        return posixpath.join(known[0][0], f"agent-secret-{file_name(node.name)}")
    return ""


def obstacle(launch: Launch) -> str:
    """Why no driver moves this agent's secret; empty when one can."""
    if launch.kind in _IN_CONTAINERS or launch.supervisor in ("docker", "kubernetes"):
        return (
            "it is handed to a container, where no file of the host is: mount one and name it as "
            "@FILE, or give it by a Secret of the cluster"
        )
    if launch.os and launch.os.lower().startswith("windows"):
        return "who may read a new file on Windows is the folder's matter, which was not read"
    if launch.kind is LaunchKind.SWARM:
        return "the options of a Swarm client are changed by a person"
    return ""


def _beside(jar: str | None) -> str:
    return posixpath.dirname(jar) if jar else ""


def _usable(folder: str) -> bool:
    """An absolute path that was not escaped or masked on its way here."""
    return folder.startswith("/") and "\\" not in folder and MASK not in folder
