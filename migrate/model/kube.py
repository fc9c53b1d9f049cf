"""Objects of Kubernetes as the API serves them, patches of them, and what of them is read here."""

from typing import Any

import msgspec

KubeObject = dict[str, Any]
"""An object, or a part of one, with whatever fields its server has: what is put back must be what
was there, so nothing of it is dropped. Whoever reads a field of it says so by type."""
KubePatch = list[KubeObject]
"""A JSON patch (RFC 6902)."""


class _Read(msgspec.Struct, frozen=True, rename="camel"):
    pass


class Port(_Read, frozen=True):
    """Of a Service or a container."""

    port: int | None = None
    node_port: int | None = None
    host_port: int | None = None


class GivenAddress(_Read, frozen=True):
    """What a load balancer was given."""

    ip: str | None = None
    hostname: str | None = None


class LoadBalancer(_Read, frozen=True):
    """Of a Service's status."""

    ingress: tuple[GivenAddress, ...] | None = None


class ServiceStatus(_Read, frozen=True):
    """Of a Service."""

    load_balancer: LoadBalancer | None = None


class ServiceSpec(_Read, frozen=True):
    """Of a Service."""

    ports: tuple[Port, ...] | None = None
    external_ips: tuple[str, ...] | None = msgspec.field(name="externalIPs", default=None)


class Service(_Read, frozen=True):
    """Where a Service lets connections in."""

    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()

    @property
    def addresses(self) -> frozenset[str]:
        """Of its load balancer, and its externalIPs."""
        balancer = self.status.load_balancer or LoadBalancer()
        given = (at for one in balancer.ingress or () for at in (one.ip, one.hostname) if at)
        return frozenset([*given, *(self.spec.external_ips or ())])


class Container(_Read, frozen=True):
    """Of a pod."""

    ports: tuple[Port, ...] | None = None


class PodSpec(_Read, frozen=True):
    """Of a template."""

    host_network: bool = False
    containers: tuple[Container, ...] | None = None


class PodTemplate(_Read, frozen=True):
    """Of a workload."""

    spec: PodSpec = PodSpec()


class WorkloadSpec(_Read, frozen=True):
    """Of a workload."""

    template: PodTemplate = PodTemplate()


class Workload(_Read, frozen=True):
    """Which ports of their hosts a workload's pods open."""

    spec: WorkloadSpec = WorkloadSpec()
