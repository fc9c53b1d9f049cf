"""What a person does with an agents' workload that this tool does not edit. Pure.

Sources: kubectl set env knows pods, replicationcontrollers, deployments, daemonsets, statefulsets,
replicasets, jobs and cronjobs (kubectl pkg/cmd/set/set_env.go); a Job's pod template can't be
changed (pkg/apis/batch/validation); a ReplicaSet and a ReplicationController make new pods from a
changed template, and leave those that are there.
"""

import json
import shlex
from typing import Any

from migrate.cluster import agent_container as agent
from migrate.cluster.makers import Maker, referenced
from migrate.model.secrets import mask
from migrate.model.text import visible

Json = dict[str, Any]

_WHY = {
    "DeploymentConfig": "OpenShift rolls a DeploymentConfig out, which this tool does not follow",
    "Rollout": "an Argo Rollout replaces pods by steps of its own, which this tool does not follow",
    "ReplicaSet": "a ReplicaSet does not replace the pods that it has when its template changes",
    "ReplicationController": "a ReplicationController does not replace the pods that it has when "
    "its template changes",
    "Job": "the pod template of a Job can't be changed",
    "CronJob": "a CronJob starts its agent at times of its own",
}


def not_edited(maker: Maker) -> str:
    """Why this tool does not edit it."""
    if maker.kind in _WHY:
        return _WHY[maker.kind]
    if maker.obj is None and maker.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        return f"the {maker.kind} could not be read, only its pods"
    return f"this tool does not know what a {visible(maker.kind)} does with its pods"


def steps_by_hand(maker: Maker, form: Json, container: Json, *, possible: bool) -> str:
    """The commands, or where none is known what has to be changed; no value of a variable that
    is there is shown. ``possible``: nothing about the container itself stands in the way."""
    if not possible:
        return ""
    namespace, name = shlex.quote(maker.namespace), shlex.quote(maker.name)
    inside = shlex.quote(str(container.get("name", "")))
    changes = _changes(container)
    told = _arguments(container)
    if maker.kind == "DeploymentConfig":
        steps = [
            f"oc set env dc/{name} -n {namespace} -c {inside} {changes}",
            f"oc rollout status dc/{name} -n {namespace} (oc rollout latest dc/{name} first, where "
            "it has no ConfigChange trigger)",
        ]
    elif maker.kind == "Rollout" and referenced(maker):
        what = f"deployment/{shlex.quote(referenced(maker))}"
        steps = [
            f"kubectl set env {what} -n {namespace} -c {inside} {changes} (the Rollout takes its "
            "pod template from there)",
            f"kubectl argo rollouts status {name} -n {namespace}",
        ]
    elif maker.kind == "Rollout":
        patch = shlex.quote(json.dumps(_patch(form, container), separators=(",", ":")))
        steps = [
            f"kubectl patch rollouts.argoproj.io/{name} -n {namespace} --type json -p {patch}",
            f"kubectl argo rollouts status {name} -n {namespace}",
        ]
    elif maker.kind in ("ReplicaSet", "ReplicationController"):
        what = f"{maker.kind.lower()}/{name}"
        steps = [f"kubectl set env {what} -n {namespace} -c {inside} {changes}"]
        shown = _selector(maker)
        which = f" (kubectl get pods -n {namespace} -l {shlex.quote(shown)})" if shown else ""
        steps.append(
            f"delete its pods{which} one by one, when their nodes run no build: new ones take "
            "their places"
        )
    elif maker.kind == "CronJob":
        steps = [
            f"kubectl set env cronjob/{name} -n {namespace} -c {inside} {changes}",
            "wait for its next run, or end the Job that runs now when its node runs no build",
        ]
    elif maker.kind == "Job":
        steps = [
            f"in its manifest: {_in_words(container)}",
            f"kubectl replace --force -n {namespace} -f FILE, when its node runs no build",
        ]
    elif maker.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        what = f"{maker.kind.lower()}/{name}"
        steps = [f"kubectl set env {what} -n {namespace} -c {inside} {changes}"]
        if maker.kind != "Deployment":
            steps.append("delete its pods one by one, where it does not replace them by itself")
    elif maker.kind == "Pod":
        steps = [
            f"in its manifest: {_in_words(container)}",
            f"kubectl replace --force -n {namespace} -f FILE, when its node runs no build",
        ]
    else:
        steps = [
            f"where {visible(maker.kind)} {visible(maker.namespace)}/{visible(maker.name)} "
            f"describes its pods: {_in_words(container)}"
        ]
    return "; then ".join([*([told] if told else []), *steps])


def _selector(maker: Maker) -> str:
    """Its own selector, as kubectl takes it; empty where it was not read or is no plain one."""
    found = ((maker.obj or {}).get("spec") or {}).get("selector") or {}
    pairs = found.get("matchLabels") if maker.kind == "ReplicaSet" else found
    if not isinstance(pairs, dict) or found.get("matchExpressions"):
        return ""
    return ",".join(f"{key}={value}" for key, value in sorted(pairs.items()))


def _edits(container: Json) -> tuple[list[str], dict[str, str]]:
    """(variables that WebSocket does not go with, those to set with their values)."""
    before = {str(i.get("name")): i.get("value") for i in container.get("env") or []}
    after = {
        str(i.get("name")): i.get("value")
        for i in agent.to_websocket(container).get("env") or []
        if "valueFrom" not in i
    }
    gone = [name for name in before if name not in after and not _elsewhere(container, name)]
    put = {name: str(value or "") for name, value in after.items() if before.get(name) != value}
    return gone, put


def _elsewhere(container: Json, name: str) -> bool:
    """Whether a variable has its value from elsewhere and stays as it is."""
    kept = agent.to_websocket(container).get("env") or []
    return any(item.get("name") == name and "valueFrom" in item for item in kept)


def _changes(container: Json) -> str:
    """As ``kubectl set env`` takes them: NAME=VALUE sets, NAME- takes out."""
    gone, put = _edits(container)
    words = [shlex.quote(f"{name}={mask(value)}") for name, value in put.items()]
    return " ".join([*words, *(f"{name}-" for name in gone)])


def _in_words(container: Json) -> str:
    gone, put = _edits(container)
    told = "set " + ", ".join(f"{name}={mask(value)}" for name, value in put.items())
    return told + (f" and take out {', '.join(gone)}" if gone else "")


def _arguments(container: Json) -> str:
    """What else has to go: ``kubectl set env`` knows variables only."""
    before, after = agent.args_of(container), agent.args_of(agent.to_websocket(container))
    gone = [word for word in before if word not in after and word.startswith("-")]
    if before == after:
        return ""
    out = f"take {', '.join(gone)} and what belongs to it out of" if gone else "change"
    new = [word for word in after if word not in before and word.startswith("-")]
    return f"{out} its arguments" + (f", and add {', '.join(new)} there" if new else "")


def _patch(form: Json, container: Json) -> list[Json]:
    """JSON patch on variables by place, highest first, so that none moves before its turn."""
    containers = (form.get("spec") or {}).get("containers") or []
    place = next(i for i, c in enumerate(containers) if c.get("name") == container.get("name"))
    root = f"/spec/template/spec/containers/{place}/env"
    env = container.get("env") or []
    gone, put = _edits(container)
    patch: list[Json] = [
        {"op": "remove", "path": f"{root}/{index}"}
        for index in reversed(range(len(env)))
        if env[index].get("name") in {*gone, *put}
    ]
    settings = [{"name": name, "value": mask(value)} for name, value in put.items()]
    if not env:
        return [{"op": "add", "path": root, "value": settings}]
    return [*patch, *({"op": "add", "path": f"{root}/-", "value": item} for item in settings)]
