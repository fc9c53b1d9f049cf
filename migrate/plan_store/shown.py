"""Paths as a person types them."""

from pathlib import Path


def shown_path(path: Path) -> str:
    """A path as the user would type it: relative to here where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
