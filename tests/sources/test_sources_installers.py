"""Bitnami, the operator, OpenShift, CloudBees."""

from sources_cases import edited
from sources_shapes import check_shapes


def test_shapes(update_examples: bool) -> None:
    check_shapes("installers", update=update_examples)


def test_parameters_of_another_chart_stay() -> None:
    text = (
        "source:\n  chart: sonarqube\n  helm:\n    parameters:\n"
        '    - name: agent.websocket\n      value: "false"\n'
    )
    assert edited({"a.yaml": text}) == {"a.yaml": text}
