"""One story, several installations."""

from e2e_start import (
    jar_versions,
    old_jars,
    pytest_collection_modifyitems,
    pytest_generate_tests,
    real_api,
    start,
)

__all__ = [
    "jar_versions",
    "old_jars",
    "pytest_collection_modifyitems",
    "pytest_generate_tests",
    "real_api",
    "start",
]
