"""Runs a plan: stages, waves, gates, lock, journal, resume, rollback."""
