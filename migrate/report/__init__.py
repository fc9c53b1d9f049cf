"""Scan, plan and run as text, JSON, Markdown and HTML. Pure: data in, str out."""
