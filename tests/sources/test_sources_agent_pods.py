"""Agents in containers of Kubernetes."""

import pytest
from sources_cases import edited, told

HEAD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec:\n  template:\n    spec:\n"
    "      containers:\n      - name: agent\n        image: jenkins/inbound-agent:3206\n"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "        env:\n        - name: JENKINS_URL\n          value: u\n",
            "        env:\n        - name: JENKINS_URL\n          value: u\n"
            '        - name: JENKINS_WEB_SOCKET\n          value: "true"\n',
        ),
        (
            "        env: [{name: JENKINS_TUNNEL, value: e}, {name: JENKINS_URL, value: u}]\n",
            '        env: [{name: JENKINS_WEB_SOCKET, value: "true"}, '
            "{name: JENKINS_URL, value: u}]\n",
        ),
        (
            "        args:\n        - -url\n        - u\n        - -tunnel\n        - e:1\n",
            "        args:\n        - -url\n        - u\n        - -webSocket\n",
        ),
        (
            '        args: ["-url", "u", "s", "n"]\n',
            '        args: ["-webSocket", "-url", "u", "s", "n"]\n',
        ),
    ],
)
def test_edited(old: str, new: str) -> None:
    assert edited({"d.yaml": HEAD + old}) == {"d.yaml": HEAD + new}


@pytest.mark.parametrize(
    "rest",
    [
        '        env: [{name: JENKINS_WEB_SOCKET, value: "true"}]\n',
        '        args: ["-webSocket", "-url", "u"]\n',
        '        args: ["-jnlpUrl", "u"]\n',
    ],
)
def test_nothing_to_do(rest: str) -> None:
    assert edited({"d.yaml": HEAD + rest}) == {"d.yaml": HEAD + rest}


def test_a_pod_template_of_a_cloud_gets_no_flag() -> None:
    text = (
        "jenkins:\n  clouds:\n  - kubernetes:\n      name: k\n      webSocket: true\n"
        "      templates:\n      - name: t\n        yaml: |\n          apiVersion: v1\n"
        "          kind: Pod\n          spec:\n            containers:\n"
        "            - name: jnlp\n              image: jenkins/inbound-agent:3206\n"
        "              env: [{name: TZ, value: UTC}]\n"
    )
    assert edited({"a.yaml": text}) == {"a.yaml": text}
    assert told({"a.yaml": text}) == []
