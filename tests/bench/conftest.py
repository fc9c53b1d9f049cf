"""The fixture that compares, and the table at the end."""

from bench_table import compare, pytest_terminal_summary

__all__ = ["compare", "pytest_terminal_summary"]
