"""What ends, breaks or refuses a WebSocket on its way."""

import pytest
from sources_cases import edited, stages, told

INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: jenkins\n  annotations:\n"
    "    {key}: {value}\nspec: {{ingressClassName: nginx}}\n"
)


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("nginx.ingress.kubernetes.io/proxy-read-timeout", '"30"', '"3600"'),
        ("nginx.ingress.kubernetes.io/proxy-send-timeout", "'5'", "'3600'"),
        ("haproxy.org/timeout-tunnel", "10s", "1h"),
        ("konghq.com/read-timeout", '"30000"', '"3600000"'),
    ],
)
def test_timeouts_up_to_the_ping(key: str, old: str, new: str) -> None:
    files = {"i.yaml": INGRESS.format(key=key, value=old)}
    assert edited(files) == {"i.yaml": INGRESS.format(key=key, value=new)}
    assert stages(files) == {"nodes"}


@pytest.mark.parametrize("value", ['"31"', '"3600"', '"1h"'])
def test_longer_ones_stay(value: str) -> None:
    key = "nginx.ingress.kubernetes.io/proxy-read-timeout"
    files = {"i.yaml": INGRESS.format(key=key, value=value)}
    assert edited(files) == files


def test_an_ingress_of_another_program() -> None:
    key = "nginx.ingress.kubernetes.io/proxy-read-timeout"
    text = INGRESS.format(key=key, value='"5"').replace("name: jenkins", "name: wiki")
    assert edited({"i.yaml": text}) == {"i.yaml": text}


def test_a_login_is_a_persons_decision() -> None:
    key = "nginx.ingress.kubernetes.io/auth-url"
    files = {"i.yaml": INGRESS.format(key=key, value="https://sso.example/auth")}
    assert edited(files) == files
    assert told(files)[0].startswith("i.yaml:6:")


def test_contour_and_openshift_are_told() -> None:
    text = (
        "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: jenkins}\n"
        "spec:\n  routes:\n  - services: [{name: jenkins, port: 8080}]\n---\n"
        "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: jenkins}\n"
        "spec: {to: {name: jenkins}}\n"
    )
    assert [one.split(":")[1] for one in told({"a.yaml": text})] == ["6", "8"]
    right = text.replace("port: 8080}]", "port: 8080}]\n    enableWebsockets: true")
    assert len(told({"a.yaml": right})) == 1
