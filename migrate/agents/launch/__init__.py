"""Editors of the files that start an agent: text in, text out. Nothing here reads or writes."""
