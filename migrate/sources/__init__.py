"""A checkout: the files that own a setting."""
