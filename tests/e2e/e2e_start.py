"""One story, several installations: the sandbox always, real parts where they are."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e_cluster import ClusterInstallation
from e2e_kube import RealApi
from e2e_kube import missing as kube_missing
from e2e_real import FAULTS as REAL_FAULTS
from e2e_real import RealInstallation, other_versions, too_old
from e2e_real import missing as jenkins_missing
from e2e_real_home import war_minimum
from e2e_sandbox import SandboxInstallation

from migrate.model.versions import v
from migrate.sandbox.jenkins.changes import VERSIONS, minimum_remoting
from migrate.sandbox.kube.faults import FAULTS as KUBE_FAULTS
from migrate.sandbox.spec import CONTROLLER_VERSION, OWN_JAR, NodeSpec

AnyInstallation = SandboxInstallation | RealInstallation
SANDBOX_JARS = (
    "4.13",
    "3063.v26e24490f041",
    "3107.v665000b_51092",
    "3160.vd76b_9ddd10cc",
    "3206.vb_15dcf73f6a_9",
)
Start = Callable[..., AnyInstallation]


@pytest.fixture(scope="session")
def real_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    """One real API server for all stories of this process; skips where there is none."""
    if kube_missing():
        pytest.skip(kube_missing())
    api = RealApi(Path(os.environ["KUBEBUILDER_ASSETS"]), tmp_path_factory.mktemp("api"))
    try:
        yield api
    finally:
        api.stop()


@pytest.fixture
def jar_versions(request: pytest.FixtureRequest, jenkins_version: str) -> tuple[str, ...]:
    """Versions of agent.jar that ``start`` has; ``OWN_JAR`` is the controller's own."""
    if "real" not in request.node.callspec.params.values() or jenkins_missing():
        least = v(minimum_remoting(jenkins_version))
        return (OWN_JAR, *(jar for jar in SANDBOX_JARS if v(jar) >= least))
    return (OWN_JAR, *other_versions(war_minimum(Path(os.environ["JENKINS_WAR"]))))


@pytest.fixture(params=["real"])
def old_jars(request: pytest.FixtureRequest) -> str:
    """Why some of the jars at hand are in no story; skips where all are, or there is no war."""
    if jenkins_missing():
        pytest.skip(jenkins_missing())
    return too_old(war_minimum(Path(os.environ["JENKINS_WAR"])))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every story on today's version, with --long on the oldest too; some on all."""
    if "jenkins_version" not in metafunc.fixturenames:
        return
    every = metafunc.definition.get_closest_marker("every_version")
    asked: list[Any] = [CONTROLLER_VERSION]
    for version in VERSIONS:
        if version != CONTROLLER_VERSION and (every or version == VERSIONS[0]):
            asked.append(pytest.param(version, marks=pytest.mark.long))
    metafunc.parametrize("jenkins_version", asked)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real parts have a version of their own."""
    items[:] = [item for item in items if not _another_version_of_real_parts(item)]


def _another_version_of_real_parts(item: pytest.Item) -> bool:
    params: dict[str, object] = item.callspec.params if hasattr(item, "callspec") else {}
    asked = params.get("jenkins_version", CONTROLLER_VERSION)
    return params.get("start", "sandbox") != "sandbox" and asked != CONTROLLER_VERSION


@pytest.fixture(params=["sandbox", "real", "real-cluster"])
def start(request: pytest.FixtureRequest, tmp_path: Path, jenkins_version: str) -> Iterator[Start]:
    """Starts an installation with the nodes and faults that a story asks for.

    ``real``: a real Jenkins; ``real-cluster``: the sandbox on a real Kubernetes API.
    """
    running: list[AnyInstallation] = []
    if request.param == "real" and jenkins_missing():
        pytest.skip(jenkins_missing())
    api = request.getfixturevalue("real_api") if request.param == "real-cluster" else None

    def begin(*nodes: NodeSpec, faults: tuple[str, ...] = ()) -> AnyInstallation:
        work, home = tmp_path / "work", tmp_path / "home"
        work.mkdir()
        wanted = frozenset(faults)
        if request.param == "sandbox":
            running.append(
                SandboxInstallation(work, home, nodes, wanted, jenkins_version=jenkins_version)
            )
        elif api is not None:
            if wanted & KUBE_FAULTS:
                pytest.skip(f"a real API server cannot be told to show {', '.join(sorted(wanted))}")
            running.append(ClusterInstallation(api, work, home, nodes, wanted))
        else:
            if not wanted <= REAL_FAULTS:
                pytest.skip(f"real parts cannot be told to show {', '.join(sorted(wanted))}")
            war = Path(os.environ["JENKINS_WAR"])
            running.append(RealInstallation(war, work, home, nodes, wanted))
        return running[-1]

    try:
        yield begin
    finally:
        for installation in running:
            installation.stop()
