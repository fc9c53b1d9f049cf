"""Which Ingresses serve the controller's URL, and which Services stand behind it. Pure."""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from migrate.cluster.owner import owner_of
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import IngressRoute

Json = dict[str, Any]

INGRESS_KINDS = ("Ingress", "Ingress.v1beta1.networking.k8s.io", "Ingress.v1beta1.extensions")
"""The API that is served today first; the others only where it is not."""
_OLD_CLASS = "kubernetes.io/ingress.class"
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
_META = re.compile(r"[()\[\]*+?|^$\\]")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_AGENT_PATHS = ("", "login", "wsagents/")
"""What agents ask for below the controller's URL; proxies may route each elsewhere."""


@dataclass(frozen=True)
class Address:
    """Host and path of a URL, as Ingress rules see them."""

    host: str
    path: str
    """Starts and ends with a slash."""

    @classmethod
    def of(cls, url: str) -> "Address":
        """Of the controller's URL."""
        parts = urlsplit(url)
        inner = parts.path.strip("/")
        return cls((parts.hostname or "").lower(), f"/{inner}/" if inner else "/")


@dataclass(frozen=True)
class Backend:
    """The Service port that an Ingress path leads to."""

    namespace: str
    service: str
    port: str

    def __str__(self) -> str:
        return f"{self.service}:{self.port}"


@dataclass(frozen=True)
class _Path:
    """One path of one rule that serves the host."""

    ingress: Json
    class_name: str | None
    rank: int
    """0 an exact host, 1 a wildcard, 2 any host."""
    path: str
    exact: bool
    regex: bool
    backend: Backend | None

    def serves(self, path: str) -> bool:
        """Whether a request for ``path`` is served by this one (Prefix: element by element)."""
        if self.exact:
            return path == self.path
        if self.regex:
            try:
                with warnings.catch_warnings():
                    # nginx reads it in its own way; how Python's may change is no news here.
                    warnings.simplefilter("ignore", FutureWarning)
                    return re.match(self.path, path) is not None
            except re.error:
                return False
        return path == self.path.rstrip("/") or (path.rstrip("/") + "/").startswith(
            self.path.rstrip("/") + "/"
        )


@dataclass(frozen=True)
class Routes:
    """What serves the controller's URL."""

    ingresses: tuple[IngressRoute, ...]
    backends: tuple[Backend, ...]
    """Services that the paths of agents lead to, most exact match first."""


def find_routes(snapshot: Snapshot, url: str, kind: str = "Ingress") -> Routes:
    """The Ingresses that serve ``url`` and their backends for the paths that agents use.

    ``kind``: under which of ``INGRESS_KINDS`` the snapshot holds them.
    """
    address = Address.of(url)
    classes = {(c.get("metadata") or {}).get("name"): c for c in snapshot.of("IngressClass")}
    paths = [p for i in snapshot.of(kind) for p in _paths(i, address.host, classes)]
    best = [p for p in paths if p.rank == min((q.rank for q in paths), default=0)]
    below = [p for p in best if _belongs(p, address)]
    chosen = list(_chosen(below, address))
    ingresses = {id(p.ingress): p for p in below}
    routes = [
        _route(p, [c.backend for c in chosen if c.ingress is p.ingress], classes)
        for p in ingresses.values()
    ]
    backends = dict.fromkeys(p.backend for p in chosen if p.backend)
    ordered = sorted(routes, key=lambda r: (r.namespace, r.name))
    return Routes(tuple(ordered), tuple(backends))


def _paths(ingress: Json, host: str, classes: Mapping[Any, Json]) -> Iterator[_Path]:
    spec, meta = ingress.get("spec") or {}, ingress.get("metadata") or {}
    name = _class_name(ingress, classes)
    notes = meta.get("annotations") or {}
    # ingress-nginx reads paths as regular expressions with either annotation.
    prefix = "nginx.ingress.kubernetes.io/"
    regex = notes.get(f"{prefix}use-regex") == "true" or f"{prefix}rewrite-target" in notes
    namespace = meta.get("namespace", "")
    for rule in spec.get("rules") or []:
        rank = _rank(str(rule.get("host") or ""), host)
        if rank is None:
            continue
        for item in (rule.get("http") or {}).get("paths") or []:
            path = str(item.get("path") or "/")
            yield _Path(
                ingress=ingress,
                class_name=name,
                rank=rank,
                path=path,
                exact=item.get("pathType") == "Exact",
                regex=regex and _META.search(path) is not None,
                backend=_backend(item.get("backend"), namespace),
            )
    default = _backend(spec.get("defaultBackend") or spec.get("backend"), namespace)
    if default:
        yield _Path(ingress, name, 3, "/", False, False, default)


def _rank(rule_host: str, host: str) -> int | None:
    """0 the same host, 1 a wildcard for its first label, 2 a rule for any host."""
    if not rule_host:
        return 2
    if rule_host.lower() == host:
        return 0
    # A wildcard stands for exactly one label (Ingress API).
    wild = rule_host.startswith("*.") and host.partition(".")[2] == rule_host[2:].lower()
    return 1 if wild else None


def _belongs(path: _Path, address: Address) -> bool:
    """Whether a path serves Jenkins: at the URL, at what agents ask for, or below the URL."""
    if any(path.serves(address.path + suffix) for suffix in _AGENT_PATHS):
        return True
    return address.path != "/" and path.path.startswith(address.path)


def _chosen(paths: list[_Path], address: Address) -> Iterator[_Path]:
    """For each path that agents use the longest match, per ingress class (edges do not mix)."""
    for suffix in _AGENT_PATHS:
        wanted = address.path + suffix
        serving = [p for p in paths if p.serves(wanted)]
        for name in dict.fromkeys(p.class_name for p in serving):
            of_class = [p for p in serving if p.class_name == name]
            yield max(of_class, key=lambda p: (p.exact, len(p.path.rstrip("/"))))


def _backend(item: Any, namespace: str) -> Backend | None:
    if not isinstance(item, dict):
        return None
    service = item.get("service")
    if isinstance(service, dict):
        port = service.get("port") or {}
        number = port.get("number")
        shown = str(number) if number is not None else str(port.get("name", ""))
        return Backend(namespace, str(service.get("name", "")), shown)
    if item.get("serviceName"):
        # extensions/v1beta1 and networking.k8s.io/v1beta1
        return Backend(namespace, str(item["serviceName"]), str(item.get("servicePort", "")))
    return None


def _class_name(ingress: Json, classes: Mapping[Any, Json]) -> str | None:
    name = (ingress.get("spec") or {}).get("ingressClassName")
    if name:
        return str(name)
    old = ((ingress.get("metadata") or {}).get("annotations") or {}).get(_OLD_CLASS)
    if old:
        return str(old)
    for class_name, item in classes.items():
        notes = (item.get("metadata") or {}).get("annotations") or {}
        if notes.get(_DEFAULT_CLASS) == "true":
            return str(class_name)
    return None


def _route(
    path: _Path, chosen: Iterable[Backend | None], classes: Mapping[Any, Json]
) -> IngressRoute:
    ingress = path.ingress
    meta, spec = ingress.get("metadata") or {}, ingress.get("spec") or {}
    controller = ((classes.get(path.class_name) or {}).get("spec") or {}).get("controller")
    notes = {k: v for k, v in (meta.get("annotations") or {}).items() if k != _LAST_APPLIED}
    backend = next((b for b in chosen if b), path.backend)
    return IngressRoute(
        namespace=str(meta.get("namespace", "")),
        name=str(meta.get("name", "")),
        api_version=str(ingress.get("apiVersion", "")),
        hosts=tuple(dict.fromkeys(str(r.get("host") or "*") for r in spec.get("rules") or [])),
        class_name=path.class_name,
        class_controller=controller,
        annotations=dict(sorted(notes.items())),
        backend=str(backend) if backend else None,
        tls=bool(spec.get("tls")),
        owner=owner_of(ingress),
        applied_as=_applied_as(ingress),
    )


def _applied_as(ingress: Json) -> str | None:
    """The API version that its manifest named when kubectl last applied it; None: it can't tell.

    A current cluster serves an Ingress written for ``extensions/v1beta1`` as
    ``networking.k8s.io/v1``, and refuses the next apply of that manifest.
    """
    applied = ((ingress.get("metadata") or {}).get("annotations") or {}).get(_LAST_APPLIED) or ""
    match = re.search(r'"apiVersion"\s*:\s*"([A-Za-z0-9./-]+)"', applied)
    return match[1] if match else None
