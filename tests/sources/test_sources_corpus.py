"""Real-world shapes of configuration files: the patches make exactly the edits that are right."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from migrate.sources.base import LookOptions
from migrate.sources.patch import by_hand_page, patches
from migrate.sources.registry import look
from migrate.sources.walk import walk

CORPUS = Path(__file__).parent / "corpus"
NAMES = sorted("/".join(p.parent.parts[-2:]) for p in CORPUS.glob("*/*/case.yaml"))


def test_there_is_a_corpus(record_property: Any) -> None:
    record_property("corpus", f"{len(NAMES)} cases")
    assert len(NAMES) >= 72


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }


def _wanted(before: dict[str, bytes], spec: dict[str, Any]) -> dict[str, bytes]:
    after = dict(before)
    for edit in (spec.get("expect") or {}).get("edits") or []:
        if "before" in edit:
            old, new = edit["before"].encode(), edit["after"].encode()
            assert after[edit["file"]].count(old) == 1
            after[edit["file"]] = after[edit["file"]].replace(old, new, 1)
    return after


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, tmp_path: Path) -> None:
    spec = YAML(typ="safe").load((CORPUS / name / "case.yaml").read_text())
    source = tmp_path / "src"
    shutil.copytree(CORPUS / name, source, ignore=shutil.ignore_patterns("case.yaml"))
    wanted = _wanted(_contents(source), spec)
    nginx = (source,) if name.startswith("nginx/") else ()
    walked = walk((source,), nginx)
    found = look(walked.files, LookOptions())
    subprocess.run(["git", "init", "-q"], cwd=source, check=True)
    for text in patches(walked.files, found.edits).values():
        if text:
            body = text.encode("utf-8", "surrogateescape")
            subprocess.run(["git", "apply", "-"], cwd=source, input=body, check=True)
    assert _contents(source) == wanted
    named = {Path(e["file"]).name for e in spec["expect"].get("edits") or () if "not_editable" in e}
    page = by_hand_page(found.by_hand)
    assert {name for name in named if name not in page} == set()
    again = walk((source,), nginx)
    assert look(again.files, LookOptions()).edits == ()
