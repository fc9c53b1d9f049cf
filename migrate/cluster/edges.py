"""Ingress controllers: which workloads they are, and which tcp-services they really read. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrate.cluster import args
from migrate.cluster.snapshot import Snapshot
from migrate.cluster.tcp_services import RESERVED_FLAGS, atoi
from migrate.model.cluster_facts import EdgeController
from migrate.model.inventory import Skip
from migrate.model.text import visible

Json = dict[str, Any]

_TCP_FLAG = "tcp-services-configmap"
_CLASS_FLAGS = ("ingress-class", "controller-class")
_NGINX_FLAGS = (_TCP_FLAG, "udp-services-configmap", "controller-class", "default-ssl-certificate")
"""Flags that tell ingress-nginx where image and program are renamed."""
_NGINX_INC_FLAGS = ("nginx-configmaps", "global-configuration", "enable-custom-resources")
_OTHERS = ("haproxy", "kong", "contour", "emissary", "ambassador", "voyager", "apisix", "skipper")
_OTHER_ROUTES = {
    "traefik": "IngressRouteTCP objects and entry points of Traefik",
    "nginx-inc": "TransportServer and GlobalConfiguration objects of the NGINX Inc controller",
    "other": "TCP routes of this ingress controller",
}


@dataclass(frozen=True)
class Edge:
    """An ingress controller, with what finding its exposures needs."""

    controller: EdgeController
    workload: Json
    container: Json
    labels: dict[str, str]
    """Of its pods."""
    containers: list[Json]
    reserved: frozenset[int]

    @property
    def name(self) -> str:
        """``Deployment ns/name``."""
        c = self.controller
        return f"{c.kind} {c.namespace}/{c.name}"


def find_edges(snapshot: Snapshot) -> tuple[list[Edge], list[Skip]]:
    """Every ingress controller in Deployments, DaemonSets, StatefulSets and bare Pods."""
    edges: list[Edge] = []
    skips: list[Skip] = []
    for workload, labels, spec in _pod_specs(snapshot):
        meta = workload["metadata"]
        is_pod = workload["kind"] == "Pod"
        template = workload if is_pod else workload["spec"]["template"]
        scope = args.Scope(
            namespace=meta.get("namespace", ""),
            pod_name=meta.get("name") if is_pod else None,
            labels=labels,
            annotations=(template.get("metadata") or {}).get("annotations") or {},
            service_account=spec.get("serviceAccountName", ""),
        )
        containers = spec.get("containers") or []
        for container in containers:
            words = args.command_line(container, scope)
            implementation = recognise(container, words)
            if implementation is None:
                continue
            edge, problems = _edge(workload, container, implementation, words)
            edges.append(Edge(edge, workload, container, labels, containers, _reserved(words)))
            skips += problems
    return sorted(edges, key=lambda e: e.name), skips


def recognise(container: Json, words: list[args.Expanded]) -> str | None:
    """``ingress-nginx``, ``nginx-inc``, ``traefik``, ``other``; None for no ingress controller.

    By the program, then by the image's path, then (renamed images) by flags that only one has.
    """
    programs = args.programs(words)
    image = args.image_path(str(container.get("image", "")))
    last = image.rsplit("/", 1)[-1]
    if any(name in image for name in _OTHERS):
        # jcmoraisjr/haproxy-ingress has --tcp-services-configmap too, with its own grammar.
        ingress = "ingress" in image or args.flags(words, (_TCP_FLAG, "ingress-class"))
        return "other" if ingress else None
    if "nginx-ingress-controller" in programs or last == "nginx-ingress-controller":
        return "ingress-nginx"
    if image.endswith(("ingress-nginx/controller", "ingress-nginx/controller-chroot")):
        return "ingress-nginx"
    if last in {"nginx-ingress", "nginx-plus-ingress"} or "nginx-ingress" in programs:
        return "nginx-inc"
    if args.flags(words, _NGINX_INC_FLAGS):
        return "nginx-inc"
    if last == "traefik" or "traefik" in programs:
        return "traefik"
    script = args.shell_script(words)
    if args.flags(words, _NGINX_FLAGS) or (script and "nginx-ingress-controller" in script):
        return "ingress-nginx"
    return None


def _edge(
    workload: Json, container: Json, implementation: str, words: list[args.Expanded]
) -> tuple[EdgeController, list[Skip]]:
    meta = workload["metadata"]
    name = f"{workload['kind']} {meta.get('namespace', '')}/{meta.get('name', '')}"
    found = args.flags(words, (_TCP_FLAG, *_CLASS_FLAGS))
    reference, skips = None, []
    if implementation == "ingress-nginx":
        reference, problem = _reference(found.get(_TCP_FLAG), words)
        if problem:
            skips.append(Skip(name, "tcp-services", problem, "the expanded value of the flag"))
    else:
        routes = _OTHER_ROUTES[implementation]
        skips.append(Skip(name, "TCP routes", f"{routes} are not read", "check them by hand"))
    defaults = {"ingress-nginx": ("nginx", "k8s.io/ingress-nginx"), "nginx-inc": ("nginx", None)}
    class_name, class_controller = defaults.get(implementation, (None, None))
    if implementation == "nginx-inc":
        class_controller = "nginx.org/ingress-controller"
    controller = EdgeController(
        kind=workload["kind"],
        namespace=meta.get("namespace", ""),
        name=meta.get("name", ""),
        implementation=implementation,
        image=visible(str(container.get("image", ""))),
        ingress_class=_text(found.get("ingress-class")) or class_name,
        controller_class=_text(found.get("controller-class")) or class_controller,
        tcp_services=reference,
    )
    return controller, skips


def _reference(
    flag: args.Expanded | None, words: list[args.Expanded]
) -> tuple[str | None, str | None]:
    """(``ns/name``, None), (None, why it is not known), or (None, None) without the flag."""
    if flag is None:
        if args.shell_script(words) is not None:
            return None, "the controller is started by a shell script, whose flags are not read"
        return None, None
    if flag.unresolved:
        missing = "; ".join(f"$({u.name}): {u.reason}" for u in flag.unresolved)
        return None, visible(f"--{_TCP_FLAG}={flag.text} can't be expanded: {missing}")
    if not flag.text:
        return None, None
    if len(flag.text.split("/")) != 2:
        # ParseNameNS: the controller logs this and serves no TCP at all.
        return None, visible(f"--{_TCP_FLAG}={flag.text} is not namespace/name")
    return flag.text, None


def _reserved(words: list[args.Expanded]) -> frozenset[int]:
    found = args.flags(words, RESERVED_FLAGS)
    moved = {name: atoi(value.text) for name, value in found.items() if not value.unresolved}
    return frozenset(
        number if (number := moved.get(name)) is not None else default
        for name, default in RESERVED_FLAGS.items()
    )


def _pod_specs(snapshot: Snapshot) -> Iterator[tuple[Json, dict[str, str], Json]]:
    """(workload, labels of its pods, pod spec) of each workload, and of pods without one."""
    known: set[tuple[str, str, str]] = set()
    for kind in ("Deployment", "DaemonSet", "StatefulSet"):
        for workload in snapshot.of(kind):
            meta = workload.get("metadata") or {}
            known.add((kind, meta.get("namespace", ""), meta.get("name", "")))
            template = (workload.get("spec") or {}).get("template") or {}
            labels = (template.get("metadata") or {}).get("labels") or {}
            yield workload, labels, template.get("spec") or {}
    for pod in snapshot.of("Pod"):
        meta = pod["metadata"]
        if not _belongs(meta, known):
            yield pod, meta.get("labels") or {}, pod["spec"]


def _belongs(meta: Json, known: set[tuple[str, str, str]]) -> bool:
    """Whether a workload that was read stands behind a pod."""
    for reference in meta.get("ownerReferences") or []:
        kind, name = str(reference.get("kind")), str(reference.get("name"))
        if kind == "ReplicaSet":
            # Named DEPLOYMENT-HASH by the Deployment that made it.
            kind, name = "Deployment", name.rpartition("-")[0]
        if (kind, meta.get("namespace", ""), name) in known:
            return True
    return False


def _text(value: args.Expanded | None) -> str | None:
    return value.text if value is not None and not value.unresolved else None
