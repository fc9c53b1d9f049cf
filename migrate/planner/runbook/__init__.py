"""Runbooks: what a person must do on an agent's host, as text and as a script to review."""
