"""tcp-services entries wherever they stand."""

import pytest
from sources_cases import edited, stages, told
from sources_shapes import check_shapes

EDITED = {
    "names and proxy protocol": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp-services, namespace: edge}\ndata:\n"
        "  9000: web/api:9000\n  50000: ci/jenkins:agent-listener::PROXY\n"
        "  '50001': \"ci/jenkins-agents:50000:PROXY:PROXY\"\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp-services, namespace: edge}\ndata:\n"
        "  9000: web/api:9000\n",
    ),
    "CRLF": (
        "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: tcp\r\ndata:\r\n"
        '  "50000": ci/jenkins-agent:50000\r\n  "22": git/ssh:22\r\n',
        "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: tcp\r\ndata:\r\n"
        '  "22": git/ssh:22\r\n',
    ),
    "the only entry": (
        'apiVersion: v1\ndata:\n  "50000": ci/jenkins-agent:50000\nkind: ConfigMap\n'
        "metadata:\n  name: tcp-services\n",
        "apiVersion: v1\ndata: {}\nkind: ConfigMap\nmetadata:\n  name: tcp-services\n",
    ),
    "a flow map": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp-services}\n"
        'data: {"50000": "ci/jenkins-agent:50000", "22": "git/ssh:22"}\n',
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp-services}\n"
        'data: {"22": "git/ssh:22"}\n',
    ),
    "a mark, no line end, a comment above": (
        "\ufeff---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tcp-services\ndata:\n"
        '  "22": git/ssh:22\n  # the agents of CI\n  "50000": ci/jenkins-agent:50000',
        "\ufeff---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tcp-services\ndata:\n"
        '  "22": git/ssh:22\n',
    ),
    "a comment behind": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tcp-services\ndata:\n"
        '  "50000": ci/jenkins-agent:50000 # agents\n  "22": git/ssh:22 # git\n',
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tcp-services\ndata:\n"
        '  "22": git/ssh:22 # git\n',
    ),
    "an export with the text in an annotation": (
        'apiVersion: v1\ndata:\n  "22": git/ssh:22\n  "50000": ci/jenkins-agent:50000\n'
        "kind: ConfigMap\nmetadata:\n  annotations:\n"
        "    kubectl.kubernetes.io/last-applied-configuration: |\n"
        '      {"apiVersion":"v1","data":{"22":"git/ssh:22","50000":'
        '"ci/jenkins-agent:50000"},"kind":"ConfigMap","metadata":{"name":"tcp"}}\n'
        '  name: tcp\n  resourceVersion: "1"\n',
        'apiVersion: v1\ndata:\n  "22": git/ssh:22\n'
        "kind: ConfigMap\nmetadata:\n  annotations:\n"
        "    kubectl.kubernetes.io/last-applied-configuration: |\n"
        '      {"apiVersion":"v1","data":{"22":"git/ssh:22","50000":'
        '"ci/jenkins-agent:50000"},"kind":"ConfigMap","metadata":{"name":"tcp"}}\n'
        '  name: tcp\n  resourceVersion: "1"\n',
    ),
    "JSON": (
        '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "metadata": {"name": "tcp"},\n'
        '  "data": {\n    "22": "git/ssh:22",\n    "50000": "ci/jenkins-agent:50000"\n  }\n}\n',
        '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "metadata": {"name": "tcp"},\n'
        '  "data": {\n    "22": "git/ssh:22"\n  }\n}\n',
    ),
    "a List of objects": (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n"
        '    name: tcp-services\n  data:\n    "22": git/ssh:22\n'
        '    "50000": ci/jenkins-agent:50000\n',
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n"
        '    name: tcp-services\n  data:\n    "22": git/ssh:22\n',
    ),
    "values in a block of values": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edge-values}\ndata:\n"
        "  values.yaml: |\n    controller: {}\n    tcp:\n      50000: ci/jenkins-agent:50000\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edge-values}\ndata:\n"
        "  values.yaml: |\n    controller: {}\n    tcp: {}\n",
    ),
    "quoted values with a release's prefix": (
        "tcp:\n  '8022': git/ssh:22\n  '50000': 'ci/prod-jenkins-agent:slavelistener'\n",
        "tcp:\n  '8022': git/ssh:22\n",
    ),
}


@pytest.mark.parametrize("name", EDITED)
def test_edited(name: str) -> None:
    old, new = EDITED[name]
    path = "tcp.json" if name == "JSON" else "tcp.yaml"
    assert edited({path: old}) == {path: new}
    assert stages({path: old}) == {"close"}


@pytest.mark.parametrize(
    "value",
    ["talos/apid:50000", "db/db2:50000", "ci/jenkins:8080", "ci/jenkins-exporter:9118", "50000"],
)
def test_another_service(value: str) -> None:
    text = f"tcp:\n  50000: {value}\n"
    assert edited({"values.yaml": text}) == {"values.yaml": text}
    assert told({"values.yaml": text}) == []


def test_unclear_is_told_and_known_by_the_users_word() -> None:
    files = {"values.yaml": "tcp:\n  50000: ci/ci-agents:50000\n"}
    assert edited(files) == files
    assert told(files)[0].startswith("values.yaml:2: TCP port 50000 leads to ci/ci-agents:50000")
    assert edited(files, services=("ci/ci-agents",)) == {"values.yaml": "tcp: {}\n"}


def test_udp_is_another_thing() -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: udp-services}\ndata:\n"
        '  "50000": ci/jenkins-agent:50000\n'
    )
    assert edited({"u.yaml": text}) == {"u.yaml": text}


def test_a_shared_map_is_refused() -> None:
    text = "base: &t\n  50000: ci/jenkins-agent:50000\na:\n  tcp: *t\nb:\n  tcp: *t\n"
    assert edited({"values.yaml": text}) == {"values.yaml": text}
    assert "anchor" in told({"values.yaml": text})[0]


def test_shapes(update_examples: bool) -> None:
    check_shapes("ingress-values", update=update_examples)
