"""Which server is taken for Jenkins', by what its files say."""

import pytest
from nginx_looks import looked, reasons, site

SERVER = "server {{ listen 80; server_name {name}; location {path} {{ proxy_pass {url}; }} }}\n"


def _server(name: str = "x.example.org", path: str = "/", url: str = "http://10.0.0.4:8081") -> str:
    return SERVER.format(name=name, path=path, url=url)


EDITED = {
    "name": _server("jenkins.example.org"),
    "name-of-many": _server("builds.example.org"),
    "backend": _server(url="http://jenkins-01.lan:8090"),
    "upstream": "upstream jenkins_app { server 10.0.0.4:8090; }\n" + _server(url="http://jenkins_app"),
    "comment-above": "# Jenkins\n" + _server(url="http://10.0.0.4:8080"),
    "comment-inside": _server(url="http://10.0.0.4:8080").replace(
        "location", "# the Jenkins of all teams\nlocation"
    ),
    "an-own-directive": _server().replace("location", "access_log /var/log/jenkins.log; location"),
    "path": _server(path="/jenkins/"),
    "agents-path": _server().replace("} }", "} location /wsagents/ { proxy_pass http://a:1; } }"),
    "lone-8080": _server(url="http://10.0.0.4:8080"),
}  # fmt: skip

LEFT = {
    "other-name": _server("wiki.example.org", url="http://10.0.0.4:8080"),
    "two-of-8080": _server(url="http://10.0.0.4:8080") + _server("y", url="http://10.0.0.5:8080"),
    "no-sign": _server(),
    "comment-of-the-sample": _server("files.example.org").replace(
        "location", "# pass through headers from Jenkins that nginx considers invalid\nlocation"
    ),
    "webhooks-only": _server(path="/api/jenkins-webhook/", url="http://jenkins:8080/"),
    "other-program-of-jenkins": _server(url="http://jenkins-exporter:9118"),
    "another-ci": _server("ci.example.org", url="http://drone:8080"),
    "static": "server { server_name jenkins-docs.example.org; location / { root /srv; } }\n",
    "beside-jenkins": _server("jenkins.example.org").replace("proxy_pass", "return 200; #")
    .replace("; } }", "\n} }"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITED)
def test_edited(name: str) -> None:
    assert looked(site(EDITED[name])).edits


@pytest.mark.parametrize("name", LEFT)
def test_left_alone(name: str) -> None:
    assert looked(site(LEFT[name])).edits == ()


def test_jenkins_own_paths_are_no_prefixes_of_it() -> None:
    text = _server("jenkins.example.org", url="http://a:8080").replace(
        "} }", "} location /some-plugin/ { proxy_pass http://a:8080; } }"
    )
    found = looked(site(text))
    (edit,) = [edit for edit in found.edits if "Upgrade" in edit.new and "map" not in edit.new]
    assert edit.start < text.index("/some-plugin/")


def test_what_is_not_sure_is_told() -> None:
    found = looked(site(LEFT["two-of-8080"]))
    assert [("It may be Jenkins" in one) for one in reasons(found)] == [True, True]


def test_a_second_program_with_a_like_name_is_told_only() -> None:
    text = _server("jenkins.example.org", url="http://a:8090") + _server("ci.example.org")
    found = looked(site(text))
    assert {edit.path for edit in found.edits} == {"conf.d/ci.conf"}
    assert any("It may be Jenkins (it is called ci)" in one for one in reasons(found))


def test_a_file_that_nobody_named_is_edited_for_a_sure_sign_only() -> None:
    sure, weak = site(EDITED["name"]), site(EDITED["lone-8080"])
    assert looked(sure, nginx=False).edits
    assert looked(weak, nginx=False).edits == ()


def test_a_location_that_serves_from_disk_is_told() -> None:
    text = _server("jenkins.example.org").replace(
        "} }", "} location ~ ^/ws { root /srv; } }"
    )  # fmt: skip
    found = looked(site(text))
    assert found.edits == ()
    assert any("serves /wsagents/ and does not proxy it" in one for one in reasons(found))


def test_a_regular_expression_that_can_not_be_judged_is_told() -> None:
    text = _server("jenkins.example.org").replace("} }", "} location ~ (a*)*(b*)* { root /srv; } }")
    found = looked(site(text))
    assert found.edits == ()
    assert any("too much to judge" in one for one in reasons(found))
