"""One file per rule; an inventory goes in, findings come out. Pure."""
