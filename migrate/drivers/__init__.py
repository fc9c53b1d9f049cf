"""How one agent process is upgraded and restarted."""
