"""A controller for the tests of a module."""

from probe_sandbox import controller

__all__ = ["controller"]
