"""Times, maps and headers as nginx has them."""

import pytest
from nginx_looks import MAIN

from migrate.sources.base import SourceText
from migrate.sources.nginx.conf import Files, configurations
from migrate.sources.nginx.effective import PLAIN, UPGRADE, Values, headers, seconds, value
from migrate.sources.nginx.match import Chain


@pytest.mark.parametrize(
    ("text", "told"),
    [("30", 30), ("30s", 30), ("500ms", 0.5), ("1m", 60), ("1h30m", 5400), ("1d", 86400),
     ("1h 30m", 5400), ("", None), ("x", None), ("$t", None), ("5x", None)],
)  # fmt: skip
def test_times(text: str, told: float | None) -> None:
    assert seconds(text) == told


def _chain(text: str) -> tuple[Values, Chain]:
    files = [SourceText("nginx.conf", MAIN), SourceText("conf.d/a.conf", text)]
    (conf,) = configurations(Files(files, ""), files[:1])
    http = next(conf.context("http"))
    server = next(http.named("server"))
    return Values(http), (http, server, next(server.named("location")))


LOCATION = "server { set $s Upgrade; location / { proxy_pass http://a; } }\n"


@pytest.mark.parametrize(
    ("rows", "text", "upgraded", "plain"),
    [
        ("map $http_upgrade $c { default upgrade; '' close; }", "$c", "upgrade", "close"),
        ("map $http_upgrade $c { websocket upgrade; }", "$c", "upgrade", ""),
        ("map $http_upgrade $c { WebSocket Upgrade; default x; }", "$c", "Upgrade", "x"),
        ("map $http_upgrade $c { ~*^websocket$ upgrade; default ''; }", "$c", "upgrade", ""),
        ("map $http_connection $c { default $http_connection; }", "${c}", "Upgrade", ""),
        ("map $http_upgrade $a { default 1; '' 0; } map $a $c { 1 upgrade; 0 close; }", "$c",
         "upgrade", "close"),
        ("map $http_x $c { default close; }", "$c", "close", "close"),
        ("map $http_x $c { default close; a b; }", "$c", None, None),
        ("map $c $d { default $d; }", "$d", None, None),
        ("", "$s", "Upgrade", "Upgrade"),
        ("", "keep-alive, $s", "keep-alive, Upgrade", "keep-alive, Upgrade"),
        ("", "$unknown", None, None),
    ],
)  # fmt: skip
def test_values(rows: str, text: str, upgraded: str | None, plain: str | None) -> None:
    values, chain = _chain(rows + "\n" + LOCATION)
    assert values.of(text, chain, UPGRADE) == upgraded
    assert values.of(text, chain, PLAIN) == plain


def test_headers_are_inherited_all_or_none() -> None:
    _, chain = _chain(
        "proxy_set_header A 1;\nserver { proxy_set_header B 2; proxy_read_timeout 5s;\n"
        "location / { location /x { } } }\n"
    )
    assert [line.args for line in headers(chain).lines] == [("B", "2")]
    assert value(chain, "proxy_read_timeout") == "5s"


def test_of_two_lines_an_empty_one_is_not_sent() -> None:
    _, chain = _chain(
        'server { location / { proxy_set_header C x; proxy_set_header c ""; } }\n'
    )  # fmt: skip
    assert [line.args for line in headers(chain).of("C")] == [("C", "x")]
