"""Other proxies in front of Jenkins: read and told, never edited. Pure."""
