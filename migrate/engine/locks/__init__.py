"""One run at a time, also across machines."""
