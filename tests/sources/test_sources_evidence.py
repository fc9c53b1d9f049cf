"""What is Jenkins', as far as names say it."""

import pytest

from migrate.sources.evidence import Target, is_agent_port, target_of, verdict

JENKINS = [
    "ci/jenkins-agent:50000", "ci/prod-jenkins:jnlp", "ci/jenkins-agents:slavelistener",
    "ci/jenkins-jnlp:50001", "jenkins/agents:50000", "cloudbees/cjoc:50000",
]  # fmt: skip
OTHERS = [
    "talos/apid:50000", "ci/jenkins:8080", "ci/jenkins:http", "ci/jenkins-exporter:9118",
    "data/db2:50000", "ci/jenkins-ssh:22",
]  # fmt: skip
UNCLEAR = ["ci/agents:50000", "tools/agent-tcp:jnlp", "ci/backend:50000"]


@pytest.mark.parametrize(
    ("value", "said"),
    [*((v, "jenkins") for v in JENKINS), *((v, "other") for v in OTHERS),
     *((v, "unclear") for v in UNCLEAR)],
)  # fmt: skip
def test_verdict(value: str, said: str) -> None:
    target = target_of(value)
    assert target is not None
    assert verdict(target, ()) == said


def test_the_users_word_counts_but_not_for_its_pages() -> None:
    assert verdict(Target("x", "y", "9000"), ("x/y",)) == "jenkins"
    assert verdict(Target("x", "y", "8080"), ("x/y",)) == "other"


@pytest.mark.parametrize("value", ["50000", "a:50000", "A/B:1", "https://x/y:1", "", "a/b"])
def test_another_shape(value: str) -> None:
    assert target_of(value) is None


def test_the_port_is_read_without_what_follows() -> None:
    target = target_of(" ci/jenkins-agent:50000::PROXY ")
    assert target is not None
    assert (target.shown, target.service) == ("ci/jenkins-agent:50000", "ci/jenkins-agent")
    assert is_agent_port("JNLP")
    assert not is_agent_port("8080")
