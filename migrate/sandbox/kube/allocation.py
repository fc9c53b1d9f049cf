"""Cluster IPs and node ports of Services."""

import random
from typing import Any

from migrate.sandbox.kube import failures
from migrate.sandbox.kube.failures import Cause
from migrate.sandbox.kube.resources import Resource

_NODE_PORTS = range(30000, 32768)


class Allocator:
    """Hands out addresses and node ports; a node port given back is not handed out again.

    The real allocator picks at random, so that a port which was removed and added again has a
    new node port but for rare luck; here the luck is left out.
    """

    def __init__(self) -> None:
        self._rng = random.SystemRandom()
        self._used_ports: set[int] = set()
        self._used_addresses: set[str] = set()

    def allocate(
        self,
        resource: Resource,
        live: dict[str, Any] | None,
        new: dict[str, Any],
        others: list[dict[str, Any]],
    ) -> None:
        """Fill in what the Service lacks, keeping what ``live`` had for the same port.

        ``others``: all other Services. Raises 422 for a node port that one of them has.
        """
        spec = new["spec"]
        before = live["spec"] if live else {}
        if spec.get("type") == "ExternalName":
            return
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if key in before:
                spec.setdefault(key, before[key])
        address = spec.setdefault("clusterIP", "") or self._address()
        spec["clusterIP"] = address
        spec.setdefault("clusterIPs", [address])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        if spec.get("type") in ("NodePort", "LoadBalancer"):
            self._node_ports(resource, new, before, _taken(others))
        else:
            for port in spec.get("ports", []):
                port.pop("nodePort", None)
        if spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local":
            health = before.get("healthCheckNodePort") or self._port(_taken(others))
            spec.setdefault("healthCheckNodePort", health)

    def _node_ports(
        self,
        resource: Resource,
        new: dict[str, Any],
        before: dict[str, Any],
        taken: set[tuple[int, str]],
    ) -> None:
        spec = new["spec"]
        held = {
            (port.get("port"), port.get("protocol")): port.get("nodePort")
            for port in before.get("ports", [])
        }
        for index, port in enumerate(spec.get("ports", [])):
            wanted = port.get("nodePort")
            if wanted:
                if (wanted, port["protocol"]) in taken:
                    message = f"Invalid value: {wanted}: provided port is already allocated"
                    where = f"spec.ports[{index}].nodePort"
                    cause = Cause("FieldValueInvalid", message, where)
                    raise failures.invalid(resource, new["metadata"]["name"], [cause])
                self._used_ports.add(wanted)
                continue
            if not spec.get("allocateLoadBalancerNodePorts", True):
                continue
            kept = held.get((port.get("port"), port.get("protocol")))
            port["nodePort"] = kept or self._port(taken)

    def _address(self) -> str:
        while True:
            address = f"10.0.{self._rng.randrange(1, 255)}.{self._rng.randrange(1, 255)}"
            if address not in self._used_addresses:
                self._used_addresses.add(address)
                return address

    def _port(self, taken: set[tuple[int, str]]) -> int:
        numbers = {number for number, _ in taken}
        free = [p for p in _NODE_PORTS if p not in self._used_ports and p not in numbers]
        port = self._rng.choice(free)
        self._used_ports.add(port)
        return port


def _taken(others: list[dict[str, Any]]) -> set[tuple[int, str]]:
    taken = set()
    for service in others:
        spec = service.get("spec", {})
        for port in spec.get("ports", []):
            if port.get("nodePort"):
                taken.add((port["nodePort"], port.get("protocol", "TCP")))
        if spec.get("healthCheckNodePort"):
            taken.add((spec["healthCheckNodePort"], "TCP"))
    return taken
