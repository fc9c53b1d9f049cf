"""Configuration as code wherever it lives."""

from sources_cases import stages, told
from sources_shapes import check_shapes


def test_shapes(update_examples: bool) -> None:
    check_shapes("jcasc", update=update_examples)


def test_the_port_is_closed_after_the_agents_moved() -> None:
    assert stages({"a.yaml": "jenkins:\n  slaveAgentPort: 50000\n"}) == {"close"}


def test_a_refusal_names_who_shares_an_anchor() -> None:
    text = (
        "jenkins:\n  clouds:\n  - kubernetes: &k\n      name: one\n      jenkinsTunnel: e:1\n"
        "  - kubernetes:\n      <<: *k\n      name: two\n"
    )
    assert "so do two" in told({"a.yaml": text})[0]
