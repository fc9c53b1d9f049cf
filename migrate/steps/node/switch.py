"""Switching a node's configuration to WebSocket, and back, byte for byte."""

import difflib
import re

from migrate.jenkins.node_config import digest, read_launcher, set_launcher, to_websocket
from migrate.jenkins.node_mark import with_mark_of, without_mark
from migrate.model.journal.node import (
    SwitchIntent,
    SwitchNote,
    SwitchOutcome,
    SwitchUndo,
    SwitchUndone,
)
from migrate.model.secrets import mask
from migrate.model.text import file_name, visible
from migrate.steps.base import Context, StepFailed, StepLog, journalled, standing
from migrate.steps.node.hold import without_own_mark
from migrate.steps.patience import patiently


def diff(before: bytes, after: bytes, name: str) -> str:
    """Unified diff of two config.xml bodies with secrets masked."""
    lines = difflib.unified_diff(
        before.decode("utf-8", "replace").splitlines(),
        after.decode("utf-8", "replace").splitlines(),
        f"{visible(name)}/config.xml (now)",
        f"{visible(name)}/config.xml (after)",
        lineterm="",
    )
    return "\n".join(visible(mask(line)) for line in lines)


def _same_xml(left: bytes, right: bytes) -> bool:
    """Equal but for the offline mark, which comes and goes meanwhile, and for white space between
    elements, which Jenkins writes its own way."""
    left, right = (without_mark(body).strip() for body in (left, right))
    return re.sub(rb">\s+<", b"><", left) == re.sub(rb">\s+<", b"><", right)


def switch(ctx: Context, log: StepLog, node: str) -> None:
    """POST config.xml with ``webSocket`` true and no ``tunnel``, and compare what was kept.

    Reads it freshly first: since 2.482 the body that is posted sets or clears the offline mark, so
    it holds the one of this moment. The backup holds no mark of this run: whoever restores that
    file by hand would mark the node.
    """
    body = patiently(ctx, lambda: ctx.jenkins.read_node_config(node))
    wanted = to_websocket(body)
    if wanted == body:
        log.write(SwitchNote(text="config.xml says WebSocket already"))
        return
    facts = read_launcher(body)
    kept_back = without_own_mark(ctx, log, body)
    backup = log.save(f"{file_name(node)}.config.xml", kept_back)
    intent = SwitchIntent(
        node=node,
        backup=backup.file,
        sha256=backup.sha256,
        web_socket=facts.web_socket,
        tunnel=facts.tunnel,
        before_digest=digest(body),
        after_digest=digest(wanted),
    )
    with journalled(log, intent, SwitchOutcome(ok=True)) as end:
        patiently(ctx, lambda: ctx.jenkins.write_node_config(node, wanted))
        kept = patiently(ctx, lambda: ctx.jenkins.read_node_config(node))
        end.outcome = SwitchOutcome(ok=True, read_back_digest=digest(kept))
        if not _same_xml(kept, wanted):
            raise StepFailed(
                "Jenkins answered 200 but kept another config.xml than the one sent:\n"
                + diff(wanted, kept, node)
            )


def switch_back(ctx: Context, log: StepLog, node: str) -> str:
    """Restore the node's configuration from the journal; says what was verified.

    If nobody touched it since, the original bytes go back; else only the launcher's flag
    and tunnel are set as they were, and the other edits stay. The offline mark stays as it is now:
    whoever marked or freed the node since then is right.
    """
    done = standing(log, SwitchIntent)
    if done is None:
        return ""
    before = done.intent
    original = log.load(before.kept)
    current = patiently(ctx, lambda: ctx.jenkins.read_node_config(node))
    untouched = _same_xml(current, to_websocket(original))
    wanted = (
        with_mark_of(original, current)
        if untouched
        else set_launcher(current, before.web_socket, before.tunnel)
    )
    if wanted != current:
        log.write(SwitchUndo(node=node))
        patiently(ctx, lambda: ctx.jenkins.write_node_config(node, wanted))
    body = patiently(ctx, lambda: ctx.jenkins.read_node_config(node))
    kept = read_launcher(body)
    if (kept.web_socket, kept.tunnel) != (before.web_socket, before.tunnel):
        raise StepFailed("config.xml was sent back, but reads differently")
    same = digest(body) == digest(original)
    told = "config.xml is as it was" if same else "its launcher is back; other edits were kept"
    log.write(SwitchUndone(text=told, sha256=digest(body)))
    return told
