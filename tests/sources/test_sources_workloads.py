"""Controllers among workloads, and the Services that pick them."""

import pytest

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.kept import Kept, read
from migrate.sources.workloads import agent_ports, controllers, selected


def _kept(text: str) -> Kept:
    return read([SourceText("a.yaml", text)], LookOptions())


def _pod(image: str, more: str = "") -> str:
    return (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: ci, x: y}}\nspec:\n"
        f"  containers:\n  - image: {image}\n{more}"
    )


@pytest.mark.parametrize(
    "image", ["jenkins/jenkins:lts", "registry.example/ci/jenkins@sha256:0", "my-jenkins:2"]
)
def test_a_controller_by_its_image(image: str) -> None:
    assert len(controllers(_kept(_pod(image)))) == 1


@pytest.mark.parametrize("image", ["jenkins/inbound-agent", "jenkins-exporter:1", "jenkins/x:1"])
def test_no_controller(image: str) -> None:
    assert controllers(_kept(_pod(image))) == ()


def test_its_ports_by_number_and_name() -> None:
    more = (
        "    env: [{name: JENKINS_SLAVE_AGENT_PORT, value: '50005'}]\n"
        "    ports: [{containerPort: 8080, name: http}, {containerPort: 50005, name: in}]\n"
    )
    (found,) = controllers(_kept(_pod("jenkins/jenkins", more)))
    assert agent_ports(found) == {"50005", "in"}


@pytest.mark.parametrize(
    ("selector", "number"), [("{app: ci}", 1), ("{app: ci, x: z}", 0), ("{}", 0)]
)
def test_what_a_service_selects(selector: str, number: int) -> None:
    service = (
        f"---\napiVersion: v1\nkind: Service\nmetadata: {{}}\nspec: {{selector: {selector}}}\n"
    )
    kept = _kept(_pod("jenkins/jenkins") + service)
    (one,) = kept.of_kind("Service")
    assert len(selected(one, controllers(kept))) == number
