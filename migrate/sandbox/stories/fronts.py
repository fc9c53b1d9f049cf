"""Stories of fronts that do not let WebSocket agents in as they stand."""

from collections.abc import Iterator

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.stories.act import PLAN, Act
from migrate.sandbox.stories.seen import greets, refused, transport

_APPLY = f"migrate apply {PLAN} --yes --confirm localhost --soak 0 --poll 0.5"
_RESUME = f"migrate apply {PLAN} --resume --yes --confirm localhost --soak 0 --poll 0.5"


def delete_transport_server(sandbox: Sandbox) -> str:
    """The way in of NGINX Inc's controller, as a person takes it away."""
    sandbox.kube.remove("TransportServer", "jenkins", "jenkins-agent-tcp")
    return "kubectl delete transportserver.k8s.nginx.org -n jenkins jenkins-agent-tcp"


def open_the_login(sandbox: Sandbox) -> str:
    """What the keeper of the single sign-on does: two more paths without it."""
    backend = {"service": {"name": "jenkins", "port": {"number": 8080}}}
    paths = [
        {"path": path, "pathType": "Prefix", "backend": backend}
        for path in ("/login", "/wsagents/")
    ]
    sandbox.kube.add(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "jenkins-websocket", "namespace": "jenkins"},
            "spec": {
                "ingressClassName": "nginx",
                "rules": [{"host": "localhost", "http": {"paths": paths}}],
            },
        }
    )
    sandbox.edge.settle()
    return "Its keeper adds an Ingress for /login and /wsagents/ without the sign-on."


NGINX_INC_STORY = (
    Act(
        "NGINX Inc's ingress controller passes WebSocket only to the Services that an annotation\n"
        "names. Jenkins' was never named.",
        "migrate scan -q",
    ),
    Act(
        "The plan sets it, before anything else. Its TransportServer is a person's to take away.",
        "migrate plan -q --name demo --probe-hold 5",
    ),
    Act(
        "The annotation is set and read back, the way is proven, the agents move. Then the port\n"
        "waits for a person (exit 4).",
        _APPLY,
        4,
    ),
    Act(
        "The TransportServer is gone, and the person says so.",
        f"migrate mark {PLAN} close/tcp-route/jenkins/jenkins-agent-tcp done --reason deleted",
        first=delete_transport_server,
    ),
    Act("Go on.", _RESUME),
    Act(
        "The way back would take the annotation away last, when no agent needs it.",
        f"migrate rollback {PLAN} --dry-run",
    ),
)
SHORT_TIMEOUT_STORY = (
    Act(
        "This ingress-nginx ends a connection that is quiet for 5 s. Jenkins pings each 30 s.",
        "migrate scan -q",
    ),
    Act(
        "A socket on /cli/ws shows it: it does not stand.",
        "migrate doctor -q --hold 8",
        3,
    ),
    Act("The plan raises both timeouts first.", "migrate plan -q --name demo --probe-hold 8"),
    Act("They are set, a probe node's connection stands, and the agents move.", _APPLY),
    Act("The way back, all of it.", f"migrate rollback {PLAN} --yes --poll 0.5"),
)
SSO_STORY = (
    Act(
        "A single sign-on stands in front of Jenkins. What TCP agents ask for is open; what\n"
        "WebSocket agents ask for first, /login and /wsagents/, is not.",
        "migrate scan -q",
    ),
    Act("A plan can be made ...", "migrate plan -q --name demo --probe-hold 5"),
    Act("... and stops before any node is touched (exit 3).", _APPLY, 3),
    Act("Now the same plan goes through.", _APPLY, first=open_the_login),
    Act("Is everything on WebSocket and the port closed?", "migrate verify -q"),
)


def closed_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """All moved, nothing listens."""
    port = sandbox.agent_port
    yield f"a TCP connection to localhost:{port} is refused", refused(port)
    yield from _all_on(sandbox, "WebSocket")


def back_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """All as before."""
    yield from _all_on(sandbox, "JNLP4-connect")
    ingress = sandbox.kube.get("Ingress", "jenkins", "jenkins") or {"metadata": {}}
    wanted = dict(sandbox.scenario.front.annotations)
    same = ingress["metadata"].get("annotations", {}) == wanted
    yield "the Ingress has its old annotations", same


def _all_on(sandbox: Sandbox, wanted: str) -> Iterator[tuple[str, bool]]:
    nodes = [node.name for node in sandbox.scenario.nodes]
    on = [name for name in nodes if transport(sandbox, name) == wanted]
    yield f"{len(on)} of {len(nodes)} nodes: {wanted}", on == nodes
    yield "the database behind the same edge still answers", greets(sandbox.db_port, b"db ok")
