"""The small installations of the matrix: together they go through every part of a migration."""

from crash_lane import Scene

from migrate.sandbox.spec import AgentSpec, NodeSpec

OLD_JAR = "3107.v665000b_51092"

SCENES = {
    scene.name: scene
    for scene in (
        # Preflight with its probe node, and a move that drops a tunnel.
        Scene("move", (NodeSpec("tunnelled", tunnel="{edge}"),), ("--no-close",)),
        # The same with a new agent.jar.
        Scene("upgrade", (NodeSpec("old", agent=AgentSpec(jar_version=OLD_JAR)),), ("--no-close",)),
        # The port, from the outside inwards; no node is left to move.
        Scene("close", (NodeSpec("ws", web_socket=True),)),
    )
}

WHOLE = Scene(
    "whole",
    (
        NodeSpec("plain"),
        NodeSpec("old", agent=AgentSpec(jar_version=OLD_JAR)),
        NodeSpec("tunnelled", tunnel="{edge}"),
    ),
)
"""Everything in one plan; for the soak."""
