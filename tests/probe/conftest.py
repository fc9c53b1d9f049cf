from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator["object"]:
    """A sandbox controller with an administrator; shared by the tests of a module."""
    pytest.importorskip("aiohttp")
    from probe_sandbox import ADMIN, TOKEN

    from migrate.sandbox.jenkins.server import JenkinsServer

    home: Path = tmp_path_factory.mktemp("jenkins")
    server = JenkinsServer(home)
    server.add_user("admin", TOKEN, ADMIN)
    server.start()
    yield server
    server.stop()
