"""The controller: nodes, node configuration, agent log, script console, port."""
