"""Where a scenario's node finds the edges, and whether its agent can come in."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from migrate.sandbox.spec import NodeSpec


def placed(spec: NodeSpec, other_ports: Mapping[str, int], host: str, port: int) -> NodeSpec:
    """The node with the addresses of the edges in its tunnel and its agent's own."""
    for name, other in other_ports.items():
        if spec.tunnel:
            spec = replace(spec, tunnel=spec.tunnel.replace(f"{{{name}}}", f"{host}:{other}"))
    agent = spec.agent
    if agent is None or not agent.tunnel:
        return spec
    tunnel = agent.tunnel.replace("{edge}", f"{host}:{port}")
    return replace(spec, agent=replace(agent, tunnel=tunnel))


def can_connect(spec: NodeSpec, faults: Collection[str]) -> bool:
    """Whether an agent of the node comes in at the start."""
    if spec.agent is None or spec.launcher != "inbound":
        return False
    web_socket = spec.agent.web_socket or (spec.agent.launch == "jnlp-url" and spec.web_socket)
    return not (web_socket and "websocket-unsupported" in faults)
