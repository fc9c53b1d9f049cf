"""The facts that machine formats are made from, for each kind of result."""
