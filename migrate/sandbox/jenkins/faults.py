"""Named faults on request: which of them hit the controller, and which a node's agent.

A fault is written ``NAME`` or ``NAME:NODE``. Without a node, an agent fault hits
``DEFAULT_NODE``: the second movable node of the ``default`` scenario, so that the canary
(the first one) succeeds and the fault shows inside a wave.
"""

DEFAULT_NODE = "linux-old"

AGENT_FAULTS = frozenset({"dead-agent", "slow-agent", "tcp-again", "old-jar"})
"""``dead-agent`` exits for good on its next reconnect; ``slow-agent`` waits three times as
long; ``tcp-again`` comes back over TCP in spite of the flag; ``old-jar`` comes back with the
version that it had at its first start, whatever the jar on disk says."""

CONTROLLER_FAULTS = frozenset({"sso-login", "controller-restart", "websocket-unsupported"})
"""``sso-login``: /login answers 302 to a single sign-on; ``controller-restart``: restarts once
after its second doDisconnect; ``websocket-unsupported``: /wsagents/ and /cli/ws are 404."""


def controller_has(faults: frozenset[str], name: str) -> bool:
    """Whether the controller shows the fault ``name``."""
    return name in faults


def agent_faults(
    faults: frozenset[str], node: str, default_node: str = DEFAULT_NODE
) -> frozenset[str]:
    """The agent faults that hit ``node``, without the node's name."""
    hit = set()
    for fault in faults:
        name, _, target = fault.partition(":")
        if name in AGENT_FAULTS and (target or default_node) == node:
            hit.add(name)
    return frozenset(hit)
