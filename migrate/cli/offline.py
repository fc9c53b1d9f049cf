"""``migrate scan --source ... --patch``: what files alone say, without any connection."""

from pathlib import Path
from typing import TYPE_CHECKING

from migrate.cli.console import result
from migrate.model.errors import UsageProblem
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.plan_store.private import write_own

if TYPE_CHECKING:
    from migrate.sources.base import Found
    from migrate.sources.walk import Walked


def scan_files(
    sources: tuple[Path, ...],
    nginx: tuple[Path, ...],
    nginx_root: str,
    jenkins_service: str | None,
    patch: Path | None,
    output: str,
) -> bool:
    """Prints the findings and writes the patches; whether there is anything to do.

    ``UsageProblem`` for a path that can't be read or written.
    """
    from migrate.cli import offline_report
    from migrate.model.finding import Severity
    from migrate.report.dispatch import render
    from migrate.sources.answer import answer

    walked, found = _found(sources, nginx, nginx_root, jenkins_service)
    if patch is not None:
        _write(patch, walked, found)
    if output == "text":
        result(_text(walked, found, patch))
    else:
        told, root = answer(walked, found), walked.root
        page, facts = offline_report.page(told, root), offline_report.facts(told, root)
        result(render(told, page, facts, output))
    return bool(found.edits or found.by_hand) or any(
        one.severity is not Severity.INFO for one in found.findings
    )


def plan_patches(
    sources: tuple[Path, ...],
    nginx: tuple[Path, ...],
    nginx_root: str,
    jenkins_service: str,
    patch: Path,
) -> str:
    """Writes what ``scan --patch`` writes, and a commit message beside each patch.

    Returns one sentence of what there is. ``UsageProblem`` for a path that can't be read or
    written.
    """
    walked, found = _found(sources, nginx, nginx_root, jenkins_service)
    _write(patch, walked, found, messages=True)
    where = visible(str(patch))
    return (
        f"Patches of files: {len(found.edits)} edits, {len(found.by_hand)} places to change by "
        f"hand, in {where}/ (nodes.patch before the agents move, close.patch after it)"
    )


def _found(
    sources: tuple[Path, ...], nginx: tuple[Path, ...], nginx_root: str, service: str | None
) -> "tuple[Walked, Found]":
    from migrate.sources.base import Found, LookOptions
    from migrate.sources.registry import look
    from migrate.sources.walk import below, walk

    root = Path(nginx_root) if nginx_root else None
    walked = walk(sources, nginx, root)
    options = LookOptions((service,) if service else (), below(root, walked.root))
    return walked, look(walked.files, options) + Found(by_hand=walked.left_out)


def _write(folder: Path, walked: "Walked", found: "Found", *, messages: bool = False) -> None:
    from migrate.sources.patch import by_hand_page, commit_message, patches
    from migrate.splice.text import encode

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stage, text in patches(walked.files, found.edits).items():
            said = commit_message(stage, found.edits) if messages else ""
            for path, content in (
                (folder / f"{stage}.patch", text),
                (folder / f"{stage}.message", said if text else ""),
            ):
                if content:
                    write_own(path, encode(content))
                else:
                    path.unlink(missing_ok=True)
        write_own(folder / "by-hand.md", encode(by_hand_page(found.by_hand)))
    except OSError as error:
        raise UsageProblem(
            f"--patch {visible(str(folder))} can't be written: {error.strerror}",
            next_command="--patch DIR",
        ) from None


def _text(walked: "Walked", found: "Found", patch: Path | None) -> str:

    rows = [f"{len(walked.files)} files of {visible(str(walked.root))} may matter."]
    rows += [
        f"{one.severity}: {one.subject}:{one.line}: {mask(one.summary)}" for one in found.findings
    ]
    rows.append(f"{len(found.edits)} edits, {len(found.by_hand)} places to change by hand.")
    if patch is not None:
        where = visible(str(patch))
        rows.append(f"Patches and by-hand.md are in {where}: git apply nodes.patch, then close.")
    return "\n".join(rows) + "\n"
