"""Kinds that a cluster may or may not have: which of them it serves, and in which version.

One call lists the API groups; a group that is there costs one more for each of its versions. What
is not installed is never asked for.
"""

from collections.abc import Mapping

from migrate.cluster.errors import ForbiddenHere, NotServed
from migrate.cluster.kinds import Kind
from migrate.cluster.snapshot import ClusterReader, Snapshot, read_kind
from migrate.model.inventory import Skip

CUSTOM: Mapping[str, tuple[str, str]] = {
    # What makes agents' pods.
    "DeploymentConfig": ("apps.openshift.io", "deploymentconfigs"),
    "Rollout": ("argoproj.io", "rollouts"),
    # What leads TCP connections to a Service, and where it listens.
    "TCPRoute": ("gateway.networking.k8s.io", "tcproutes"),
    "Gateway": ("gateway.networking.k8s.io", "gateways"),
    "VirtualService": ("networking.istio.io", "virtualservices"),
    "Gateway.networking.istio.io": ("networking.istio.io", "gateways"),
    "IngressRouteTCP": ("traefik.io", "ingressroutetcps"),
    "IngressRouteTCP.traefik.containo.us": ("traefik.containo.us", "ingressroutetcps"),
    "TransportServer": ("k8s.nginx.org", "transportservers"),
    "GlobalConfiguration": ("k8s.nginx.org", "globalconfigurations"),
    "TCPIngress": ("configuration.konghq.com", "tcpingresses"),
    "HTTPProxy": ("projectcontour.io", "httpproxies"),
    "TCPMapping": ("getambassador.io", "tcpmappings"),
    "ApisixRoute": ("apisix.apache.org", "apisixroutes"),
    "TCP": ("ingress.v1.haproxy.org", "tcps"),
    "TargetGroupBinding": ("elbv2.k8s.aws", "targetgroupbindings"),
}
"""Name as kubectl writes it to group and plural."""


def read_custom(client: ClusterReader, namespaces: tuple[str, ...], out: Snapshot) -> None:
    """Add what is served of ``CUSTOM`` to ``out``; what may not be read is a Skip there."""
    try:
        groups = client.groups()
        wanted = {group for group, _ in CUSTOM.values()} & groups.keys()
        places = {
            (group, plural): version
            for group in sorted(wanted)
            # The preferred version goes first, so it comes last here and stays.
            for version in reversed(groups[group])
            for plural in client.plurals(group, version)
        }
    except NotServed:
        return
    except ForbiddenHere:
        reason = "no permission to ask which APIs this cluster has"
        needed = '{nonResourceURLs: ["/apis", "/apis/*"], verbs: [get]} (ClusterRole)'
        out.skips.append(Skip("cluster", "API groups", reason, needed))
        return
    for name, (group, plural) in CUSTOM.items():
        version = places.get((group, plural))
        if version:
            read_kind(client, name, namespaces, out, Kind(group, version, plural))
