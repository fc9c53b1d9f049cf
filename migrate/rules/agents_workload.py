"""M058: agents' pods of an owner that this tool does not edit."""

from collections.abc import Iterator

from migrate.model.cluster_facts import AgentWorkload
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import parts
from migrate.rules.rule import Hit, Rule


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    names = {node.name for node in inventory.nodes}
    for workload in inventory.cluster.agents if inventory.cluster else ():
        if not workload.obstacle or workload.web_socket:
            continue
        ours = sorted(names & set(workload.nodes))
        if ours:
            serves = f"serves {', '.join(ours)}"
        elif workload.nodes:
            serves = f"serves {', '.join(workload.nodes)}, which this controller does not have"
        else:
            serves = "serves a node that it does not name"
        theirs = not ours and (bool(workload.nodes) or _of_another(workload, inventory))
        yield Hit(
            f"{workload.kind} {workload.namespace}/{workload.name}",
            f"runs inbound agents, {serves}, and is not changed by this tool",
            f"container {workload.container}, image {workload.image}"
            + (f", controller {workload.url}" if workload.url else ""),
            workload.obstacle[:1].upper() + workload.obstacle[1:] + ".",
            workload.by_hand
            or "Set JENKINS_WEB_SOCKET=true and take out JENKINS_TUNNEL and "
            "JENKINS_DIRECT_CONNECTION where its pods are described, and let them be replaced.",
            Severity.INFO if theirs else None,
        )


def _of_another(workload: AgentWorkload, inventory: Inventory) -> bool:
    """Whether it names another controller than this one, by the host of its URL."""
    known = inventory.controller
    own = {host(url) for url in (known.url, known.root_url, known.inbound_url) if url}
    there = host(workload.url)
    return bool(there) and there not in own


def host(url: str) -> str:
    """The host name in a URL; empty for what is none."""
    split = parts(url)
    return (split.hostname or "") if split is not None else ""


RULE = Rule(
    id="M058",
    name="agents-workload",
    title="Agents run in a workload that a person must change",
    severity=Severity.WARNING,
    find=_find,
    meaning="The pods of an inbound agent belong to a DeploymentConfig, a ReplicaSet, a Job or "
    "another owner that this tool does not edit, or to one whose agent container it can't edit "
    "safely.",
    why="Until its pod template says WebSocket, each new pod of it connects over TCP and waits for "
    "ever when the port is closed.",
    by_hand="kubectl get pods -A -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,"
    "OWNER:.metadata.ownerReferences[0].kind,IMAGE:.spec.containers[*].image",
    fix="Change its pod template with the command given.",
    sources=(
        "kubernetes pkg/apis/batch/validation: the pod template of a Job is immutable",
        "kubectl pkg/cmd/set/set_env.go; openshift/api apps/v1 DeploymentConfig",
    ),
    levels="An info where its agents are of no node here, or name another controller.",
)
