"""The story of three ways to one port."""

from collections.abc import Iterator

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import PLAN, Act
from migrate.sandbox.stories.seen import greets, refused, transport


def delete_balancer(sandbox: Sandbox) -> str:
    """The LoadBalancer Service of ``two-edges``, as who keeps it in Argo CD's repository would."""
    sandbox.kube.remove("Service", "jenkins", "jenkins-agents-lb")
    return "Its keeper took Service jenkins/jenkins-agents-lb out of its repository."


TWO_EDGES_STORY = (
    Act(
        "What is there? Two ingress controllers and a LoadBalancer Service lead to one agent\n"
        "port, by three different ports, and agents come in by each.",
        "migrate scan -q",
    ),
    Act(
        "The plan closes each of them and tries each of them afterwards. One belongs to Argo CD,\n"
        "so a person must take it away.",
        "migrate plan -q --name demo --probe-hold 5",
    ),
    Act(
        "Every agent is moved and two ways are closed. The third waits for its keeper (exit 4).",
        f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5",
        4,
    ),
    Act(
        "Not closed: each way is named with its answer, and one of them still answers (exit 4).",
        "migrate verify -q",
        4,
    ),
    Act(
        "Go on.",
        f"migrate apply {PLAN} --resume --yes --confirm localhost --soak 0 --poll 0.5",
        first=delete_balancer,
    ),
    Act("Now nothing accepts connections on any of them.", "migrate verify -q"),
    Act(
        "The way back would open each of them again.",
        f"migrate rollback {PLAN} --dry-run",
    ),
)


def two_edges_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """What must be true when every way is closed."""
    for port in (sandbox.agent_port, *sandbox.other_ports.values()):
        yield f"a TCP connection to localhost:{port} is refused", refused(port)
    nodes = [node.name for node in sandbox.scenario.nodes]
    on_ws = [name for name in nodes if transport(sandbox, name) == "WebSocket"]
    yield f"{len(on_ws)} of {len(nodes)} nodes are on WebSocket", on_ws == nodes
    yield "the database behind the same edge still answers", greets(sandbox.db_port, b"db ok")
