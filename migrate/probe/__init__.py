"""What can be tried without touching an agent."""
