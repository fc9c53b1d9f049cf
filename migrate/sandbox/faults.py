"""Named faults on request: which of them hit the controller, and which a node's agent.

A fault is written ``NAME`` or ``NAME:NODE``. Without a node, an agent fault hits
``DEFAULT_NODE``: the second movable node of the ``default`` scenario, so that the canary
(the first one) succeeds and the fault shows inside a wave.
"""

DEFAULT_NODE = "linux-old"

AGENT_FAULTS = frozenset(
    {"dead-agent", "slow-agent", "tcp-again", "old-jar", "agent-flaps", "disk-full", "read-only"}
)
"""``dead-agent`` exits for good on its next reconnect; ``slow-agent`` waits three times as
long; ``tcp-again`` comes back over TCP in spite of the flag; ``old-jar`` comes back with the
version that it had at its first start, whatever the jar on disk says; ``agent-flaps`` loses its
connection three times after it came back; ``disk-full`` and ``read-only``: no file can be written
beside its jar any more."""

NODE_FAULTS = frozenset({"node-deleted", "node-renamed", "node-reconfigured", "node-taken-offline"})
"""What a person does to a node right after it was marked offline for its move: deletes it,
renames it, gives it one more executor, puts a mark and a reason of their own in place."""

CONTROLLER_FAULTS = NODE_FAULTS | frozenset(
    {"sso-login", "controller-restart", "websocket-unsupported", "token-revoked", "no-jenkins-url"}
)
"""``sso-login``: /login answers 302 to a single sign-on; ``controller-restart``: restarts once
after its second doDisconnect; ``websocket-unsupported``: /wsagents/ and /cli/ws are 404;
``no-jenkins-url``: no Jenkins URL is configured;
``token-revoked``: after the second doDisconnect no API token is good any more."""


def controller_has(faults: frozenset[str], name: str) -> bool:
    """Whether the controller shows the fault ``name``."""
    return name in faults


def agent_faults(
    faults: frozenset[str], node: str, default_node: str = DEFAULT_NODE
) -> frozenset[str]:
    """The agent faults that hit ``node``, without the node's name."""
    return _hit(faults, AGENT_FAULTS, node, default_node)


def node_faults(faults: frozenset[str], node: str) -> frozenset[str]:
    """What a person does to ``node``, without its name."""
    return _hit(faults, NODE_FAULTS, node, DEFAULT_NODE)


def _hit(
    faults: frozenset[str], known: frozenset[str], node: str, default_node: str
) -> frozenset[str]:
    parted = (fault.partition(":") for fault in faults)
    return frozenset(
        name for name, _, target in parted if name in known and (target or default_node) == node
    )
