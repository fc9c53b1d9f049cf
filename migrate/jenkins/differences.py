"""What changed in a node's configuration since a scan, told by name. Pure."""

from migrate.jenkins.node_config import read_launcher
from migrate.model.inventory import Node
from migrate.model.text import visible


def node_differences(known: Node, body: bytes) -> tuple[str, ...]:
    """``field: before, now after`` for each field that the scan kept; secrets are none of them."""
    now = read_launcher(body)
    pairs = (
        ("launcher", known.launcher_class, now.launcher_class),
        ("webSocket", known.web_socket, now.web_socket),
        ("tunnel", known.tunnel, now.tunnel),
        ("work directory", known.work_dir, now.work_dir),
        ("remoteFS", known.remote_fs, now.remote_fs),
        ("labels", " ".join(known.labels), " ".join(now.labels)),
        ("executors", known.executors, now.executors),
        ("description", known.description, now.description),
    )
    return tuple(
        f"{name}: {visible(str(before))}, now {visible(str(after))}"
        for name, before, after in pairs
        if (before or None) != (after or None)
    )
