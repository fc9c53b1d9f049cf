"""Which workloads of the cluster are inbound agents, and which nodes their pods serve. Pure.

Pods that a Jenkins cloud made are left out: their cloud's template decides how they connect.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from migrate.cluster import agent_container as agent
from migrate.cluster.args import Scope, Unresolved, command_line, environment
from migrate.cluster.owner import owner_of
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.text import visible

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
Json = dict[str, Any]


def find_agents(snapshot: Snapshot) -> tuple[AgentWorkload, ...]:
    """All of them, sorted by namespace, kind and name."""
    pods = snapshot.of("Pod")
    found = [*_workloads(snapshot, pods), *_bare_pods(pods)]
    return tuple(sorted(found, key=lambda w: (w.namespace, w.kind, w.name)))


def agent_of(pod_spec: Mapping[str, Any]) -> Json | None:
    """The agent among a pod's containers; None when there is none."""
    containers: list[Json] = list(pod_spec.get("containers") or [])
    return next((c for c in containers if agent.is_agent(c)), None)


def _workloads(snapshot: Snapshot, pods: list[Json]) -> Iterator[AgentWorkload]:
    for kind in WORKLOADS:
        for workload in snapshot.of(kind):
            spec = workload.get("spec") or {}
            template = spec.get("template") or {}
            container = agent_of(template.get("spec") or {})
            if container is None:
                continue
            selector = (spec.get("selector") or {}).get("matchLabels") or {}
            space = (workload.get("metadata") or {}).get("namespace")
            own = [pod for pod in pods if _belongs(pod, space, selector)]
            extra = ""
            strategy = (spec.get("updateStrategy") or {}).get("type")
            if strategy == "OnDelete":
                extra = (
                    "its update strategy is OnDelete: pods change only when a person deletes them"
                )
            yield _made(kind, workload, container, template, own, extra)


def _bare_pods(pods: list[Json]) -> Iterator[AgentWorkload]:
    for pod in pods:
        meta = pod.get("metadata") or {}
        if any(o.get("controller") for o in meta.get("ownerReferences") or []):
            continue
        container = agent_of(pod.get("spec") or {})
        if container is not None and not _of_a_cloud(meta):
            yield _made("Pod", pod, container, pod, [pod], "")


def _of_a_cloud(meta: Mapping[str, Any]) -> bool:
    """Labels of the kubernetes plugin (PodTemplateBuilder.java): ``jenkins``, ``jenkins/label``,
    ``kubernetes.jenkins.io/controller``."""
    labels: Mapping[str, str] = meta.get("labels") or {}
    return any(
        key.startswith(("jenkins/", "kubernetes.jenkins.io/"))
        or (key == "jenkins" and value in ("slave", "agent"))
        for key, value in labels.items()
    )


def _belongs(pod: Json, namespace: str | None, selector: Mapping[str, str]) -> bool:
    meta = pod.get("metadata") or {}
    labels: Mapping[str, str] = meta.get("labels") or {}
    owned = any(o.get("controller") for o in meta.get("ownerReferences") or [])
    same = meta.get("namespace") == namespace
    return bool(selector) and owned and same and selector.items() <= labels.items()


def _made(  # noqa: PLR0917
    kind: str, obj: Json, container: Json, template: Json, pods: list[Json], extra: str
) -> AgentWorkload:
    meta = obj.get("metadata") or {}
    nodes, unknown = _nodes(container, template, pods, str(meta.get("namespace", "")))
    name = str(container.get("name", ""))
    path: tuple[str, ...] = ()
    if kind != "Pod":
        key = f'k:{{"name":"{name}"}}'
        path = ("f:spec", "f:template", "f:spec", "f:containers", key, "f:env")
    return AgentWorkload(
        kind=kind,
        namespace=str(meta.get("namespace", "")),
        name=str(meta.get("name", "")),
        container=name,
        image=str(container.get("image", "")),
        nodes=nodes,
        web_socket=agent.asks_for_websocket(container),
        tunnel=agent.tunnels(container),
        direct=agent.connects_directly(container),
        obstacle=agent.obstacle(container) or extra or unknown,
        owner=owner_of(obj, *path),
        uid=meta.get("uid"),
        container_sha256=agent.fingerprint(container),
    )


def _nodes(
    container: Json, template: Json, pods: list[Json], namespace: str
) -> tuple[tuple[str, ...], str]:
    """(names of the nodes, why they are not all known)."""
    names: list[str] = []
    reason = ""
    for source in pods or [{"metadata": template.get("metadata") or {}}]:
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
    if "-name" in texts[:-1]:
        return texts[texts.index("-name") + 1]
    values = environment(container, scope)
    for variable in agent.NAMES:
        if values.get(variable):
            return values[variable]
    free = agent.positional(texts)
    if len(free) >= 2:
        last = next(w for w in reversed(words) if w.text == free[-1])
        return last.unresolved[0] if last.unresolved else last.text
    return None
