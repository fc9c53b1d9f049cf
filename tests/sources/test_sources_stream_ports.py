"""Ports that streams inside of YAML lead to Jenkins."""

import pytest

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.kept import read
from migrate.sources.stream_ports import stream_ports


def _ports(*lines: str) -> set[str]:
    text = "a: |\n" + "".join(f"  {line}\n" for line in lines)
    return stream_ports(read([SourceText("a.yaml", text)], LookOptions()))


@pytest.mark.parametrize(
    ("lines", "ports"),
    [
        (["server { listen 50000; proxy_pass jenkins-agent.ci:50000; }"], {"50000"}),
        (["server { listen [::]:4000; proxy_pass jenkins:50000; }"], {"4000"}),
        (["upstream a { server cjoc.x:50000; }", "server { listen 9; proxy_pass a; }"], {"9"}),
        (["server { listen 5432; proxy_pass pg:5432; }"], set()),
        (["server { listen 80; proxy_pass http://jenkins:8080; }"], set()),
        (["server { listen 50000; }", "proxy_pass"], set()),
    ],
)
def test_ports(lines: list[str], ports: set[str]) -> None:
    assert _ports(*lines) == ports
