"""Plain nginx: what its files say of the HTTP way to Jenkins, and of its agent port. Pure."""
