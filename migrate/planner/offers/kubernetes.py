"""``kubernetes``: the pod template of the workload that runs the agent is edited. Pure."""

from migrate.model.cluster_facts import AgentWorkload
from migrate.model.inventory import Node
from migrate.model.text import visible
from migrate.model.versions import AGENT_BLOCK_BELOW, Version
from migrate.planner.offers.base import Facts, Offer, Refusal


def offer(node: Node, facts: Facts) -> Offer | Refusal:
    """Where exactly one workload serves the node, and its pod template may be edited."""
    workload = facts.workload
    if workload is None:
        return Refusal(
            "no workload of the cluster serves it",
            "name it in its pod template (JENKINS_NAME, JENKINS_AGENT_NAME, -name), and scan that "
            "cluster",
        )
    place = visible(f"{workload.kind} {workload.namespace}/{workload.name}")
    return _obstacle(node, facts, workload, place) or Offer(
        f"its launch is the pod template of {place}"
    )


def _obstacle(node: Node, facts: Facts, workload: AgentWorkload, place: str) -> Refusal | None:
    by_hand = visible(workload.by_hand)
    if workload.obstacle:
        return Refusal(f"{place} can't be edited safely: {workload.obstacle}", by_hand=by_hand)
    owner = workload.owner
    if owner is not None and owner.reverts and not facts.choices.allow_live_edit:
        name = visible(f"{owner.kind} {owner.name}".strip())
        return Refusal(
            f"{name} owns {place} ({visible(owner.evidence)}) and would put an edit back; "
            "there, set JENKINS_WEB_SOCKET=true and take out JENKINS_TUNNEL and "
            "JENKINS_DIRECT_CONNECTION, or plan with --allow-live-edit",
            "plan with --allow-live-edit",
            by_hand,
        )
    version = Version.maybe(node.remoting_version)
    if version is None and node.online:
        return Refusal(
            f"the remoting version in the image {visible(workload.image)} is not known",
            "scan as a user with Agent/Connect",
            by_hand,
        )
    if version is not None and version < AGENT_BLOCK_BELOW:
        return Refusal(
            f"the image {visible(workload.image)} brings remoting {node.remoting_version}, which "
            "does not hold a WebSocket connection: a newer image is needed",
            "use an image with remoting 4.13 or newer",
            by_hand,
        )
    return None
