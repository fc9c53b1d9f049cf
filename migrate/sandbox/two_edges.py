"""The scenario ``two-edges``: three ways to one agent port, each with its own agents."""

from migrate.sandbox.spec import NodeSpec, Scenario

TWO_EDGES = Scenario(
    name="two-edges",
    title="two ingress controllers and a LoadBalancer Service lead to one Jenkins",
    nodes=(
        NodeSpec("outside-1", labels="linux"),
        NodeSpec("outside-2", labels="linux", tunnel="{edge}"),
        NodeSpec("inside-1", labels="lab", tunnel="{inside}"),
        NodeSpec("balanced-1", labels="dmz", tunnel="{balancer}"),
    ),
    second_edge=True,
)
