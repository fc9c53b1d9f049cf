"""Ports that Services, pods and controllers' values open for agents. Pure."""

from collections.abc import Iterator

from migrate.sources.base import FileEdit, Found
from migrate.sources.cuts import document_out, take_out
from migrate.sources.evidence import AGENT_PORT, AGENT_PORT_NAMES, Target, verdict, words
from migrate.sources.json_patches import JsonPatch, json_patches
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot
from migrate.sources.routes import entry_ports
from migrate.sources.stream_ports import stream_ports
from migrate.sources.tcp_services import opened_ports, tcp_entry
from migrate.sources.workloads import (
    Workload,
    agent_ports,
    containers,
    controllers,
    is_jenkins_service,
    mapping,
    pod_of,
)
from migrate.splice.text import NotEditable

KIND = "opened-port"
_EDGE = {
    "istio",
    "ingressgateway",
    "gateway",
    "ingress",
    "nginx",
    "haproxy",
    "traefik",
    "proxy",
    "edge",
    "contour",
    "kong",
}
_PORT = "port of the agents"
_WRITE = "take it out, after the agents moved"


def look(kept: Kept) -> Found:
    """Service ports, host ports and ports of ingress controllers."""
    notes = Notes(KIND)
    found = controllers(kept)
    opened = opened_ports(kept) | entry_ports(kept) | stream_ports(kept)
    for doc in kept.of_kind("Service"):
        _service(notes, doc, kept, found, opened)
    for workload in found:
        _host(notes, workload)
    for doc in kept.docs:
        if opened:
            _edge_values(notes, doc, opened)
            _edge_pods(notes, doc, opened)
    _patches(notes, kept, opened)
    for doc in kept.of_kind("NetworkPolicy"):
        _policy(notes, doc, found)
    return notes.found()


def _service(
    notes: Notes, doc: Doc, kept: Kept, found: tuple[Workload, ...], opened: set[str]
) -> None:
    ports = doc.root.get("spec", "ports")
    if ports is None or ports.node.kind != "seq":
        return
    gone = []
    for port in ports.children():
        told = is_jenkins_service(doc, port, kept, found)
        here = {port.value("port"), port.value("name")} & opened
        edge = bool(here) and _is_edge(doc) and port.value("protocol") != "UDP"
        if told == "jenkins" or edge:
            gone.append(port)
        elif told == "unclear":
            notes.by_hand(
                doc, port, f"Service {doc.object_name} port {port.value('port')} may be Jenkins'",
                f"if it is: --jenkins-service {doc.object_name}; then {_WRITE}",
            )  # fmt: skip
    if not gone:
        return
    kind = doc.root.value("spec", "type") or "ClusterIP"
    told = ", ".join(port.value("port") for port in gone)
    every = len(gone) == len(list(ports.children()))

    def make() -> list[FileEdit]:
        why = f"Service {doc.object_name}: agent port"
        if every:
            return document_out(doc, "close", why)
        return take_out(doc, gone, "close", why, comments=True)

    write = _WRITE + ("; kubectl apply does not delete it: kubectl delete" if every else "")
    notes.edit(
        doc, gone[0], f"Service {doc.object_name} ({kind}) opens {told} for agents", write, make
    )


def _is_edge(doc: Doc) -> bool:
    labels = mapping(doc.root.get("spec", "selector")).values()
    return bool(_EDGE & words(" ".join((doc.object_name, *labels))))


def _host(notes: Notes, workload: Workload) -> None:
    doc, ports = workload.doc, workload.container.get("ports")
    mine = agent_ports(workload)
    for port in ports.children() if ports else ():
        host = port.get("hostPort")
        if host is not None and port.value("containerPort") in mine:
            notes.edit(
                doc, host, f"{doc.kind} {doc.object_name} opens hostPort {host.node.value}",
                _WRITE + "; it restarts the controller",
                lambda host=host: take_out(doc, [host], "close", "host port of the agents"),  # type: ignore[misc]
            )  # fmt: skip
    pod = pod_of(doc)
    network = pod.get("hostNetwork") if pod else None
    if network is not None and network.node.value == "true":
        notes.by_hand(
            doc, network,
            f"{doc.kind} {doc.object_name} has hostNetwork: every port of the pod is open",
            "nothing here: turn the listener itself off (slaveAgentPort -1)",
        )  # fmt: skip


def _edge_values(notes: Notes, doc: Doc, opened: set[str]) -> None:
    for spot in doc.root.all():
        if spot.path[-1:] != ("controller",) or spot.node.kind != "map":
            continue
        holders: list[Spot | None] = [
            spot.get("containerPort"), spot.get("hostPort", "ports"),
        ]  # fmt: skip
        for holder in holders:
            children = holder.children() if holder else ()
            _gone(notes, doc, [c for c in children if c.node.value in opened])
        for path in (("service", "nodePorts", "tcp"), ("service", "internal", "nodePorts", "tcp")):
            nodes = spot.get(*path)
            children = nodes.children() if nodes else ()
            _gone(notes, doc, [c for c in children if c.path[-1] in opened])
        for tcp in (
            spot.get("service", "tcpPorts"),
            spot.get("service", "customPorts"),
            spot.get("customPorts"),
        ):
            children = tcp.children() if tcp else ()
            ports = [c for c in children if {c.value("port"), c.value("containerPort")} & opened]
            _gone(notes, doc, ports)


def _edge_pods(notes: Notes, doc: Doc, opened: set[str]) -> None:
    if doc.kind not in ("Deployment", "DaemonSet"):
        return
    for container in containers(doc):
        ports = container.get("ports") if words(container.value("image")) & _EDGE else None
        children = ports.children() if ports else ()
        _gone(
            notes,
            doc,
            [c for c in children if {c.value("containerPort"), c.value("name")} & opened],
        )


def _gone(notes: Notes, doc: Doc, spots: list[Spot]) -> None:
    if spots:
        notes.edit(
            doc, spots[0], f"{'.'.join(spots[0].path)} opens the port of the agents", _WRITE,
            lambda: take_out(doc, spots, "close", _PORT, comments=True),
        )  # fmt: skip


def _patches(notes: Notes, kept: Kept, opened: set[str]) -> None:
    """JSON patches of Kustomize: those that add the port, or the entry, to an object."""
    whole: dict[int, list[tuple[JsonPatch, Doc, Spot]]] = {}
    for patch in json_patches(kept):
        gone = [op for op in patch.ops if _opens(patch, op, kept, opened)]
        what = f"a patch on {patch.name or 'an object'} opens the port of the agents"
        every = len(gone) == len(list(patch.doc.root.children()))
        if gone and not every:
            notes.edit(
                patch.doc, gone[0], what, _WRITE,
                lambda doc=patch.doc, gone=gone: take_out(doc, gone, "close", _PORT),  # type: ignore[misc]
            )  # fmt: skip
        elif gone and patch.entry is None and patch.doc.level == 0:
            notes.by_hand(patch.doc, gone[0], what, "remove the file: an empty patch is an error")
        elif gone:
            doc, item = patch.entry or (patch.doc, _item(patch.doc))
            key = item.up.node.start if item.up else 0
            whole.setdefault(key, []).append((patch, doc, item))
    for found in whole.values():
        _whole_patches(notes, found)


def _item(doc: Doc) -> Spot:
    """What goes with a patch that stands in a scalar: the item that has it."""
    scalar = doc.root.up or doc.root
    return scalar.up if scalar.up and scalar.up.key is None else scalar


def _whole_patches(notes: Notes, found: list[tuple[JsonPatch, Doc, Spot]]) -> None:
    """Patches of one kustomization of which nothing stays: an empty one is an error."""
    doc, spots = found[0][1], [spot for _, _, spot in found]
    names = ", ".join(patch.name or "an object" for patch, _, _ in found)
    notes.edit(
        doc, spots[0], f"a patch on {names} opens the port of the agents", _WRITE,
        lambda: take_out(doc, spots, "close", _PORT, empty="holder"),
    )  # fmt: skip
    for patch, _, _ in found:
        if patch.entry:
            notes.by_hand(
                patch.doc, patch.ops[0], "nothing of it stays, and an empty patch is an error",
                f"remove the file: {doc.file.path} names it no more",
            )  # fmt: skip


def _opens(patch: JsonPatch, op: Spot, kept: Kept, opened: set[str]) -> bool:
    space = patch.target.value("namespace") if patch.target else ""
    known = verdict(Target(space or "-", patch.name or "-", AGENT_PORT), kept.services)
    edge = bool(_EDGE & words(patch.name))
    ports = opened if edge else {AGENT_PORT} if known == "jenkins" else set()
    value = op.get("value")
    if value is None or op.value("op") not in ("add", "replace"):
        return False
    return ("/ports" in op.value("path") and _port_of(value) in ports) or bool(tcp_entry(op, kept))


def _port_of(value: Spot) -> str:
    return value.value("containerPort") or value.value("port")


def _policy(notes: Notes, doc: Doc, found: tuple[Workload, ...]) -> None:
    labels = mapping(doc.root.get("spec", "podSelector", "matchLabels"))
    mine = [one for one in found if labels and labels.items() <= one.labels.items()]
    told = "jenkins" in words(" ".join(labels.values()))
    numbers = {p for one in mine for p in agent_ports(one)}
    numbers = numbers or ({AGENT_PORT, *AGENT_PORT_NAMES} if told else set())
    for rule in _rules(doc):
        ports = rule.get("ports")
        gone = [p for p in (ports.children() if ports else ()) if p.value("port") in numbers]
        every = bool(gone) and ports is not None and len(gone) == len(list(ports.children()))
        if gone:
            # No ports would mean all of them: then the rule goes.
            what = [rule] if every else gone
            notes.edit(
                doc, gone[0], f"NetworkPolicy {doc.object_name} lets the agents in", _WRITE,
                lambda what=what: _policy_out(doc, what),  # type: ignore[misc]
            )  # fmt: skip


def _policy_out(doc: Doc, what: list[Spot]) -> list[FileEdit]:
    if any(spot.node.shared for spot in what):
        raise NotEditable("an anchor shares it with other places")
    return take_out(doc, what, "close", "the agents' rule")


def _rules(doc: Doc) -> Iterator[Spot]:
    rules = doc.root.get("spec", "ingress")
    yield from rules.children() if rules else ()
