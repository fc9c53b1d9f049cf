"""Moves a Jenkins installation from the fixed TCP agent port to WebSocket."""

__version__ = "0.1.0"
