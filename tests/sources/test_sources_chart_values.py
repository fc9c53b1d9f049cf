"""Values of the Jenkins chart in many shapes."""

from sources_cases import edited, stages
from sources_shapes import check_shapes


def test_shapes(update_examples: bool) -> None:
    check_shapes("chart-values", update=update_examples)


def test_the_edits_of_both_stages() -> None:
    text = "agent:\n  websocket: false\ncontroller: {agentListenerServiceType: NodePort}\n"
    assert stages({"values.yaml": text}) == {"nodes", "close"}


def test_agent_websocket_of_another_chart_stays() -> None:
    files = {"values.yaml": "sonarqube:\n  agent:\n    websocket: false\n"}
    assert edited(files) == files
