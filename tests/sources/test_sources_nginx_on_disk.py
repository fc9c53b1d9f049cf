"""What of nginx' folder is read: includes of a file, links of sites-enabled, another root."""

from pathlib import Path

import pytest

from migrate.sources.base import Found, LookOptions
from migrate.sources.registry import look
from migrate.sources.walk import walk

MAIN = "events { }\nhttp {\n  include /etc/nginx/sites-enabled/*;\n  include conf.d/*.conf;\n}\n"
SITE = (
    "server {\n  listen 80;\n  server_name jenkins.example.org;\n"
    "  location / {\n    proxy_pass http://127.0.0.1:8080;\n  }\n}\n"
)


def _found(nginx: Path, root: Path | None = None) -> Found:
    walked = walk((), (nginx,), root)
    below = root.resolve().relative_to(walked.root).as_posix() if root else ""
    return look(walked.files, LookOptions(nginx_root=below))


def _edited(found: Found) -> set[str]:
    return {edit.path for edit in found.edits}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    etc = tmp_path / "nginx"
    for name in ("sites-available", "sites-enabled", "conf.d"):
        (etc / name).mkdir(parents=True)
    (etc / "nginx.conf").write_text(MAIN)
    (etc / "sites-available" / "ci").write_text(SITE)
    (etc / "sites-available" / "old").write_text(SITE.replace("jenkins.", "jenkins-old."))
    return etc


def test_a_link_leads_to_the_file_that_is_edited(folder: Path) -> None:
    (folder / "sites-enabled" / "ci").symlink_to("../sites-available/ci")
    found = _found(folder)
    assert _edited(found) == {"sites-available/ci"}
    assert [note.path for note in found.by_hand] == ["sites-available/old"]
    assert "no nginx.conf here includes it" in found.by_hand[0].reason


def test_a_link_to_where_the_files_are_on_the_host(folder: Path) -> None:
    (folder / "sites-enabled" / "ci").symlink_to("/etc/nginx/sites-available/ci")
    assert _edited(_found(folder)) == {"sites-available/ci"}


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SITE)
    (folder / "sites-enabled" / "ci").symlink_to(tmp_path / "secret")
    walked = walk((), (folder,))
    assert all("jenkins.example" not in file.text or "available" in file.path
               for file in walked.files)  # fmt: skip
    assert not any(file.links for file in walked.files)


def test_links_that_go_in_a_circle(folder: Path) -> None:
    (folder / "sites-enabled" / "a").symlink_to("b")
    (folder / "sites-enabled" / "b").symlink_to("a")
    (folder / "conf.d" / "up").symlink_to("..")
    assert _found(folder).edits == ()


def test_a_file_is_read_with_its_includes_only(folder: Path) -> None:
    (folder / "sites-enabled" / "ci").symlink_to("../sites-available/ci")
    (folder / "other.txt").write_text("jenkins")
    walked = walk((), (folder / "nginx.conf",))
    assert [file.path for file in walked.files] == ["nginx.conf", "sites-available/ci"]
    assert _edited(_found(folder / "nginx.conf")) == {"sites-available/ci"}


def test_another_root(tmp_path: Path) -> None:
    (tmp_path / "repo" / "main").mkdir(parents=True)
    (tmp_path / "repo" / "files" / "sites-enabled").mkdir(parents=True)
    (tmp_path / "repo" / "main" / "nginx.conf").write_text(MAIN)
    (tmp_path / "repo" / "files" / "sites-enabled" / "ci").write_text(SITE)
    found = _found(tmp_path / "repo" / "main", tmp_path / "repo" / "files")
    assert _edited(found) == {"files/sites-enabled/ci"}


def test_a_copy_of_a_whole_tree(tmp_path: Path) -> None:
    etc = tmp_path / "image" / "etc" / "nginx"
    (etc / "sites-enabled").mkdir(parents=True)
    (tmp_path / "image" / "opt").mkdir()
    (etc / "nginx.conf").write_text(MAIN.replace("conf.d/*.conf", "/opt/*.conf"))
    (tmp_path / "image" / "opt" / "ci.conf").write_text(SITE)
    assert _edited(_found(tmp_path / "image")) == {"opt/ci.conf"}


def test_an_include_that_matches_nothing_is_said(folder: Path) -> None:
    (told,) = [one for one in _found(folder).findings if "match nothing" in one.summary]
    assert "/etc/nginx/sites-enabled/*, conf.d/*.conf" in told.summary
    assert told.severity == "info"
