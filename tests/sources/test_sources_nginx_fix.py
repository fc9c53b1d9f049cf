"""Where an edit goes, and where none is made."""

import pytest
from nginx_looks import MAIN, after, looked, reasons, site

SERVER = "server {\n    listen 80;\n    server_name jenkins.example.org;\n%s}\n"
LOCATION = "    location / {\n%s        proxy_pass http://a:8080;\n    }\n"
MAP = "map $http_upgrade $connection_upgrade {\n    default upgrade;\n    '' close;\n}\n"
THREE = (
    "        proxy_http_version 1.1;\n        proxy_set_header Upgrade $http_upgrade;\n"
    "        proxy_set_header Connection $connection_upgrade;\n"
)


def _shared(snippet: str, other: str) -> dict[str, str]:
    body = LOCATION % "        include snippets/p.conf;\n"
    return {
        "nginx.conf": MAIN.replace("include", "include conf.d/map; include", 1),
        "conf.d/map": MAP,
        "conf.d/ci.conf": SERVER % body,
        "conf.d/wiki.conf": (SERVER % body).replace("jenkins.", "wiki.") if other else "",
        "snippets/p.conf": snippet,
    }


def test_a_shared_snippet_stays_and_an_empty_header_of_it_does_no_harm() -> None:
    files = _shared('proxy_set_header Connection "";\n', "wiki")
    changed = after(files)
    assert list(changed) == ["conf.d/ci.conf"]
    assert "proxy_set_header Connection $connection_upgrade;" in changed["conf.d/ci.conf"]


@pytest.mark.parametrize(
    "snippet",
    [
        "proxy_set_header Connection close;\n",
        "proxy_http_version 1.0;\n",
        "proxy_read_timeout 9;\n",
    ],
)
def test_what_a_shared_snippet_sets_is_a_person_s_change(snippet: str) -> None:
    found = looked(_shared(snippet, "wiki"))
    assert found.edits == ()
    assert any("snippets/p.conf, which others include, too" in one for one in reasons(found))


def test_a_snippet_of_this_location_alone_is_edited() -> None:
    changed = after(_shared("proxy_set_header Connection close;\n", ""))
    assert changed["snippets/p.conf"] == "proxy_set_header Connection $connection_upgrade;\n"


def test_one_location_of_both_servers_is_edited_once() -> None:
    files = site((SERVER + SERVER.replace("80", "8443")).replace("%s", "    include loc.inc;\n"))
    files["loc.inc"] = (LOCATION % "").replace("    ", "", 1)
    files["nginx.conf"] = MAIN.replace("include", "include map; include", 1)
    files["map"] = MAP
    changed = after(files)
    assert list(changed) == ["loc.inc"]
    assert changed["loc.inc"].count("Upgrade $http_upgrade") == 1


def test_a_location_that_a_wiki_includes_is_not_edited() -> None:
    files = site(SERVER % "    include loc.inc;\n")
    files["conf.d/wiki.conf"] = files["conf.d/ci.conf"].replace("jenkins.", "wiki.")
    files["loc.inc"] = (LOCATION % "").replace("    ", "", 1)
    found = looked(files)
    assert found.edits == ()
    assert any("is included more than once" in one for one in reasons(found))


def test_lines_go_where_a_right_location_beside_has_them() -> None:
    right = LOCATION.replace("/ {", "/cli/ {") % ""
    right = right.replace("8080;\n", "8080;\n" + THREE + "        proxy_set_header Host $host;\n")
    wrong = (LOCATION % "").replace("8080;\n", "8080;\n        proxy_set_header Host $host;\n")
    changed = after(site(MAP + SERVER % (right + wrong)))
    assert changed["conf.d/ci.conf"] == MAP + SERVER % (
        right + wrong.replace("8080;\n", "8080;\n" + THREE)
    )


def test_without_nginx_conf_a_variable_of_its_own_is_made() -> None:
    text = SERVER % (LOCATION % "")
    changed = after({"conf.d/ci.conf": text})
    assert "$jenkins_connection_upgrade {" in changed["conf.d/ci.conf"]
    used = text.replace("/ {", "/x/ {\n proxy_set_header Connection $connection_upgrade;") + text
    assert "map " not in after({"conf.d/ci.conf": used})["conf.d/ci.conf"]


def test_two_connections_that_both_say_something_are_a_person_s_change() -> None:
    rows = "        proxy_set_header Connection close;\n        proxy_set_header Connection a;\n"
    found = looked(site(MAP + SERVER % (LOCATION % rows)))
    assert found.edits == ()
    assert any("Connection is set more than once" in one for one in reasons(found))


def test_a_value_nobody_knows_is_an_information() -> None:
    rows = THREE.replace("$connection_upgrade", "$from_lua")
    found = looked(site(SERVER % (LOCATION % rows)))
    assert found.edits == ()
    assert reasons(found) == []
    assert any("$from_lua, of which no value is seen" in one.summary for one in found.findings)
