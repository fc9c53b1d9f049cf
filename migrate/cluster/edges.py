"""Ingress controllers: which workloads they are, and which tcp-services they really read. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migrate.cluster import args
from migrate.cluster.identity import looks_like_jenkins
from migrate.cluster.makers import Maker, Makers
from migrate.cluster.products import GATEWAYS, NGINX_INC, gateway
from migrate.cluster.snapshot import Snapshot
from migrate.cluster.tcp_services import RESERVED_FLAGS, atoi
from migrate.model.cluster_facts import EdgeController, EdgeReading
from migrate.model.inventory import Skip
from migrate.model.text import visible

Json = dict[str, Any]

_TCP_FLAG = "tcp-services-configmap"
_CLASS_FLAGS = ("ingress-class", "controller-class")
_NGINX_FLAGS = (_TCP_FLAG, "udp-services-configmap", "controller-class", "default-ssl-certificate")
"""Flags that tell ingress-nginx where image and program are renamed."""
_HAPROXY_FLAGS = ("ingress-class", "ingress.class", "configmap-tcp-services")
_COMMUNITY_NAMES = ("nginx-ingress-controller", "ingress-nginx-controller", "ingress-nginx")
_INC_NAMES = ("nginx-ingress", "nginx-plus-ingress", "nginx-ic")
_ENTRY_POINT = re.compile(r"--entry[pP]oints\.([^.=]+)\.address=[^ ]*:(\d+)(?:/tcp)?\Z")
_NGINX_INC_FLAGS = ("nginx-configmaps", "global-configuration", "enable-custom-resources")


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
    words: tuple[args.Expanded, ...] = ()
    """Its command line."""

    @property
    def name(self) -> str:
        """``Deployment ns/name``."""
        c = self.controller
        return f"{c.kind} {c.namespace}/{c.name}"


_OF_INC = ("TransportServer", "GlobalConfiguration")


def find_edges(snapshot: Snapshot) -> tuple[list[Edge], list[Skip]]:
    """Every ingress controller in Deployments, DaemonSets, StatefulSets and bare Pods."""
    edges: list[Edge] = []
    skips: list[Skip] = []
    inc_read = all(kind in snapshot.everywhere for kind in _OF_INC)
    for workload, labels, spec in pod_specs(snapshot):
        meta = workload["metadata"]
        is_pod = workload["kind"] == "Pod"
        template = workload if is_pod else (workload.get("spec") or {}).get("template") or {}
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
            implementation = recognise(container, words, labels)
            if implementation is None or looks_like_jenkins(labels, containers):
                continue
            edge, problems = _edge(
                workload, container, implementation, words, labels, inc_read=inc_read
            )
            edges.append(
                Edge(edge, workload, container, labels, containers, _reserved(words), tuple(words))
            )
            skips += problems
    return sorted(edges, key=lambda e: e.name), skips


def recognise(
    container: Json, words: list[args.Expanded], labels: Mapping[str, str] | None = None
) -> str | None:
    """``ingress-nginx``, ``nginx-inc``, ``traefik``, ``other``; None for no ingress controller.

    By the program, then by the words of the image (registries mirror under names of their own),
    then (renamed images) by flags that only one has. ``labels``: of its pods.
    """
    programs = args.programs(words)
    image = args.image_path(str(container.get("image", "")))
    last = image.rsplit("/", 1)[-1]
    product = gateway(container, labels or {})
    if product and product != "traefik":
        return "other"
    if "haproxy" in image and args.flags(words, (_TCP_FLAG, *_HAPROXY_FLAGS)):
        # jcmoraisjr/haproxy-ingress has --tcp-services-configmap too, with its own grammar.
        return "other"
    if "nginx-ingress-controller" in programs or last.endswith(_COMMUNITY_NAMES):
        return "ingress-nginx"
    if image.endswith(("ingress-nginx/controller", "ingress-nginx/controller-chroot")):
        return "ingress-nginx"
    if last.endswith(_INC_NAMES) or "nginx-ingress" in programs:
        return "nginx-inc"
    if args.flags(words, _NGINX_INC_FLAGS):
        return "nginx-inc"
    if product == "traefik" or "traefik" in programs:
        return "traefik"
    script = args.shell_script(words)
    if args.flags(words, _NGINX_FLAGS) or (script and "nginx-ingress-controller" in script):
        return "ingress-nginx"
    return None


def _edge(
    workload: Json,
    container: Json,
    implementation: str,
    words: list[args.Expanded],
    labels: Mapping[str, str],
    *,
    inc_read: bool,
) -> tuple[EdgeController, list[Skip]]:
    """``inc_read``: all TransportServers and their listeners were read."""
    meta = workload["metadata"]
    name = f"{workload['kind']} {meta.get('namespace', '')}/{meta.get('name', '')}"
    found = args.flags(words, (_TCP_FLAG, *_CLASS_FLAGS))
    reference, skips = None, []
    product = "ingress-nginx" if implementation == "ingress-nginx" else _product(implementation)
    product = product or gateway(container, labels) or "haproxy-ingress"
    if implementation == "ingress-nginx":
        reference, problem = _reference(found.get(_TCP_FLAG), words)
        if problem:
            skips.append(Skip(name, "tcp-services", problem, "the expanded value of the flag"))
    unread_routes = implementation != "ingress-nginx" and not (product == NGINX_INC and inc_read)
    if unread_routes:
        routes = GATEWAYS.get(product, "TCP routes of this ingress controller")
        ports = ", ".join(f"{n} on :{port}" for n, port in sorted(entry_points(words).items()))
        points = f"; its entry points: {ports}" if ports else ""
        skips.append(
            Skip(
                name,
                "TCP routes",
                f"{routes} are not read, or not to their end{points}; what leads to the agent "
                "port there still accepts connections after the close",
                "check them by hand",
                leaves_open=True,
            )
        )
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
        product=product,
        reading=EdgeReading.ROUTES if unread_routes else EdgeReading.KNOWN,
    )
    return controller, skips


def _product(implementation: str) -> str:
    return "" if implementation == "other" else implementation


def entry_points(words: Iterable[args.Expanded]) -> dict[str, int]:
    """Traefik's entry points by name and the port of each (``--entrypoints.NAME.address=:N``)."""
    found = {}
    for word in words:
        match = _ENTRY_POINT.match(word.text)
        if match:
            found[match[1].lower()] = int(match[2])
    return found


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


def pod_specs(snapshot: Snapshot) -> Iterator[tuple[Json, dict[str, str], Json]]:
    """(workload, labels of its pods, pod spec) of all that makes pods, and of pods without that.

    What makes pods and could not be read is told by one of its pods.
    """
    makers = Makers(snapshot)
    seen: set[tuple[str, str, str]] = set()
    for maker, form in makers.forms():
        if maker.key not in seen and form.get("spec"):
            seen.add(maker.key)
            labels = (form.get("metadata") or {}).get("labels") or {}
            yield maker.obj or _named(maker), labels, form["spec"]
    for pod in snapshot.of("Pod"):
        top = makers.top(pod)
        if top is not None and top.key in seen:
            continue
        labels = (pod.get("metadata") or {}).get("labels") or {}
        if top is not None:
            seen.add(top.key)
        yield pod if top is None else top.obj or _named(top), labels, pod["spec"]


def _named(maker: Maker) -> Json:
    return {"kind": maker.kind, "metadata": {"namespace": maker.namespace, "name": maker.name}}


def _text(value: args.Expanded | None) -> str | None:
    return value.text if value is not None and not value.unresolved else None
