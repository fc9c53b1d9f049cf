"""The folder of dated summaries (``scan --history DIR``)."""

from pathlib import Path
from urllib.parse import urlsplit

from migrate.model import serialize
from migrate.model.errors import UsageProblem
from migrate.model.history import HISTORY_SCHEMA, ScanSummary
from migrate.model.text import file_name, json_visible, visible
from migrate.plan_store.private import read_own, write_own

_SUFFIX = ".scan.json"


def keep(folder: Path, summary: ScanSummary) -> Path:
    """Write the summary and return its file, which is there as a whole or not at all.

    A scan in the same second has a number. ``UsageProblem`` when it can't be written.
    """
    stamp = summary.scanned_at[:19].replace("-", "").replace(":", "").replace("T", "-")
    stem = f"{file_name(stamp)}-{file_name(urlsplit(summary.controller_url).netloc)}"
    number = 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{stem}{_SUFFIX}"
        while path.exists():
            number += 1
            path = folder / f"{stem}-{number}{_SUFFIX}"
        write_own(path, json_visible(serialize.to_json(summary)))
    except OSError as error:
        raise UsageProblem(
            f"cannot keep the scan in {visible(str(folder))}: {error.strerror}",
            next_command="migrate scan --history DIR",
        ) from None
    return path


def kept(folder: Path) -> tuple[tuple[ScanSummary, ...], tuple[str, ...]]:
    """All summaries, oldest first, and a sentence for each file that is none.

    ``UsageProblem`` where no scan was kept.
    """
    found, refused = [], []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            summary = serialize.from_json(read_own(path), ScanSummary)
            if summary.schema_version != HISTORY_SCHEMA:
                raise ValueError(f"it has schema version {summary.schema_version}")
            found.append(summary)
        except (OSError, ValueError, UsageProblem) as error:
            refused.append(f"{visible(path.name)} is left out: {visible(str(error))}")
    if not found:
        told = f" ({refused[0]})" if refused else ""
        raise UsageProblem(
            f"no scan was kept in {visible(str(folder))}{told}",
            next_command="migrate scan --history DIR",
        )
    return tuple(sorted(found, key=lambda s: s.scanned_at)), tuple(refused)
