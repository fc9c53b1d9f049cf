"""Ports of containers and hosts: told, never edited."""

import pytest
from sources_cases import edited, told


def _compose(image: str, port: str) -> dict[str, str]:
    return {"compose.yaml": f"services:\n  ci:\n    image: {image}\n    ports:\n    - {port}\n"}


@pytest.mark.parametrize(
    "port",
    ['"50000:50000"', "50000", "127.0.0.1:5000:50000/tcp", "'49999-50001:49999-50001'",
     '"[::1]:50000:50000"', "{target: 50000, published: 5}"],
)  # fmt: skip
def test_a_controllers_port(port: str) -> None:
    files = _compose("jenkins/jenkins:lts", port)
    assert edited(files) == files
    assert told(files)[0].startswith("compose.yaml:5: ci publishes")


@pytest.mark.parametrize(
    ("image", "port"),
    [("jenkins/jenkins", '"8080:8080"'), ("db2", '"50000:50000"'),
     ("jenkins/inbound-agent", '"50000:50000"'), ("jenkins/jenkins", '"50000:8080"')],
)  # fmt: skip
def test_others(image: str, port: str) -> None:
    assert not any("publishes" in one for one in told(_compose(image, port)))


def test_a_firewall_where_jenkins_is_named() -> None:
    rule = "- hosts: {}\n  tasks:\n  - ufw: {{port: 50000/tcp}}\n"
    assert told({"p.yml": rule.format("jenkins")})[0].startswith("p.yml:3:")
    assert told({"p.yml": rule.format("db")}) == []
