"""A sandbox controller with many nodes, in a process of its own: ``bench_controller.py NODES``.

Prints its URL, then serves until its input ends.
"""

import sys
import tempfile
from pathlib import Path

from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.spec import NodeSpec

USER, TOKEN = "operator", "11" + "b" * 32
PERMISSIONS = (
    "Overall/Read",
    "Agent/ExtendedRead",
    "Agent/Configure",
    "Agent/Connect",
    "Agent/Disconnect",
)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = JenkinsServer(Path(folder))
        server.add_user(USER, TOKEN, frozenset(PERMISSIONS))
        for number in range(count):
            server.add_node(NodeSpec(f"node-{number:04}", labels="linux", agent=None))
        server.start()
        print(server.root_url, flush=True)
        sys.stdin.read()
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
