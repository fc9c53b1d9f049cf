"""Inventory to findings; one rule per file; pure."""
