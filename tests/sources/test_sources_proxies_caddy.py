"""Caddy: nothing is told of a plain reverse_proxy, and all that breaks one is."""

import pytest
from proxy_cases import said

RIGHT = {
    "plain": "jenkins.example.org {\n  reverse_proxy 127.0.0.1:8080\n}\n",
    "no-braces": "jenkins.example.org\nreverse_proxy 127.0.0.1:8080\n",
    "block": "ci.example.org {\n  reverse_proxy {\n    to 127.0.0.1:8080\n"
    "    header_up Host {host}\n"
    "    transport http {\n      read_timeout 1h\n    }\n  }\n}\n",
    "another-program": "grafana.example.org {\n  basic_auth {\n    a b\n  }\n"
    "  reverse_proxy 127.0.0.1:8080\n}\n",
    "login-elsewhere": "ci.example.org {\n  handle /docs/* {\n    basic_auth {\n    a b\n    }\n"
    "    file_server\n  }\n  reverse_proxy 127.0.0.1:8080\n}\n",
    "login-not-for-agents": "ci.example.org {\n"
    "  @people not path /login /wsagents/* /jnlpJars/*\n"
    "  basic_auth @people {\n    a b\n  }\n  reverse_proxy 127.0.0.1:8080\n}\n",
    "caddy-1": "ci.example.org {\n  proxy / localhost:8080 {\n    transparent\n"
    "    websocket\n  }\n}\n",
}  # fmt: skip

BROKEN = {
    "login": ("ci.example.org {\n  basicauth {\n    a b\n  }\n  reverse_proxy 127.0.0.1:8080\n}\n",
              "2: ", "basicauth comes before"),
    "forward-auth": ("ci.example.org {\n  route {\n    forward_auth authelia:9091 {\n      uri /\n"
                     "    }\n    reverse_proxy jenkins:8080\n  }\n}\n", "3: ", "forward_auth"),
    "header": ("ci.example.org {\n  reverse_proxy jenkins:8080 {\n    header_up -Connection\n"
               "  }\n}\n", "3: ", "takes the upgrade away"),
    "timeout": ("ci.example.org {\n  reverse_proxy jenkins:8080 {\n    transport http {\n"
                "      read_timeout 20s\n    }\n  }\n}\n", "4: ", "read_timeout 20s"),
    "stream": ("ci.example.org {\n  reverse_proxy jenkins:8080 {\n    stream_timeout 1h\n  }\n}\n",
               "3: ", "stream_timeout 1h"),
    "h2": ("ci.example.org {\n  reverse_proxy jenkins:8080 {\n    transport http {\n"
           "      versions h2c 2\n    }\n  }\n}\n", "4: ", "HTTP/1.1 only"),
    "snippet": ("(jenkins) {\n  reverse_proxy jenkins:8080 {\n    header_up Connection close\n"
                "  }\n}\n"
                "ci.example.org {\n  import jenkins\n}\n", "3: ", "takes the upgrade away"),
    "caddy-1": ("ci.example.org {\n  proxy / localhost:8080 {\n    transparent\n  }\n}\n", "2: ",
                "without websocket"),
    "layer4": ("{\n  layer4 {\n    :50000 {\n      route {\n        proxy jenkins:50000\n      }\n"
               "    }\n  }\n}\n", "3: ", "passes TCP to jenkins:50000"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    assert said("edge/Caddyfile", RIGHT[name]) == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    text, line, reason = BROKEN[name]
    notes = said("edge/Caddyfile", text)
    assert any(note.startswith(line) and reason in note for note in notes), notes
