"""Fronts that do not let WebSocket in as they stand: opened first, and put back last."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_cli import PLAN, Cli
from e2e_installation import until
from e2e_sandbox import SandboxInstallation

from migrate.sandbox.fronts import NGINX_INC, SHORT_TIMEOUT
from migrate.sandbox.spec import Scenario


@pytest.fixture(params=[NGINX_INC, SHORT_TIMEOUT], ids=lambda scenario: scenario.name)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SandboxInstallation]:
    scenario: Scenario = request.param
    work = tmp_path / "work"
    work.mkdir()
    made = SandboxInstallation(
        work, tmp_path / "home", scenario.nodes, frozenset(), scenario=scenario
    )
    yield made
    made.stop()


def annotations(there: SandboxInstallation) -> dict[str, str]:
    ingress = there.sandbox.kube.get("Ingress", "jenkins", "jenkins") or {}
    found: dict[str, str] = ingress["metadata"].get("annotations", {})
    return found


def over(there: SandboxInstallation, protocol: str) -> bool:
    return set(there.transports().values()) == {protocol}


def test_it_is_opened_before_the_nodes_and_put_back_after_them(
    there: SandboxInstallation,
) -> None:
    cli = Cli(there)
    before = annotations(there)
    cli.plan("-q", "--probe-hold", "6")
    rehearsed = cli.run("apply", PLAN, "--dry-run")
    assert "would change: let WebSocket through Ingress jenkins/jenkins" in rehearsed.out
    assert annotations(there) == before
    cli.apply("--until", "nodes")
    assert over(there, "WebSocket")
    opened = annotations(there)
    assert opened != before
    # One node alone: the others are on WebSocket still, and need the front as it is.
    cli.rollback("--node", "linux-1")
    until(lambda: there.transport("linux-1") == "JNLP4-connect")
    assert annotations(there) == opened
    cli.rollback()
    until(lambda: over(there, "JNLP4-connect"))
    assert annotations(there) == before
