"""Moving a node, part by part."""
