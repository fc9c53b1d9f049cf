"""What a plan is told of a plain nginx' files."""

from pathlib import Path

import pytest

from migrate.model.errors import UsageProblem
from migrate.sources.proxy_edits import look_at_nginx

CONF = """events { }
http {
    server {
        server_name jenkins.example.org;
        location / {
            proxy_set_header Authorization "Basic c2VjcmV0OnNlY3JldA==";
            proxy_pass http://jenkins:8080;
        }
    }
    server { server_name docs.jenkins.example.org; auth_basic x; }
}
stream {
    server { listen 50000; proxy_pass jenkins:50000; }
    server { listen 25; proxy_pass mail:25; }
}
"""


def test_one_edit_a_stage_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(CONF)
    edits, skips, findings = look_at_nginx([tmp_path / "nginx.conf"], None)
    assert [(edit.path, edit.close) for edit in edits] == [
        ("nginx.conf", False), ("nginx.conf", True),
    ]  # fmt: skip
    opened, closed = edits
    assert "+            proxy_set_header Upgrade $http_upgrade;" in opened.diff
    assert "-    server { listen 50000;" in closed.diff
    assert "Upgrade" not in closed.diff.replace(" $http_upgrade", "")
    assert "c2VjcmV0" not in opened.diff
    assert skips == ()
    assert any("sends neither Upgrade nor Connection" in one.summary for one in findings)


def test_what_only_a_person_decides_is_a_skip(tmp_path: Path) -> None:
    text = CONF.replace("location / {", "auth_basic people;\n location / {")
    (tmp_path / "nginx.conf").write_text(text)
    _, (skip,), _ = look_at_nginx([tmp_path], None)
    assert skip.subject == "file nginx.conf line 5"
    assert "auth_basic people" in skip.reason


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="--nginx"):
        look_at_nginx([tmp_path / "gone"], None)
