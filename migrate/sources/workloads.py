"""Controllers and agents among the workloads of the files, and what selects them. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from migrate.sources.evidence import AGENT_PORT, Target, is_agent_port, verdict, words
from migrate.sources.kept import Kept
from migrate.sources.nested import Doc, Spot

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Pod", "DeploymentConfig", "ReplicaSet")
_NO_CONTROLLER = {
    "agent", "slave", "inbound", "jnlp", "exporter", "operator", "sidecar", "swarm", "backup",
}  # fmt: skip
AGENT_KINDS = (*KINDS, "Job", "CronJob")


class Workload(NamedTuple):
    """A controller's pod and its place."""

    doc: Doc
    container: Spot
    labels: dict[str, str]


def pod_of(doc: Doc) -> Spot | None:
    """The pod's ``spec`` of a workload."""
    return doc.root.get("spec") if doc.kind == "Pod" else doc.root.get("spec", "template", "spec")


def containers(doc: Doc) -> Iterator[Spot]:
    """Of a workload's pod."""
    pod = pod_of(doc)
    listed = pod.get("containers") if pod else None
    yield from listed.children() if listed else ()


def image_words(container: Spot) -> set[str]:
    """The words of an image's own name, without registry and tag."""
    return words(container.value("image").split("@")[0].split(":")[0].rsplit("/", 1)[-1])


def controllers(kept: Kept) -> tuple[Workload, ...]:
    """Workloads that run a controller, by their image."""
    found = []
    for doc in kept.of_kind(*KINDS):
        for container in containers(doc):
            told = image_words(container)
            if "jenkins" in told and not told & _NO_CONTROLLER:
                at = ("metadata",) if doc.kind == "Pod" else ("spec", "template", "metadata")
                found.append(Workload(doc, container, mapping(doc.root.get(*at, "labels"))))
    return tuple(found)


def mapping(spot: Spot | None) -> dict[str, str]:
    """A map of scalars."""
    return {c.path[-1]: c.node.value for c in spot.children()} if spot else {}


def agent_ports(workload: Workload) -> set[str]:
    """Names and number of the agent port in a controller's container."""
    number = AGENT_PORT
    env = workload.container.get("env")
    for item in env.children() if env else ():
        if item.value("name") == "JENKINS_SLAVE_AGENT_PORT" and item.value("value").isdigit():
            number = item.value("value")
    found = {number}
    ports = workload.container.get("ports")
    for port in ports.children() if ports else ():
        if port.value("containerPort") == number:
            found.add(port.value("name"))
    return found - {""}


def selected(service: Doc, found: tuple[Workload, ...]) -> tuple[Workload, ...]:
    """The controllers that a Service's selector picks."""
    wanted = mapping(service.root.get("spec", "selector")).items()
    space = service.root.value("metadata", "namespace")
    return tuple(
        one
        for one in found
        if wanted
        and wanted <= one.labels.items()
        and (not space or one.doc.root.value("metadata", "namespace") in ("", space))
    )


def is_jenkins_service(doc: Doc, port: Spot, kept: Kept, found: tuple[Workload, ...]) -> str:
    """``jenkins``, ``unclear`` or ``other``, of one port of a Service."""
    number, name = port.value("port"), port.value("name")
    target = port.value("targetPort") or number
    picked = selected(doc, found)
    if picked:
        return "jenkins" if any(target in agent_ports(one) for one in picked) else "other"
    agentish = (
        target == AGENT_PORT
        or is_agent_port(target)
        or (number == AGENT_PORT and (is_agent_port(name) or target == number))
    )
    if not agentish:
        return "other"
    space, _, own = doc.object_name.partition("/")
    told = verdict(Target(space, own, AGENT_PORT), kept.services)
    if told == "jenkins":
        return told
    if "jenkins" in words(" ".join(mapping(doc.root.get("spec", "selector")).values())):
        return "jenkins"
    return told
