"""No text makes a finder of proxies fail or take long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proxy_cases import found

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.registry import look

NAMES = (
    "haproxy.cfg",
    "site.conf",
    "Caddyfile",
    "web.config",
    "t.toml",
    "envoy.yaml",
    "nginx.conf",
)
_PARTS = st.sampled_from([
    "<VirtualHost *:80>", "</VirtualHost>", "ProxyPass / http://jenkins:8080/", "RewriteRule",
    "RewriteCond %{HTTP:Upgrade} (", "ProxyPassMatch ^/(.*)+(.*)+ http://ci:8080", "[P]",
    "frontend jenkins", "  bind", "  server", "  server a b:1", "backend", "defaults from x",
    "  timeout client", "  timeout tunnel x", "use_backend", "listen", "reverse_proxy jenkins:8080",
    "jenkins {", "}", "{", "import a", "(a) {", "layer4 {", "<system.webServer>", "<action url=\"",
    "<webSocket enabled=\"false\"", "[http.routers.jenkins]", "middlewares = [1]", "\"", "\\",
    "static_resources: {listeners: [", "]}", "\"@type\": a.HttpConnectionManager", "server {",
    "location ~ ((a*)*)* {", "proxy_pass http://jenkins;", "include *;", "map $a $a {", "$b $b;",
    "stream {", "upstream jenkins {", "return 301;", "rewrite ^(.*)$ $1 last;", "http {",
    "if ($x) {",
    "set $x $x;", "proxy_pass $x;", "proxy_set_header Connection $connection_upgrade;",
    "proxy_set_header Connection;", "try_files a @b;", "server_name;", "listen;", "server;",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PARTS, max_size=14), st.sampled_from(NAMES))
def test_no_text_does_harm(parts: list[str], name: str) -> None:
    found(name, "\n".join(parts) + "\n") if name != "nginx.conf" else _nginx(parts)


def _nginx(parts: list[str]) -> None:
    look([SourceText("nginx.conf", "\n".join(parts), nginx=True)], LookOptions())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web.config", "<system.webServer>" + "<!--" * 100_000),
        ("web.config", "<system.webServer>" + "<action " * 50_000 + 'url="http://'),
        ("site.conf", "ProxyPass / http://jenkins:8080/\n" + "<Location /a>\n" * 20_000),
        ("site.conf", "ProxyPass / http://jenkins:8080/ \\\n" * 5_000),
        ("haproxy.cfg", "defaults\n  mode http\n" + "frontend a\n  bind x\n" * 5_000),
        ("haproxy.cfg", "defaults\n  mode http\n" + "defaults a from a\n" * 20_000),
        ("Caddyfile", "reverse_proxy jenkins:8080\n" + "a {\n" * 20_000),
        ("nginx.conf", "http { server { location / { proxy_pass http://jenkins; } "
         + "location ~ ^/(a*)*x { } " * 5_000 + "} }"),
    ],
)  # fmt: skip
def test_long_ones_take_no_long_time(name: str, text: str) -> None:
    began = time.process_time()
    look([SourceText(name, text)], LookOptions())
    assert time.process_time() - began < 20
