"""``switch-cloud``: a kubernetes cloud whose new pods connect over WebSocket from now on.

Pods that run keep what they were started with; they finish their builds and end. The gate before
the close stage reads every node's log, so those that are left on TCP keep the port open.
"""

from msgspec.structs import asdict

from migrate.jenkins.clouds import CloudGone, read_cloud, set_cloud
from migrate.model import plan_steps
from migrate.model.errors import MigrateError
from migrate.model.inventory import Cloud, Transport, Verdict
from migrate.model.journal.controller import (
    CloudIntent,
    CloudOutcome,
    CloudUndo,
    CloudUndone,
)
from migrate.model.plan_steps import CloudSettings
from migrate.model.text import visible
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    NotPutBack,
    StepFailed,
    StepLog,
    Verification,
    change_of,
    journalled,
    standing,
)
from migrate.steps.patience import patiently

WANTED = CloudSettings(web_socket=True, tunnel=None, direct=False)


class SwitchCloud:
    """Sets webSocket, and clears jenkinsTunnel and directConnection."""

    kind = "switch-cloud"

    def describe(self, step: plan_steps.SwitchCloud) -> Description:
        """One line."""
        return Description(
            f"cloud {visible(step.cloud)}: new pods connect over WebSocket",
            downtime="none: pods that run now finish over TCP",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.SwitchCloud) -> str:
        """One line."""
        return f"cloud {visible(step.cloud)}: new pods connect over TCP again"

    def diff(self, step: plan_steps.SwitchCloud, ctx: Context) -> str:
        """The three settings, before and after."""
        now = settings(read_cloud(ctx.jenkins, step.cloud))
        pairs = zip(asdict(now).items(), asdict(WANTED).items(), strict=True)
        lines = [f"-{k}: {visible(str(a))}\n+{k}: {b}" for (k, a), (_, b) in pairs if a != b]
        return "\n".join(lines)

    def check(
        self, step: plan_steps.SwitchCloud, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Read it again: as planned, as wanted, or changed."""
        try:
            cloud = read_cloud(ctx.jenkins, step.cloud)
        except CloudGone as error:
            return Check(CheckState.DRIFTED, error.cause)
        now = settings(cloud)
        if now == WANTED:
            return Check(CheckState.DONE, _told(cloud, ctx))
        if now != step.before and not (log and change_of(log.records(), CloudIntent)):
            return Check(CheckState.DRIFTED, f"its settings changed since the plan: {asdict(now)}")
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.SwitchCloud, ctx: Context) -> str:
        """Nothing can be tried; tells what would change and whether it may."""
        if not ctx.jenkins.can_script():
            return "cannot tell: setting a cloud takes Overall/Administer"
        return "would change: " + self.describe(step).text

    def apply(self, step: plan_steps.SwitchCloud, ctx: Context, log: StepLog) -> str:
        """Set it and read it back."""
        name = step.cloud
        known = standing(log, CloudIntent)
        now = settings(patiently(ctx, lambda: read_cloud(ctx.jenkins, name)))
        if now != WANTED:
            before = known.intent.before if known is not None else now
            with journalled(log, CloudIntent(cloud=name, before=before), CloudOutcome(ok=True)):
                patiently(ctx, lambda: set_cloud(ctx.jenkins, name, WANTED))
        seen = self.verify(step, ctx)
        if seen.verdict is not Verdict.PASS:
            raise StepFailed(seen.detail)
        return seen.detail

    def verify(self, step: plan_steps.SwitchCloud, ctx: Context) -> Verification:
        """The settings as they read now, and which of its pods are still on TCP."""
        return cloud_switched(ctx, step.cloud)

    def rollback(self, step: plan_steps.SwitchCloud, ctx: Context, log: StepLog) -> str:
        """The old settings, unless somebody changed them since."""
        known = standing(log, CloudIntent)
        if known is None:
            return ""
        name, before = step.cloud, known.intent.before
        now = settings(patiently(ctx, lambda: read_cloud(ctx.jenkins, name)))
        if now not in (before, WANTED):
            raise NotPutBack(
                f"cloud {visible(name)} was changed by somebody else since: {asdict(now)}",
                needs=f"in Jenkins, set cloud {visible(name)} as it was: {asdict(before)}",
            )
        if now != before:
            log.write(CloudUndo(cloud=name))
            patiently(ctx, lambda: set_cloud(ctx.jenkins, name, before))
        told = "its settings are as they were; new pods connect as before"
        log.write(CloudUndone(text=told))
        return told


def cloud_switched(ctx: Context, name: str) -> Verification:
    """Whether the controller reads this cloud as wanted."""
    try:
        cloud = patiently(ctx, lambda: read_cloud(ctx.jenkins, name))
    except CloudGone as error:
        return Verification(Verdict.FAIL, error.cause)
    if settings(cloud) != WANTED:
        return Verification(Verdict.FAIL, f"it reads {asdict(settings(cloud))}")
    return Verification(Verdict.PASS, _told(cloud, ctx))


def settings(cloud: Cloud) -> CloudSettings:
    """What of a cloud is set here."""
    return CloudSettings(
        web_socket=bool(cloud.web_socket), tunnel=cloud.tunnel, direct=cloud.direct
    )


def _told(cloud: Cloud, ctx: Context) -> str:
    left = []
    for node in cloud.nodes:
        try:
            log = ctx.jenkins.agent_log(node)
        except MigrateError:
            continue  # It ended meanwhile; the gate reads all nodes again.
        if log.connected and log.transport is not Transport.WEBSOCKET:
            left.append(visible(node))
    text = "set and read back: new pods connect over WebSocket"
    if left:
        text += f"; still on TCP until they finish: {', '.join(left)}"
    return text
