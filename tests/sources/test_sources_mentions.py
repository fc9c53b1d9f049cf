"""Lines that are told and never edited."""

import pytest
from sources_cases import told
from sources_shapes import check_shapes


def test_shapes(update_examples: bool) -> None:
    check_shapes("told-only", update=update_examples)


@pytest.mark.parametrize(
    "line",
    [
        "slaveAgentPort: -1", "setSlaveAgentPort( -1 )",
        "-Djenkins.model.Jenkins.slaveAgentPort=-1",
        'JENKINS_SLAVE_AGENT_PORT = "-1"', 'jenkinsTunnel: ""', "jenkinsTunnel:",
        "# jenkinsTunnel: e:50000", "// port 50000 of jenkins", "webSocket: true",
    ],
)  # fmt: skip
def test_lines_that_are_as_they_should_be(line: str) -> None:
    assert told({"a.tpl": f"jenkins\n{line}\n"}) == []


@pytest.mark.parametrize(
    "line",
    [
        "slaveAgentPort: 50000", "jenkinsTunnel: e:1", "x -tunnel e:1",
        "tcp.9=ci/jenkins-agent:50000",
        "listener 50000", "webSocket: false", "agent_port: 50000",
    ],
)  # fmt: skip
def test_lines_that_are_told(line: str) -> None:
    assert [one.split(":")[1] for one in told({"a.j2": f"jenkins\n{line}\n"})] == ["2"]


def test_the_number_alone_is_no_evidence() -> None:
    assert told({"a.tf": "port = 50000\n"}) == []


def test_what_a_finder_told_is_not_told_again() -> None:
    text = "jenkins:\n  slaveAgentPort: 50000\n"
    assert told({"a.yaml": text}) == []
