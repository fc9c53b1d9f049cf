"""What the finders make of nginx' files given as texts."""

from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.patch import patches
from migrate.sources.registry import look
from migrate.splice.yaml_text import spliced

MAIN = (
    "events { }\nhttp {\n    include conf.d/*.conf;\n}\nstream {\n    include stream.d/*.conf;\n}\n"
)
OK = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection upgrade;"
)


def looked(files: dict[str, str], *, nginx: bool = True) -> Found:
    return look([SourceText(p, t, nginx=nginx) for p, t in files.items()], LookOptions())


def after(files: dict[str, str], stage: str = "nodes") -> dict[str, str]:
    """The files that one stage changes, as it leaves them."""
    found = looked(files)
    changed = {}
    for path, text in files.items():
        mine = [(e.start, e.end, e.new) for e in found.edits
                if e.path == path and e.stage == stage]  # fmt: skip
        if mine:
            changed[path] = spliced(text, mine)
    assert patches([SourceText(p, t) for p, t in files.items()], found.edits)
    return changed


def site(text: str) -> dict[str, str]:
    return {"nginx.conf": MAIN, "conf.d/ci.conf": text}


def reasons(found: Found) -> list[str]:
    return [note.reason for note in found.by_hand]
