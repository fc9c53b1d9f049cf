"""Ports that Services, pods and controllers' values open for agents. Pure."""

from collections.abc import Iterator

from migrate.sources.base import FileEdit, Found
from migrate.sources.cuts import document_out, take_out
from migrate.sources.evidence import AGENT_PORT, Target, target_of, verdict, words
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot
from migrate.sources.tcp_services import opened_ports
from migrate.sources.workloads import (
    Workload,
    agent_ports,
    containers,
    controllers,
    image_words,
    is_jenkins_service,
    mapping,
    pod_of,
)
from migrate.splice.text import NotEditable

KIND = "opened-port"
_EDGE = {"ingress", "nginx", "haproxy", "traefik", "proxy", "edge", "contour", "kong"}
_WRITE = "take it out, after the agents moved"


def look(kept: Kept) -> Found:
    """Service ports, host ports and ports of ingress controllers."""
    notes = Notes(KIND)
    found, opened = controllers(kept), opened_ports(kept)
    for doc in kept.of_kind("Service"):
        _service(notes, doc, kept, found, opened)
    for workload in found:
        _host(notes, workload)
    for doc in kept.docs:
        if opened:
            _edge_values(notes, doc, opened)
            _edge_pods(notes, doc, opened)
        _operations(notes, doc, kept, opened)
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
        edge = port.value("port") in opened and _is_edge(doc) and port.value("protocol") != "UDP"
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
        tcp = spot.get("service", "tcpPorts")
        children = tcp.children() if tcp else ()
        _gone(notes, doc, [c for c in children if c.value("port") in opened])


def _edge_pods(notes: Notes, doc: Doc, opened: set[str]) -> None:
    if doc.kind not in ("Deployment", "DaemonSet"):
        return
    for container in containers(doc):
        ports = container.get("ports") if image_words(container) & _EDGE else None
        children = ports.children() if ports else ()
        _gone(notes, doc, [c for c in children if c.value("containerPort") in opened])


def _gone(notes: Notes, doc: Doc, spots: list[Spot]) -> None:
    if spots:
        notes.edit(
            doc, spots[0], f"{'.'.join(spots[0].path)} opens the port of the agents", _WRITE,
            lambda: take_out(doc, spots, "close", "port of the agents", comments=True),
        )  # fmt: skip


def _operations(notes: Notes, doc: Doc, kept: Kept, opened: set[str]) -> None:
    """JSON patches of Kustomize: each adds a port to a controller's object."""
    if doc.root.node.kind != "seq" or not doc.root.node.items:
        return
    ops = [s for s in doc.root.children() if s.value("op") and s.value("path")]
    holder = doc.root.up.up if doc.root.up else None
    target = holder.get("target") if holder else None
    name = target.value("name") if target else ""
    known = verdict(Target(target.value("namespace") or "-", name, AGENT_PORT) if target else
                    Target("-", "-", AGENT_PORT), kept.services)  # fmt: skip
    ports = opened if _EDGE & words(name) else {AGENT_PORT} if known == "jenkins" else set()
    gone = []
    for op in ops:
        value = op.get("value")
        last = op.value("path").rsplit("/", 1)[-1]
        if value is None or op.value("op") not in ("add", "replace"):
            continue
        listed = "/ports" in op.value("path") and _port_of(value) in ports
        if listed or ("/data/" in op.value("path") and _leads(last, value, kept)):
            gone.append(op)
    if gone:
        notes.edit(
            doc, gone[0], f"a patch on {name or 'an object'} opens the port of the agents", _WRITE,
            lambda: take_out(doc, gone, "close", "port of the agents", empty="holder"),
        )  # fmt: skip


def _port_of(value: Spot) -> str:
    return value.value("containerPort") or value.value("port")


def _leads(key: str, value: Spot, kept: Kept) -> bool:
    target = target_of(value.node.value) if key.isdigit() and value.node.kind == "scalar" else None
    return target is not None and verdict(target, kept.services) == "jenkins"


def _policy(notes: Notes, doc: Doc, found: tuple[Workload, ...]) -> None:
    labels = mapping(doc.root.get("spec", "podSelector", "matchLabels"))
    mine = [one for one in found if labels and labels.items() <= one.labels.items()]
    told = "jenkins" in words(" ".join(labels.values()))
    numbers = {p for one in mine for p in agent_ports(one)} or ({AGENT_PORT} if told else set())
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
