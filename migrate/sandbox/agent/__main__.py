"""Runs one agent: ``python -m migrate.sandbox.agent JAVA-ARGUMENTS``."""

import sys

from migrate.sandbox.agent.java import main

sys.exit(main(sys.argv[1:]))
