"""One file per command; wires and prints, holds no logic."""
