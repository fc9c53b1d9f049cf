"""``python -m migrate``."""

from migrate.cli.main import run

run()
