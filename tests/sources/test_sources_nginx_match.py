"""The location that is taken here is the one that a real nginx takes."""

from pathlib import Path

import pytest
from real_nginx import Staged, running

from migrate.sandbox.nginx import nginx_binary
from migrate.sources.base import SourceText
from migrate.sources.nginx.conf import Block, Files, configurations
from migrate.sources.nginx.match import kind_of, regex_matches, winner
from migrate.splice.text import NotEditable

pytest.importorskip("aiohttp")
PATHS = (
    "/", "/wsagents/", "/wsagents/x", "/wsagents", "/login", "/jnlpJars/agent.jar", "/computer/",
    "/jenkins/wsagents/", "/jenkins", "/Static/a.PNG", "/a/b/c.js", "/~x", "/ws",
)  # fmt: skip
SERVERS = (
    ["/", "/wsagents/", "= /login"],
    ["/", "~ ^/(wsagents|login)", "/wsagents/"],
    ["/", "~ ^/(wsagents|login)", "^~ /wsagents/"],
    ["/", "~* \\.(png|js)$", "~ \\.js$", "/a/"],
    ["/", "~ \\.js$", "~* \\.(png|js)$", "^~ /a/b/"],
    ["= /", "/jenkins", "^~ /jenkins/", "~ ^/jenkins/ws"],
    ["~ ^/(?<first>\\w+)/$", "/login", "/computer"],
    ["/wsagents", "/ws", "= /ws", "/w"],
    ["/ { return 200 \"/\"; location /wsagents/ { X } location ~ ents { X } }", "~ sag"],
    ["^~ /wsagents { return 200 \"deep\"; location ~ x$ { X } location /wsagents/ { X } }", "~ ."],
    ["/jnlpJars/ { return 200 \"jars\"; location = /jnlpJars/agent.jar { X } }", "~ jar"],
    ["~ ^/j { return 200 \"j\"; location ~ Jars { X } location ~* S { X } }", "/jnlpJars/"],
    ["/~x", "~ ^/~", "@named"],
    ["~^/login$", "^~/computer/", "=/ws"],
)  # fmt: skip


def _text(port: int) -> str:
    count = 0
    parts = []
    for number, locations in enumerate(SERVERS):
        rows = []
        for one in locations:
            body = one if "{" in one else f"{one} {{ X }}"
            while " X " in body:
                count += 1
                body = body.replace(" X ", f' return 200 "n{count}"; ', 1)
            rows.append(f"location {body}")
        parts.append(
            f"server {{ listen 127.0.0.1:{port}; server_name s{number}; " + "\n".join([*rows, "}"])
        )
    return "events { }\nhttp { access_log off;\n" + "\n".join(parts) + "\n}\n"


def _ours(servers: list[Block], number: int, path: str) -> str:
    chain = winner((servers[number],), path)
    returned = next(chain[-1].named("return"), None)
    return returned.args[1] if returned else "none"


def _theirs(port: int, number: int, path: str) -> str:
    import socket

    with socket.create_connection(("127.0.0.1", port), 10) as one:
        one.sendall(f"GET {path} HTTP/1.0\r\nHost: s{number}\r\n\r\n".encode())
        answer = b""
        while piece := one.recv(4096):
            answer += piece
    head, _, body = answer.decode().partition("\r\n\r\n")
    return body if head.split()[1] == "200" else "none"


def test_every_server_and_path(tmp_path: Path) -> None:
    staged = Staged(tmp_path)
    port = staged.port("80")
    text = _text(port)
    (tmp_path / "nginx.conf").write_text(text)
    file = SourceText("nginx.conf", text, nginx=True)
    (conf,) = configurations(Files([file], ""), [file])
    servers = list(next(conf.context("http")).named("server"))
    with running(nginx_binary(), staged):
        for number in range(len(SERVERS)):
            ours = [_ours(servers, number, path) for path in PATHS]
            assert ours == [_theirs(port, number, path) for path in PATHS], SERVERS[number]


@pytest.mark.parametrize(
    "pattern", ["(", "^/((a+)+)+$", "(a*)*(b*)*", "x" * 3000, "(?<n>a)(?<n>b)", "a{99999999999}"]
)
def test_what_can_not_be_judged_is_refused(pattern: str) -> None:
    with pytest.raises(NotEditable):
        regex_matches(pattern, "/wsagents/")


def test_signs_may_stand_right_at_the_path() -> None:
    file = SourceText("a", "http { server { location ~*\\.png$ { } location =/a { } } }")
    (conf,) = configurations(Files([file], ""), [file])
    locations = next(next(conf.context("http")).named("server")).named("location")
    assert [kind_of(one) for one in locations] == [("~*", "\\.png$"), ("=", "/a")]
