"""Guarded JSON patches of an agent's container in a workload's pod template. Pure."""

from copy import deepcopy
from typing import Any

from migrate.cluster.edits import Drift, label, pointer, strip_for_creation

Json = dict[str, Any]
Patch = list[Json]

_EDITED = ("env", "args")
"""All of a container that this tool changes."""


def template_of(obj: Json) -> Json:
    """The pod template of a workload; a Pod is its own."""
    if obj.get("kind") == "Pod":
        return obj
    template: Json = (obj.get("spec") or {}).get("template") or {}
    return template


def container_in(obj: Json, name: str) -> tuple[Json, int]:
    """The container of that name and its place; ``Drift`` when it is gone."""
    for place, item in enumerate((template_of(obj).get("spec") or {}).get("containers") or []):
        if item.get("name") == name:
            return item, place
    raise Drift(f"{label(obj)} has no container {name} any more")


def with_container(obj: Json, wanted: Json) -> Json:
    """A copy of the object with the container of that name replaced."""
    out = deepcopy(obj)
    _, place = container_in(out, str(wanted.get("name")))
    template_of(out)["spec"]["containers"][place] = deepcopy(wanted)
    return out


def replace_container(obj: Json, wanted: Json) -> Patch:
    """Make variables and arguments of the container as in ``wanted``; empty when they are."""
    now, place = container_in(obj, str(wanted.get("name")))
    version = (obj.get("metadata") or {}).get("resourceVersion")
    if not version:
        raise Drift(f"{label(obj)} was read without a resourceVersion")
    patch: Patch = []
    for key in _EDITED:
        path = pointer("spec", "template", "spec", "containers", place, key)
        if now.get(key) == wanted.get(key):
            continue
        if key not in wanted:
            patch.append({"op": "remove", "path": path})
        else:
            op = "replace" if key in now else "add"
            patch.append({"op": op, "path": path, "value": deepcopy(wanted[key])})
    guard = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
    return [guard, *patch] if patch else []


def same_launch(one: Json, other: Json) -> bool:
    """Whether two containers have the same variables and arguments."""
    return all((one.get(key) or None) == (other.get(key) or None) for key in _EDITED)


def rolled_out(obj: Json) -> tuple[bool, str]:
    """(whether every pod is of the newest template and ready, how far it is).

    Source: kubectl rollout status (staging/src/k8s.io/kubectl/pkg/polymorphichelpers).
    """
    meta, spec, status = obj.get("metadata") or {}, obj.get("spec") or {}, obj.get("status") or {}
    if int(status.get("observedGeneration") or 0) < int(meta.get("generation") or 0):
        return False, "the new template was not looked at yet"
    if obj.get("kind") == "DaemonSet":
        wanted = int(status.get("desiredNumberScheduled") or 0)
        new = int(status.get("updatedNumberScheduled") or 0)
        ready = int(status.get("numberAvailable") or 0)
        return new >= wanted and ready >= wanted, f"{new} of {wanted} new, {ready} available"
    wanted = int(spec.get("replicas", 1))
    new = int(status.get("updatedReplicas") or 0)
    ready = int(status.get("availableReplicas") or status.get("readyReplicas") or 0)
    total = int(status.get("replicas") or 0)
    told = f"{new} of {wanted} new, {ready} available, {total} in all"
    if obj.get("kind") == "StatefulSet":
        update, current = status.get("updateRevision"), status.get("currentRevision")
        return new >= wanted and ready >= wanted and update == current, told
    return new >= wanted and ready >= wanted and total <= wanted, told


def failed_rollout(obj: Json) -> str:
    """Why a Deployment's rollout will not end by itself; empty while it may."""
    for item in (obj.get("status") or {}).get("conditions") or []:
        if item.get("type") == "Progressing" and item.get("reason") == "ProgressDeadlineExceeded":
            return str(item.get("message") or "its progress deadline passed")
    return ""


def pod_to_create(pod: Json, wanted: Json) -> Json:
    """A bare Pod as it can be created again, with another agent container."""
    out = strip_for_creation(with_container(pod, wanted))
    (out.get("spec") or {}).pop("nodeName", None)
    return out
