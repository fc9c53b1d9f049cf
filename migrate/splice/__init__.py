"""Lossless editing by offsets: text in, text out, every other byte stays. Pure."""
