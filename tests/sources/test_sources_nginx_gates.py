"""Logins, denials and answers before the pages of agents are told, never edited."""

import pytest
from nginx_looks import OK, looked, reasons, site

TEXT = (
    "server {{ listen 80; server_name jenkins.example.org; {server}\n"
    "location / {{ {OK} {location}\nproxy_pass http://a:8080; }} {more} }}\n"
)


def _site(server: str = "", location: str = "", more: str = "") -> dict[str, str]:
    return site(TEXT.format(server=server, location=location, more=more, OK=OK))


OPEN = " ".join(
    f"location {path} {{ auth_basic off; auth_request off; allow all; {OK} "
    "proxy_pass http://a:8080; }"
    for path in ("/login", "/wsagents/", "/jnlpJars/")
)


@pytest.mark.parametrize(
    ("server", "location", "told"),
    [
        ("auth_request /sso;", "", "auth_request /sso at the level of server"),
        ("", 'auth_basic "people";', "auth_basic people"),
        ('auth_jwt "x";', "", "auth_jwt x"),
        ("", "deny all;", "deny all"),
        ("ssl_verify_client on;", "", "ssl_verify_client on"),
        ("access_by_lua_block { ngx.exit(403) }", "", "access_by_lua_block"),
    ],
)
def test_told(server: str, location: str, told: str) -> None:
    found = looked(_site(server, location))
    assert found.edits == ()
    (reason,) = reasons(found)
    assert told in reason
    assert "/login, /wsagents/, /jnlpJars/" in reason


@pytest.mark.parametrize(
    ("server", "location"),
    [
        ("auth_request /sso;", ""), ("auth_basic people;", ""), ("deny all;", ""),
        ("ssl_verify_client optional;", ""), ("allow 10.0.0.0/8; deny all;", ""),
    ],
)  # fmt: skip
def test_open_for_agents(server: str, location: str) -> None:
    assert reasons(looked(_site(server, location, OPEN))) == []


def test_what_to_write_has_the_proxy_lines() -> None:
    (note,) = looked(_site("auth_basic people;")).by_hand
    assert "location /wsagents/ { auth_basic off; proxy_http_version 1.1;" in note.write
    assert "proxy_pass http://a:8080;" in note.write


def test_a_denied_path_is_told() -> None:
    (reason,) = reasons(looked(_site(more="location ~ ^/(wsagents|cli) { return 403; }")))
    assert "return 403 comes before /wsagents/" in reason


def test_a_redirect_of_http_is_an_information() -> None:
    files = _site()
    files["conf.d/http.conf"] = (
        "server { listen 81; server_name jenkins.example.org; return 301 https://$host$uri; }\n"
    )
    found = looked(files)
    assert reasons(found) == []
    (told,) = [one for one in found.findings if "only redirects" in one.summary]
    assert told.severity == "info"
