"""One story, two installations: the sandbox always, a real Jenkins where there is one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e_real import RealInstallation, missing
from e2e_sandbox import SandboxInstallation

from migrate.sandbox.edge import config as edge_config
from migrate.sandbox.spec import NodeSpec

AnyInstallation = SandboxInstallation | RealInstallation
Start = Callable[..., AnyInstallation]


@pytest.fixture(params=["sandbox", "real"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts an installation with the nodes and faults that a story asks for."""
    running: list[AnyInstallation] = []
    if request.param == "real" and missing():
        pytest.skip(missing())

    def begin(*nodes: NodeSpec, faults: tuple[str, ...] = ()) -> AnyInstallation:
        work, home = tmp_path / "work", tmp_path / "home"
        work.mkdir()
        wanted = frozenset(faults)
        if request.param == "sandbox":
            running.append(SandboxInstallation(work, home, nodes, wanted))
        else:
            if not wanted <= edge_config.FAULTS:
                pytest.skip(f"real parts cannot be told to show {', '.join(sorted(wanted))}")
            war = Path(os.environ["JENKINS_WAR"])
            running.append(RealInstallation(war, work, home, nodes, wanted))
        return running[-1]

    try:
        yield begin
    finally:
        for installation in running:
            installation.stop()
