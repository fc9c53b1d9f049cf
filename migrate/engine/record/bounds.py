"""What an intent of a step may name: nothing but what the step itself is about.

An intent decides what a rollback writes, and somebody else may have written the journal.
"""

import re

from migrate.model.journal.base import Intent, ObjectIntent
from migrate.model.journal.cluster import RolloutIntent
from migrate.model.journal.controller import (
    CloudIntent,
    CreateProbeNodeIntent,
    DeleteProbeNodeIntent,
    FileIntent,
)
from migrate.model.journal.node import LaunchIntent, SwitchIntent, UpgradeIntent
from migrate.model.plan_steps import (
    EditFile,
    MoveNode,
    MoveWorkload,
    PlanStep,
    SwitchCloud,
    node_of,
    target_of,
)
from migrate.model.text import file_name
from migrate.probe.node import PREFIX
from migrate.steps.node.launch_files import may_write


def stranger(step: PlanStep, intent: Intent) -> str:
    """What the intent names that is not the step's; empty: nothing."""
    if isinstance(intent, CreateProbeNodeIntent | DeleteProbeNodeIntent):
        return "" if intent.node.startswith(PREFIX) else f"the node {intent.node!r}"
    nodes = step.nodes if isinstance(step, MoveWorkload) else (node_of(step),)
    if intent.node and intent.node not in nodes:
        return f"the node {intent.node!r}"
    if isinstance(intent, SwitchIntent) and not _is_config_of(intent.backup, intent.node):
        return f"the backup {intent.backup!r}"
    if isinstance(intent, FileIntent):
        own = isinstance(step, EditFile) and intent.path == step.path
        return "" if own else f"the file {intent.path!r}"
    if isinstance(intent, CloudIntent):
        own = isinstance(step, SwitchCloud) and intent.cloud == step.cloud
        return "" if own else f"the cloud {intent.cloud!r}"
    if isinstance(intent, ObjectIntent | RolloutIntent):
        own = intent.object == str(target_of(step))
        return "" if own else f"the object {intent.object!r}"
    return _on_the_host(step, intent)


def _on_the_host(step: PlanStep, intent: Intent) -> str:
    """Of files on an agent's host."""
    if isinstance(intent, LaunchIntent):
        edit = step.launch_edit if isinstance(step, MoveNode) else None
        may = may_write(edit) if edit is not None else frozenset[str]()
        strange = [file.path for file in intent.files if file.path not in may]
        return f"the file {strange[0]!r} on the agent's host" if strange else ""
    if isinstance(intent, UpgradeIntent):
        upgrade = step.upgrade if isinstance(step, MoveNode) else None
        own = upgrade is not None and intent.jar == upgrade.jar
        return "" if own else f"the file {intent.jar!r} on the agent's host"
    return ""


def _is_config_of(backup: str, node: str) -> bool:
    """Whether a backup has the name that this node's config.xml gets, or a later one's number."""
    return (
        re.fullmatch(re.escape(f"{file_name(node)}.config.xml") + r"(\.\d+)?", backup) is not None
    )
