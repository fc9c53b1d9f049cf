"""Which files of a checkout are read."""

import os
from pathlib import Path

import pytest

from migrate.model.errors import UsageProblem
from migrate.sources.walk import walk

VALUES = "agent:\n  websocket: false\n"


def _put(root: Path, name: str, body: str | bytes = VALUES) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body if isinstance(body, bytes) else body.encode())


def _paths(*sources: Path) -> list[str]:
    return [file.path for file in walk(sources).files]


def test_by_what_a_file_says(tmp_path: Path) -> None:
    _put(tmp_path, "a/values.yaml")
    _put(tmp_path, "b/WHATEVER", "JENKINS_TUNNEL=x")
    _put(tmp_path, "c/app.yaml", "kind: Ingress\n")
    _put(tmp_path, "d/app.json", '{"kind":"Gateway"}')
    _put(tmp_path, "e/other.yaml", "kind: Deployment\n")
    _put(tmp_path, "f/Chart.yaml", "name: x\n")
    _put(tmp_path, "g/kustomization.yaml", "resources: []\n")
    assert _paths(tmp_path) == [
        "a/values.yaml", "b/WHATEVER", "c/app.yaml", "d/app.json", "f/Chart.yaml",
        "g/kustomization.yaml",
    ]  # fmt: skip


def test_what_is_left_out_and_counted(tmp_path: Path) -> None:
    _put(tmp_path, "values.yaml")
    _put(tmp_path, "bin", b"\0jenkins")
    _put(tmp_path, "huge.yaml", VALUES + "#" * 1024 * 1024)
    _put(tmp_path, "package-lock.json", '{"jenkins": 1}')
    _put(tmp_path, "node_modules/values.yaml")
    _put(tmp_path, ".git/values.yaml")
    walked = walk((tmp_path,))
    assert [file.path for file in walked.files] == ["values.yaml"]
    assert (walked.binary, walked.huge) == (1, 1)


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    _put(tmp_path, "inside/values.yaml")
    _put(tmp_path, "outside/secret.yaml")
    (tmp_path / "inside/link.yaml").symlink_to(tmp_path / "outside/secret.yaml")
    (tmp_path / "inside/folder").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "inside/pipe.yaml")
    assert _paths(tmp_path / "inside") == ["values.yaml"]


def test_files_that_a_wrapper_reads(tmp_path: Path) -> None:
    wrapper = '#!/bin/sh\n. "/etc/ci/$1.conf"\nexec java -jar agent.jar -url "$U" $EXTRA\n'
    _put(tmp_path, "usr/bin/ci", wrapper)
    _put(tmp_path, "etc/ci/lab.conf", "EXTRA=\n")
    _put(tmp_path, "etc/other/lab.conf", "EXTRA=\n")
    assert _paths(tmp_path) == ["etc/ci/lab.conf", "usr/bin/ci"]


def test_several_folders_and_a_file(tmp_path: Path) -> None:
    _put(tmp_path, "a/values.yaml")
    _put(tmp_path, "b/c/values.yaml")
    assert _paths(tmp_path / "a", tmp_path / "b") == ["a/values.yaml", "b/c/values.yaml"]
    assert _paths(tmp_path / "a/values.yaml") == ["values.yaml"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="can't be read"):
        walk((tmp_path / "nothing",))
