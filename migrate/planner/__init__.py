"""Inventory, findings and choices to Plan; pure."""
