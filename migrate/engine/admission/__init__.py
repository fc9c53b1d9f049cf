"""What stands between a node and its start: hours, limits, hooks, people."""
