"""Which annotations an Ingress needs before WebSocket agents can stay on it."""

import pytest
from rules_samples import route

from migrate.rules.front_annotations import COMMUNITY, INC, needed

NGINX, ORG = "nginx.ingress.kubernetes.io/", "nginx.org/"
CASES: dict[str, tuple[str, dict[str, str], dict[str, str | None]]] = {
    "usual": (COMMUNITY, {}, {}),
    "long enough": (COMMUNITY, {f"{NGINX}proxy-read-timeout": "61"}, {}),
    "a late ping": (
        COMMUNITY,
        {f"{NGINX}proxy-read-timeout": "60", f"{NGINX}proxy-send-timeout": "90"},
        {f"{NGINX}proxy-read-timeout": "3600"},
    ),
    "no number": (
        COMMUNITY,
        {f"{NGINX}proxy-send-timeout": "10m"},
        {f"{NGINX}proxy-send-timeout": "3600"},
    ),
    "another connection header": (
        COMMUNITY,
        {f"{NGINX}connection-proxy-header": "keep-alive"},
        {f"{NGINX}connection-proxy-header": None},
    ),
    "the header by its name": (COMMUNITY, {f"{NGINX}connection-proxy-header": "Upgrade"}, {}),
    "somebody else's": (COMMUNITY, {f"{ORG}proxy-read-timeout": "1s"}, {}),
    "inc, never told": (INC, {}, {f"{ORG}websocket-services": "jenkins"}),
    "inc, told": (INC, {f"{ORG}websocket-services": "other, jenkins"}, {}),
    "inc, told of another": (
        INC,
        {f"{ORG}websocket-services": "other"},
        {f"{ORG}websocket-services": "other,jenkins"},
    ),
    "inc, units": (
        INC,
        {f"{ORG}websocket-services": "jenkins", f"{ORG}proxy-read-timeout": "2m"},
        {},
    ),
    "inc, short": (
        INC,
        {f"{ORG}websocket-services": "jenkins", f"{ORG}proxy-read-timeout": "20s"},
        {f"{ORG}proxy-read-timeout": "3600s"},
    ),
    "of neither": ("haproxy-ingress.github.io/controller", {f"{NGINX}proxy-read-timeout": "1"}, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_needed(name: str) -> None:
    controller, annotations, wanted = CASES[name]
    found = route(class_controller=controller, annotations=annotations, backend="jenkins:8080")
    assert needed(found) == wanted


def test_a_service_that_was_not_read_is_not_guessed() -> None:
    assert needed(route(class_controller=INC, annotations={}, backend=None)) == {}
