"""Waiting for the pods of a workload to be the new ones, and making a bare Pod anew."""

from migrate.cluster.errors import ObjectGone
from migrate.cluster.workload_edits import container_in, failed_rollout, rolled_out, same_launch
from migrate.model.kube import KubeObject
from migrate.model.names import EventKind, PhaseName
from migrate.steps.base import Context, Event, StepFailed
from migrate.steps.cluster.kube_edit import Target
from migrate.steps.patience import patiently


def await_rollout(ctx: Context, step_id: str, target: Target, timeout: float) -> None:
    """Until every pod is of the newest template and ready; ``StepFailed`` after ``timeout`` s."""
    if target.object_kind == "Pod":
        _await_pod(ctx, target, timeout)
        return
    deadline = ctx.clock.monotonic() + timeout
    last = ""
    while True:
        body = patiently(ctx, lambda: target.read(ctx))
        done, told = rolled_out(body)
        if done:
            return
        why = failed_rollout(body)
        if why or ctx.clock.monotonic() >= deadline:
            raise StepFailed(
                f"the rollout of {target} does not end: {why or told}",
                next_command=f"kubectl rollout status {target.object_kind.lower()}/{target.name} "
                f"-n {target.namespace}",
            )
        if told != last:
            last = told
            ctx.emit(Event(EventKind.PHASE, step_id, PhaseName.ROLLOUT, told))
        ctx.clock.sleep(ctx.settings.poll)


def _await_pod(ctx: Context, target: Target, timeout: float) -> None:
    deadline = ctx.clock.monotonic() + timeout
    while True:
        body = patiently(ctx, lambda: target.read(ctx))
        phase = (body.get("status") or {}).get("phase")
        if phase == "Running":
            return
        if phase in ("Failed", "Succeeded") or ctx.clock.monotonic() >= deadline:
            raise StepFailed(
                f"{target} is {phase or 'not scheduled'}",
                next_command=f"kubectl describe pod {target.name} -n {target.namespace}",
            )
        ctx.clock.sleep(ctx.settings.poll)


def recreate_pod(ctx: Context, target: Target, body: KubeObject, timeout: float) -> str:
    """Delete the Pod of this name, if any, and create ``body``: a Pod's variables can't change.
    Returns the uid of the Pod that is there then.

    Safe to call again after a crash: a Pod that is ``body`` already is left.
    """
    cluster = ctx.need_cluster()
    deadline = ctx.clock.monotonic() + timeout
    names = [item["name"] for item in body["spec"]["containers"]]
    while True:
        try:
            now = patiently(ctx, lambda: target.read(ctx))
        except ObjectGone:
            break
        meta = now["metadata"]
        if not meta.get("deletionTimestamp"):
            pairs = [(container_in(now, n)[0], container_in(body, n)[0]) for n in names]
            uid = str(meta["uid"])
            if all(same_launch(here, wanted) for here, wanted in pairs):
                return uid
            cluster.delete("Pod", target.namespace, target.name, uid=uid)
        if ctx.clock.monotonic() >= deadline:
            raise StepFailed(f"{target} was deleted, but does not go away")
        ctx.clock.sleep(ctx.settings.poll)
    return str(cluster.create("Pod", target.namespace, body)["metadata"]["uid"])
