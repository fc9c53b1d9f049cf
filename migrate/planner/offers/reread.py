"""``reread``: the node's flag is set, and a disconnect has the agent read its JNLP again. Pure."""

from migrate.model.inventory import LaunchKind, Node
from migrate.model.versions import AGENT_BLOCK_BELOW, Version
from migrate.planner.offers.base import REREAD, Facts, Offer, Refusal, launch_not_known
from migrate.planner.offers.launch import BY_HAND, by_flag


def offer(node: Node, facts: Facts) -> Offer | Refusal:
    """For agents that were started with ``-jnlpUrl``; of one that is away, the flag alone."""
    launch = facts.launch
    if launch is not None and launch.kind is not LaunchKind.JNLP_URL:
        return Refusal(BY_HAND[launch.kind])
    if not node.online:
        return _flag_alone(node)
    if launch is None:
        return launch_not_known(facts)
    flag = by_flag(node, facts, launch)
    if flag.stuck is not None:
        return flag.stuck
    why = "started with -jnlpUrl: after a disconnect it reads its JNLP file again"
    if launch.asserted:
        why += " (nobody read that on its host: --launch or --driver says so)"
    return Offer(why, note="it was asked for (--driver)" if facts.asked == REREAD else flag.jar.why)


def _flag_alone(node: Node) -> Offer | Refusal:
    version = Version.maybe(node.remoting_version)
    if version is not None and version < AGENT_BLOCK_BELOW:
        return Refusal(
            f"it is not connected, and remoting {node.remoting_version} does not hold a "
            "WebSocket connection",
            "bring a newer agent.jar to its host",
        )
    return Offer(
        "it is not connected: only its flag is set, which moves it when it was started "
        "with -jnlpUrl"
    )
