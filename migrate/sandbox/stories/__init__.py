"""What ``migrate sandbox demo`` tells of each scenario, and what must be true afterwards."""
