"""The way back, from the journal alone."""
