"""Which workloads of the cluster are inbound agents, and which nodes their pods serve. Pure.

Whatever makes the pods: what this tool cannot edit safely is seen, named and handed over. Pods
that a Jenkins cloud made are left out: their cloud's template decides how they connect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from migrate.agents.command import read_options
from migrate.cluster import agent_container as agent
from migrate.cluster.args import Scope, Unresolved, command_line, environment
from migrate.cluster.makers import Maker, Makers, referenced
from migrate.cluster.owner import owner_of
from migrate.cluster.snapshot import Snapshot
from migrate.cluster.workload_by_hand import not_edited, steps_by_hand
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.text import visible

Json = dict[str, Any]

EDITED = ("Deployment", "StatefulSet", "DaemonSet", "Pod")
"""Kinds whose pods this tool replaces by itself."""


def find_agents(snapshot: Snapshot) -> tuple[AgentWorkload, ...]:
    """All of them, sorted by namespace, kind and name."""
    makers = Makers(snapshot)
    taken = {(m.namespace, referenced(m)) for m, _ in makers.forms() if m.kind == "Rollout"}
    found: dict[tuple[str, str, str], _Found] = {}
    for maker, form in makers.forms():
        # A Rollout runs the pods of the Deployment that it refers to.
        runs = maker.kind != "Deployment" or (maker.namespace, maker.name) not in taken
        if runs and agent_of(form.get("spec") or {}) is not None and not _is_over(maker):
            found.setdefault(maker.key, _Found(maker, form))
    for pod in snapshot.of("Pod"):
        meta = pod.get("metadata") or {}
        over = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if over or agent_of(pod.get("spec") or {}) is None or _of_a_cloud(meta):
            continue
        space, name = str(meta.get("namespace", "")), str(meta.get("name", ""))
        maker = makers.top(pod) or Maker("Pod", space, name, pod)
        found.setdefault(maker.key, _Found(maker, pod)).pods.append(pod)
    return tuple(_workload(found[key]) for key in sorted(found, key=lambda k: (k[0], k[1], k[2])))


@dataclass
class _Found:
    """A workload of agents."""

    maker: Maker
    form: Json
    """Its pod template, or a pod of it."""
    pods: list[Json] = field(default_factory=list)


def _is_over(maker: Maker) -> bool:
    """Whether it is a Job that has ended."""
    status = (maker.obj or {}).get("status") or {}
    return maker.kind == "Job" and any(
        c.get("type") in ("Complete", "Failed") and c.get("status") == "True"
        for c in status.get("conditions") or []
    )


def agent_of(pod_spec: Mapping[str, Any]) -> Json | None:
    """The agent among a pod's containers; None when there is none."""
    containers: list[Json] = list(pod_spec.get("containers") or [])
    return next((c for c in containers if agent.is_agent(c)), None)


def _of_a_cloud(meta: Mapping[str, Any]) -> bool:
    """Labels of the kubernetes plugin (PodTemplateBuilder.java): ``jenkins``, ``jenkins/label``,
    ``kubernetes.jenkins.io/controller``."""
    labels: Mapping[str, str] = meta.get("labels") or {}
    return any(
        key.startswith(("jenkins/", "kubernetes.jenkins.io/"))
        or (key == "jenkins" and value in ("slave", "agent"))
        for key, value in labels.items()
    )


def _workload(seen: _Found) -> AgentWorkload:
    maker, form = seen.maker, seen.form
    container = agent_of(form.get("spec") or {}) or {}
    nodes, unknown = _nodes(container, form, seen.pods, maker.namespace)
    name = str(container.get("name", ""))
    path: tuple[str, ...] = ()
    if maker.kind != "Pod":
        key = f'k:{{"name":"{name}"}}'
        path = ("f:spec", "f:template", "f:spec", "f:containers", key, "f:env")
    own = agent.obstacle(container)
    spec, extra = (maker.obj or {}).get("spec") or {}, ""
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        extra = "its update strategy is OnDelete: pods change only when a person deletes them"
    kept = not_edited(maker) if maker.kind not in EDITED or maker.obj is None else ""
    found = AgentWorkload(
        kind=maker.kind,
        namespace=maker.namespace,
        name=maker.name,
        container=name,
        image=str(container.get("image", "")),
        nodes=nodes,
        web_socket=agent.asks_for_websocket(container),
        tunnel=agent.tunnels(container),
        direct=agent.connects_directly(container),
        obstacle=kept or own or extra or unknown,
        owner=owner_of(maker.obj, *path) if maker.obj is not None else None,
        uid=((maker.obj or {}).get("metadata") or {}).get("uid"),
        container_sha256=agent.fingerprint(container),
        url=_url(container),
    )
    if not found.obstacle:
        return found
    return replace(found, by_hand=steps_by_hand(maker, form, container, possible=not own))


def _url(container: Json) -> str:
    read = agent.container_of(container)
    words = list(read.args)
    given = read.env.get("JENKINS_URL")
    if not given and "-url" in words[:-1]:
        given = words[words.index("-url") + 1]
    return given or ""


def _nodes(
    container: Json, form: Json, pods: list[Json], namespace: str
) -> tuple[tuple[str, ...], str]:
    """(names of the nodes, why they are not all known)."""
    names: list[str] = []
    reason = ""
    for source in pods or [{"metadata": form.get("metadata") or {}}]:
        name = _node(container, source.get("metadata") or {}, namespace)
        if isinstance(name, Unresolved):
            reason = f"which node it serves is not known: {visible(name.reason)}"
        elif name:
            names.append(name)
    if not names and not reason:
        reason = "which node it serves is not known: nothing in its pod template names one"
    return tuple(dict.fromkeys(sorted(names))), reason if not names else ""


def _node(container: Json, meta: Mapping[str, Any], namespace: str) -> str | Unresolved | None:
    scope = Scope(
        namespace=namespace,
        pod_name=meta.get("name"),
        labels=meta.get("labels") or {},
        annotations=meta.get("annotations") or {},
    )
    words = command_line({**container, "command": []}, scope)
    texts = [word.text for word in words]
    whole = command_line(container, scope)
    own = agent.agent_command([word.text for word in whole])
    options = read_options(texts)[0] if own is None else own
    named = next((option.value for option in options if option.name == "-name"), None)
    if named is not None:
        word = next((w for w in whole if w.text.removeprefix("-name=") == named), None)
        return word.unresolved[0] if word and word.unresolved else named
    values = environment(container, scope)
    for variable in agent.NAMES:
        if values.get(variable):
            return values[variable]
    free = agent.positional(texts)
    if len(free) >= 2:
        last = next(w for w in reversed(words) if w.text == free[-1])
        return last.unresolved[0] if last.unresolved else last.text
    return None
