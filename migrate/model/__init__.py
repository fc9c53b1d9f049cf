"""Frozen data that every part shares: inventory, findings, plan, journal records."""
