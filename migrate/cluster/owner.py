"""Who would put a live edit back: found from labels, annotations and managedFields. Pure.

Sources: Helm's adoption labels and annotations; Argo CD's tracking methods; Flux's labels;
server-side apply (a field taken over by a patch makes its owner's next apply fail with a 409,
recorded: 168, 169).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from migrate.cluster.client import FIELD_MANAGER
from migrate.model.cluster_facts import Owner
from migrate.model.text import visible

_MANAGERS = (
    ("argocd", "argocd"),
    ("kustomize-controller", "flux"),
    ("helm-controller", "flux"),
    ("flux", "flux"),
    ("helm", "helm"),
)
"""Start of a field manager's name, and the kind of owner that it is."""
_PERSONS = re.compile(r"(?:kubectl|oc|k9s)(?![a-z0-9])")
"""Field managers that a person's own tools write under (kubectl pkg/cmd/apply: ``kubectl``)."""


def owner_of(obj: Mapping[str, Any], *field: str) -> Owner | None:
    """The owner of an object, or of one field of it; None when nobody claims it.

    ``field`` is the path in managedFields: see ``data_field``, ``service_port_field`` and
    ``container_port_field``. Without it any applied field counts, since the object as a whole
    is to be changed. An owner of the object is found before an owner of the field.
    """
    meta = obj.get("metadata") or {}
    found = _by_marks(meta) or _by_reference(meta)
    if found is None:
        # A program that applies a field goes before the person who did so as well.
        held = sorted(_by_fields(meta, field), key=lambda owner: not owner.reverts)
        found = next(iter(held), None)
    if found is None:
        return None
    return Owner(visible(found.kind), visible(found.name), visible(found.evidence))


def data_field(key: str) -> tuple[str, ...]:
    """Path of a ConfigMap's key."""
    return ("f:data", f"f:{key}")


def service_port_field(port: Mapping[str, Any]) -> tuple[str, ...]:
    """Path of a Service's port."""
    return ("f:spec", "f:ports", _list_key("port", port))


def container_port_field(container: str, port: Mapping[str, Any]) -> tuple[str, ...]:
    """Path of a declared port in a pod template."""
    name = "k:" + json.dumps({"name": container}, separators=(",", ":"))
    key = _list_key("containerPort", port)
    return ("f:spec", "f:template", "f:spec", "f:containers", name, "f:ports", key)


def _list_key(number: str, port: Mapping[str, Any]) -> str:
    key = {number: port.get(number), "protocol": port.get("protocol") or "TCP"}
    return "k:" + json.dumps(key, separators=(",", ":"), sort_keys=True)


def _by_marks(meta: Mapping[str, Any]) -> Owner | None:
    labels: Mapping[str, str] = meta.get("labels") or {}
    notes: Mapping[str, str] = meta.get("annotations") or {}
    tracking = notes.get("argocd.argoproj.io/tracking-id")
    if tracking:
        evidence = f"annotation argocd.argoproj.io/tracking-id={tracking}"
        return Owner("argocd", tracking.split(":", 1)[0], evidence)
    for mark, kind in (
        ("argocd.argoproj.io/instance", "argocd"),
        ("kustomize.toolkit.fluxcd.io/name", "flux"),
        ("helm.toolkit.fluxcd.io/name", "flux"),
    ):
        name = labels.get(mark) or notes.get(mark)
        if name:
            space = labels.get(mark.replace("/name", "/namespace")) if kind == "flux" else None
            return Owner(kind, f"{space}/{name}" if space else name, f"{mark}={name}")
    release = notes.get("meta.helm.sh/release-name")
    if release:
        space = notes.get("meta.helm.sh/release-namespace")
        name = f"{space}/{release}" if space else release
        return Owner("helm", name, f"annotation meta.helm.sh/release-name={release}")
    manager = labels.get("app.kubernetes.io/managed-by", "")
    evidence = f"label app.kubernetes.io/managed-by={manager}"
    if manager in {"Helm", "Tiller"}:
        return Owner("helm", labels.get("app.kubernetes.io/instance", ""), evidence)
    # A person with kubectl or a rendered kustomization puts nothing back by itself.
    if manager and not manager.lower().startswith(("kubectl", "kustomize")):
        return Owner("operator", manager, evidence)
    return None


def _by_reference(meta: Mapping[str, Any]) -> Owner | None:
    for reference in meta.get("ownerReferences") or []:
        if reference.get("controller"):
            name = f"{reference.get('kind', '')}/{reference.get('name', '')}"
            return Owner("operator", name, f"ownerReferences: {name} controls it")
    return None


def _by_fields(meta: Mapping[str, Any], field: tuple[str, ...]) -> Iterator[Owner]:
    for entry in meta.get("managedFields") or []:
        manager = str(entry.get("manager", ""))
        if manager == FIELD_MANAGER or entry.get("subresource"):
            continue
        if not _holds(entry.get("fieldsV1") or {}, field):
            continue
        operation = str(entry.get("operation", ""))
        where = "".join(part.removeprefix("f:").join((".", "")) for part in field) or "the object"
        evidence = f"managedFields: {manager} ({operation}) manages {where}"
        known = next((kind for start, kind in _MANAGERS if manager.startswith(start)), None)
        if known:
            yield Owner(known, manager, evidence)
        elif operation == "Apply":
            kind = "kubectl" if _PERSONS.match(manager) else "apply"
            yield Owner(kind, manager, evidence)


def _holds(fields: Any, path: tuple[str, ...]) -> bool:
    for part in path:
        if not isinstance(fields, Mapping) or part not in fields:
            return False
        fields = fields[part]
    return True
