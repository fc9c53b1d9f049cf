"""What the steps that take one piece out of a Kubernetes object share."""

import difflib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from migrate.cluster.errors import Conflict, ObjectGone
from migrate.model.journal.base import BackupRef
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.plan_steps import KubeTarget
from migrate.model.secrets import mask
from migrate.model.text import file_name, visible
from migrate.steps.base import Check, CheckState, Context, StepBlocked, StepLog
from migrate.steps.patience import patiently

TRIES = 4
"""Reads and guarded patches before a 409 that keeps coming back is a failure."""


@dataclass(frozen=True)
class Target:
    """The object that a step edits."""

    object_kind: str
    namespace: str
    name: str
    uid: str | None = None

    @classmethod
    def of(cls, planned: KubeTarget) -> "Target":
        """As the plan names it."""
        return cls(planned.kind, planned.namespace, planned.name, planned.uid)

    def __str__(self) -> str:
        """``ConfigMap ns/name``."""
        return f"{self.object_kind} {self.namespace}/{self.name}"

    def read(self, ctx: Context) -> KubeObject:
        """The object now."""
        return ctx.need_cluster().get(self.object_kind, self.namespace, self.name)

    def replaced(self, body: KubeObject, ctx: Context) -> str:
        """Why ``body`` is another object than the planned one of that name; empty: the same, or
        one that a rollback of this plan created again."""
        seen = body.get("metadata", {}).get("uid")
        if not self.uid or seen in {self.uid, *ctx.made_anew}:
            return ""
        return f"{self} was deleted and created again"

    def refuse_another(self, backup: KubeObject) -> None:
        """``StepBlocked`` for a backup of another object, which is never created instead."""
        meta = backup.get("metadata") or {}
        named = backup.get("kind", self.object_kind), meta.get("namespace"), meta.get("name")
        if named != (self.object_kind, self.namespace, self.name):
            raise StepBlocked(
                f"the backup is not one of {self}; nothing was changed",
                next_command="do not run it: look who wrote the journal in the run's folder",
            )

    def need(self, ctx: Context, *verbs: str) -> None:
        """``StepBlocked`` when the user may not do one of these."""
        cluster = ctx.need_cluster()
        for verb in verbs:
            may = partial(cluster.allowed, verb, self.object_kind, self.namespace, self.name)
            if not patiently(ctx, may):
                raise StepBlocked(f"no permission to {verb} {self}", next_command=self.ask(verb))

    def ask(self, verb: str) -> str:
        """The command that asks the API server about this right."""
        # create has no name to be granted by: only a rule for the whole kind allows it.
        what = self.object_kind.lower() + (f"/{self.name}" if verb != "create" else "")
        return f"kubectl auth can-i {verb} {what} -n {self.namespace}"


def as_planned(
    ctx: Context, target: Target, done: Callable[[KubeObject], str]
) -> KubeObject | Check:
    """The object, or what settles the matter: it is gone, ``done`` tells how it is as wanted
    already (empty: it is not), or it is another object of that name."""
    try:
        body = target.read(ctx)
    except ObjectGone:
        return Check(CheckState.DONE, f"there is no {target} any more")
    if told := done(body):
        return Check(CheckState.DONE, told)
    replaced = target.replaced(body, ctx)
    return Check(CheckState.DRIFTED, replaced) if replaced else body


def patched(
    ctx: Context,
    target: Target,
    build: Callable[[KubeObject], KubePatch],
    *,
    dry_run: bool = False,
) -> KubeObject:
    """Read, build a patch guarded by the resourceVersion, send; again on a 409.

    ``build`` looks at the object each time and raises when it is not as expected, so a
    repeat never overwrites what somebody else changed. It returns an empty patch when
    there is nothing to do.
    """
    cluster = ctx.need_cluster()
    for attempt in range(1, TRIES + 1):
        now = target.read(ctx)
        patch = build(now)
        if not patch:
            return now
        try:
            return cluster.json_patch(
                target.object_kind, target.namespace, target.name, patch, dry_run=dry_run
            )
        except Conflict:
            if attempt == TRIES:
                raise
            ctx.clock.sleep(0.2 * attempt)
    raise AssertionError("unreachable")


def keep(log: StepLog, target: Target, body: KubeObject) -> BackupRef:
    """Back the whole object up; the reference goes into the intent."""
    name = file_name(f"{target.object_kind}.{target.namespace}.{target.name}") + ".json"
    text = json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True)
    return log.save(name, text.encode())


def object_diff(before: Any, after: Any, label: str) -> str:
    """Unified diff of two objects as YAML-like JSON lines, masked."""

    def lines(value: Any) -> list[str]:
        if value is None:
            return []
        return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).splitlines()

    out = difflib.unified_diff(
        lines(before), lines(after), f"{label} (now)", f"{label} (after)", lineterm="", n=2
    )
    return "\n".join(visible(mask(line)) for line in out)
