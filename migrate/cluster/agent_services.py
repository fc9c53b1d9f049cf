"""Services that lead to the agent port, and texts that name one of them. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from migrate.cluster.backends import key
from migrate.cluster.judge import Judge
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import LeadsTo

Json = dict[str, Any]

PORT_NAMES = frozenset({"jnlp", "agent-listener", "slavelistener"})
"""Names that nothing but an agent port has."""


@dataclass(frozen=True)
class Leading:
    """A Service with ports that lead to the agent port."""

    service: Json
    ports: tuple[Json, ...]

    @property
    def whole(self) -> bool:
        """Whether it has no other port."""
        return len(self.ports) == len((self.service.get("spec") or {}).get("ports") or [])


def leading(
    snapshot: Snapshot, judge: Judge, fronts: Mapping[str, frozenset[int]]
) -> list[Leading]:
    """Those that end at this Jenkins; ``fronts``: of ingress controllers, ``ns/name`` to the ports
    that are the agents' there."""
    found = []
    for service in snapshot.of("Service"):
        ports = tcp_ports(service)
        if key(service) in fronts:
            wanted = [p for p in ports if p.get("port") in fronts[key(service)]]
        else:
            wanted = [p for p in ports if judge.port(service, p)[0] is LeadsTo.JENKINS]
        if wanted:
            found.append(Leading(service, tuple(wanted)))
    return found


def named_in(text: str, namespace: str, services: Iterable[Leading]) -> str:
    """``ns/name`` of a Service that leads to the agent port and that ``text`` names as a place to
    connect to; empty for none. ``namespace``: where short names are looked up."""
    for item in services:
        meta, spec = item.service.get("metadata") or {}, item.service.get("spec") or {}
        space, name = str(meta.get("namespace", "")), str(meta.get("name", ""))
        hosts = [rf"{re.escape(name)}\.{re.escape(space)}(?:\.svc(?:\.[a-z0-9.-]+)?)?"]
        hosts += [re.escape(str(ip)) for ip in _addresses(spec)]
        short = rf"{re.escape(name)}" if space == namespace else ""
        numbers = "|".join(str(p["port"]) for p in item.ports)
        port = rf"(?<!\d)(?:{numbers})(?!\d)"
        host = rf"(?<![\w.-])(?:{'|'.join(hosts)})(?![\w-])(?!\.[\w-])"
        if re.search(host, text) and (item.whole or re.search(port, text)):
            return f"{space}/{name}"
        if short and re.search(rf"(?<![\w./-]){short}(?![\w./-])", text) and re.search(port, text):
            return f"{space}/{name}"
        variable = re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_SERVICE_HOST"
        if space == namespace and variable in text:
            return f"{space}/{name}"
    return ""


def tcp_ports(service: Json) -> list[Json]:
    """The TCP ports of a Service."""
    ports = (service.get("spec") or {}).get("ports") or []
    return [p for p in ports if (p.get("protocol") or "TCP") == "TCP"]


def is_outside(service: Json) -> bool:
    """Whether it is reached from outside of the cluster."""
    spec = service.get("spec") or {}
    return spec.get("type") in ("LoadBalancer", "NodePort") or bool(spec.get("externalIPs"))


def looks_like_agents(port: Json, numbers: frozenset[int]) -> bool:
    """Whether a Service port has the agent port's number or name, wherever it leads."""
    mine = {port.get("port"), port.get("targetPort")}
    names = {port.get("name"), port.get("targetPort")}
    return bool(mine & numbers) or bool(names & PORT_NAMES)


def _addresses(spec: Mapping[str, Any]) -> list[str]:
    found = [
        spec.get("clusterIP"),
        *(spec.get("clusterIPs") or []),
        *(spec.get("externalIPs") or []),
    ]
    return sorted({str(ip) for ip in found if ip and ip != "None"})
