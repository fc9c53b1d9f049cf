"""Argo CD, Flux, k3s and Kustomize."""

from sources_shapes import check_shapes

from migrate.sources.base import LookOptions, SourceText
from migrate.sources.json_patches import json_patches
from migrate.sources.kept import read


def test_shapes(update_examples: bool) -> None:
    check_shapes("gitops", update=update_examples)


def _patches(files: dict[str, str]) -> list[tuple[str, str, bool]]:
    texts = [SourceText(path, text) for path, text in files.items()]
    found = json_patches(read(texts, LookOptions()))
    return [(one.doc.file.path, one.name, one.entry is not None) for one in found]


def test_where_a_patch_stands_and_what_it_changes() -> None:
    files = {
        "k/kustomization.yaml": (
            "patches:\n- path: sub/../a.json\n  target: {kind: Service, name: s}\n"
            "- patch: |\n    - {op: add, path: /x, value: 1}\n  target: {name: t}\n"
        ),
        "k/a.json": '[{"op": "add", "path": "/x", "value": 1}]',
        "other/a.json": '[{"op": "add", "path": "/x", "value": 1}]',
        "list.yaml": "- a\n- b\n",
    }
    assert _patches(files) == [
        ("k/kustomization.yaml", "t", False), ("k/a.json", "s", True), ("other/a.json", "", False),
    ]  # fmt: skip
