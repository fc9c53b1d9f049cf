"""Other installers: Bitnami's chart, the Jenkins operator, OpenShift templates, Argo parameters."""

import re

from migrate.sources.base import FileEdit, Found
from migrate.sources.casc_places import is_set
from migrate.sources.chart_values import OPEN_TYPES
from migrate.sources.cuts import set_to, take_out
from migrate.sources.kept import Kept, Notes
from migrate.sources.layers import chart_of
from migrate.sources.nested import Doc, Spot

KIND = "installer"
_AFTER = ", after the agents moved"
_TUNNELS = re.compile(r"(?:[\w-]+\.)?(?:agent\.jenkinsTunnel|master\.slaveJenkinsTunnel)")


def look(kept: Kept) -> Found:
    """What these installers' own files set."""
    notes = Notes(KIND)
    for doc in kept.docs:
        if doc.kind == "Jenkins":
            _operator(notes, doc)
        if doc.kind == "Template":
            _template(notes, doc)
        for spot in doc.root.all():
            if spot.path[-1:] == ("agentListenerService",) and spot.node.kind == "map":
                _bitnami(notes, doc, spot)
            elif spot.path[-1:] in (("parameters",), ("set",)) and spot.node.kind == "seq":
                _parameters(notes, doc, spot)
            elif spot.path[-1:] == ("set",) and spot.node.kind == "map":
                _set_map(notes, doc, spot)
            elif spot.path[-1:] == ("valuesFrom",) and spot.node.kind == "seq":
                _values_from(notes, doc, spot)
    return notes.found()


def _operator(notes: Notes, doc: Doc) -> None:
    service = doc.root.get("spec", "slaveService")
    kind = service.get("type") if service else None
    if service is None or kind is None or kind.node.value not in OPEN_TYPES:
        return
    node = service.get("nodePort")

    def make() -> list[FileEdit]:
        why = "agents' Service inside the cluster only"
        gone = take_out(doc, [node], "close", why) if node else []
        return set_to(doc, kind, "ClusterIP", "close", why) + gone

    notes.edit(
        doc, service, f"Jenkins {doc.object_name}: spec.slaveService is {kind.node.value}",
        f"type: ClusterIP, no nodePort{_AFTER}; the operator makes the Service and its cloud", make,
    )  # fmt: skip


def _bitnami(notes: Notes, doc: Doc, service: Spot) -> None:
    flag = service.get("enabled")
    if flag is not None and flag.node.value == "true":
        notes.edit(
            doc, service, f"{service.path[-1]} ({service.value('type')}) opens the agent port",
            f"enabled: false{_AFTER}; whether its cloud uses WebSocket: look at the controller",
            lambda: set_to(doc, flag, "false", "close", "agents' Service"),
        )  # fmt: skip
    elif flag is None and service.value("type") in OPEN_TYPES:
        notes.by_hand(
            doc, service, f"{'.'.join(service.path)} is {service.value('type')}",
            f"enabled: false{_AFTER}",
        )  # fmt: skip


def _template(notes: Notes, doc: Doc) -> None:
    objects = doc.root.get("objects")
    for one in objects.children() if objects else ():
        name = one.value("metadata", "name")
        ports = one.get("spec", "ports") if one.value("kind") == "Service" else None
        for port in ports.children() if ports else ():
            if port.value("port") == "50000" or port.value("targetPort") == "50000":
                notes.by_hand(
                    doc, port, f"OpenShift Template: Service {name} has port 50000 (parameters)",
                    f"take the port, or the Service when it is its only one, out{_AFTER}",
                )  # fmt: skip
        timeout = "haproxy.router.openshift.io/timeout"
        if one.value("kind") == "Route" and not one.value("metadata", "annotations", timeout):
            notes.by_hand(
                doc, one, f"OpenShift Template: Route {name} has no {timeout}: 30 s meets the ping",
                f"{timeout}: 1h, before the agents move",
            )  # fmt: skip


def _parameters(notes: Notes, doc: Doc, listed: Spot) -> None:
    """Helm parameters of Argo CD: they win over values."""
    if chart_of(listed) != "jenkins" and not any(
        _TUNNELS.fullmatch(item.value("name")) for item in listed.children()
    ):
        return
    gone = []
    for item in listed.children():
        name, value = item.value("name"), item.get("value")
        if _TUNNELS.fullmatch(name) and value is not None and is_set(value):
            gone.append(item)
        elif name.endswith("agent.websocket") and value is not None and value.node.value == "false":
            notes.edit(
                doc, value, f"parameter {name} is false", "true",
                lambda value=value, name=name: set_to(  # type: ignore[misc]
 doc, value, _quoted(value, "true"), "nodes", name),
            )  # fmt: skip
        elif (
            re.search(r"(agent|slave)ListenerServiceType$", name)
            and value is not None
            and (value.node.value in OPEN_TYPES)
        ):
            notes.edit(
                doc, value, f"parameter {name} is {value.node.value}", f"ClusterIP{_AFTER}",
                lambda value=value: set_to(  # type: ignore[misc]
 doc, value, _quoted(value, "ClusterIP"), "close", "listener"),
            )  # fmt: skip
    if gone:
        notes.edit(
            doc, gone[0], f"parameter {gone[0].value('name')} is set and wins over values",
            "no tunnel", lambda: take_out(doc, gone, "nodes", "no tunnel", empty="holder"),
        )  # fmt: skip


def _set_map(notes: Notes, doc: Doc, held: Spot) -> None:
    """``set`` of a HelmChart of k3s: keys with dots, which win over its values."""
    if chart_of(held) != "jenkins":
        return
    for spot in held.children():
        key, value = spot.path[-1], spot.node.value
        if _TUNNELS.fullmatch(key) and is_set(spot):
            notes.edit(
                doc, spot, f"set {key} wins over values", "no tunnel",
                lambda spot=spot: take_out(doc, [spot], "nodes", "no tunnel", empty="holder"),  # type: ignore[misc]
            )  # fmt: skip
        elif key.endswith("agent.websocket") and value == "false":
            notes.edit(
                doc, spot, f"set {key} is false", "true",
                lambda spot=spot: set_to(doc, spot, _quoted(spot, "true"), "nodes", "WebSocket"),  # type: ignore[misc]
            )  # fmt: skip
        elif re.search(r"(agent|slave)ListenerServiceType$", key) and value in OPEN_TYPES:
            notes.edit(
                doc, spot, f"set {key} is {value}", f"ClusterIP{_AFTER}",
                lambda spot=spot: set_to(  # type: ignore[misc]
                    doc, spot, _quoted(spot, "ClusterIP"), "close", "listener"
                ),
            )  # fmt: skip


def _values_from(notes: Notes, doc: Doc, listed: Spot) -> None:
    """Flux: one value out of a ConfigMap or a Secret."""
    for item in listed.children():
        path = item.value("targetPath")
        if _TUNNELS.fullmatch(path) or path.endswith("agent.websocket"):
            source = f"{item.value('kind')} {item.value('name')}"
            notes.by_hand(
                doc, item, f"{path} comes from {source} and wins over values",
                "no such entry for a tunnel; true for agent.websocket",
            )  # fmt: skip


def _quoted(value: Spot, new: str) -> str:
    quote = value.node.style if value.node.style in ("'", '"') else ""
    return f"{quote}{new}{quote}"
