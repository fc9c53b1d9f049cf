"""Many shapes of each kind: what becomes of them, as a diff with notes that people looked at.

``shapes/KIND.txt`` has the files, ``shapes/KIND.expected`` what comes out. A case begins with
``######## NAME``, a file in it with ``#### PATH``.
"""

import difflib
import re
from pathlib import Path

from sources_cases import edited, found_in

SHAPES = Path(__file__).parent / "shapes"


def _cases(path: Path) -> dict[str, str]:
    text = path.read_bytes().decode()
    parts = re.split(r"^######## (.*)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _files(body: str) -> dict[str, str]:
    parts = re.split(r"^#### (.*)\n", body, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _outcome(files: dict[str, str]) -> str:
    """A diff of each file, and each by-hand note."""
    after, rows = edited(files), []
    for path, text in files.items():
        old, new = (repr_lines(side) for side in (text, after[path]))
        rows += list(difflib.unified_diff(old, new, path, path, lineterm="", n=1))[1:]
    for note in sorted(found_in(files).by_hand, key=lambda n: (n.path, n.line, n.reason)):
        rows.append(f"by hand: {note.path}:{note.line}: {note.reason}. Write: {note.write}")
    return "".join(f"{row}\n" for row in rows)


def repr_lines(text: str) -> list[str]:
    """Lines with their odd ends to be seen."""
    return [line.replace("\r", "\\r").replace("\ufeff", "\\ufeff") for line in text.split("\n")]


def check_shapes(kind: str, *, update: bool) -> None:
    """Fails with every case that comes out otherwise than expected."""
    expected = SHAPES / f"{kind}.expected"
    cases = _cases(SHAPES / f"{kind}.txt")
    got = {name: _outcome(_files(body)) for name, body in cases.items()}
    if update:
        text = "".join(f"######## {name}\n{outcome}" for name, outcome in got.items())
        expected.write_bytes(text.encode())
    assert got == _cases(expected)
