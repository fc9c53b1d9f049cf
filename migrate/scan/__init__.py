"""Sources to Inventory."""
