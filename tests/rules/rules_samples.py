"""A healthy installation to break in one way at a time."""

from typing import Any

from migrate.model.cluster_facts import (
    Cluster,
    EdgeController,
    IngressRoute,
    LeadsTo,
    TcpEntry,
    TcpServices,
)
from migrate.model.inventory import (
    AgentPort,
    Controller,
    Inventory,
    Launch,
    LauncherKind,
    LaunchKind,
    Node,
    ProbeAnswer,
    ProxySettings,
    Transport,
    Verdict,
)

JAR = "3301.v4363ddcca_4e7"
SHA = "5f" * 32


def launch(kind: LaunchKind = LaunchKind.JNLP_URL, **more: Any) -> Launch:
    values: dict[str, Any] = {
        "command": "java -jar agent.jar -jnlpUrl U -secret @s",
        "options": ("-jnlpUrl", "-secret"),
        "jar": "/w/agent.jar",
        "jar_sha256": "0" * 64,
        "jar_writable": True,
        "java_version": "17.0.9",
        "supervisor": "systemd",
        "restarter": True,
    }
    return Launch(kind, **{**values, **more})


def node(name: str = "n1", **more: Any) -> Node:
    values: dict[str, Any] = {
        "launcher": LauncherKind.INBOUND,
        "launcher_class": "hudson.slaves.JNLPLauncher",
        "node_class": "slave",
        "web_socket": False,
        "online": True,
        "ever_connected": True,
        "transport": Transport.TCP,
        "protocol": "JNLP4-connect",
        "remoting_version": JAR,
        "launch": launch(),
    }
    return Node(name, **{**values, **more})


def controller(**more: Any) -> Controller:
    values: dict[str, Any] = {
        "url": "https://j.example.com/",
        "root_url": "https://j.example.com/",
        "version": "2.426.3",
        "agent_port": AgentPort(50000, 50000, None, (), False),
        "minimum_remoting": "4.13",
        "jar_version": JAR,
        "jar_sha256": SHA,
        "user": "admin",
        "permissions": ("Overall/Administer",),
    }
    return Controller(**{**values, **more})


def route(**more: Any) -> IngressRoute:
    values: dict[str, Any] = {
        "namespace": "jenkins",
        "name": "web",
        "api_version": "networking.k8s.io/v1",
        "hosts": ("j.example.com",),
        "class_name": "nginx",
        "class_controller": "k8s.io/ingress-nginx",
        "annotations": {},
        "backend": "jenkins:8080",
    }
    return IngressRoute(**{**values, **more})


def entry(**more: Any) -> TcpEntry:
    values: dict[str, Any] = {
        "key": "50000",
        "value": "jenkins/agent:50000",
        "external_port": 50000,
        "namespace": "jenkins",
        "service": "agent",
        "service_port": "50000",
        "leads_to": LeadsTo.JENKINS,
        "reason": "its endpoint is the pod of Jenkins",
    }
    return TcpEntry(**{**values, **more})


def tcp_services(*entries: TcpEntry, **more: Any) -> TcpServices:
    values: dict[str, Any] = {
        "namespace": "ingress",
        "name": "tcp",
        "exists": True,
        "used_by": ("Deployment ingress/controller",),
        "entries": entries,
    }
    return TcpServices(**{**values, **more})


def cluster(**more: Any) -> Cluster:
    values: dict[str, Any] = {
        "context": "prod",
        "server_version": "v1.29.3",
        "edge_controllers": (EdgeController("Deployment", "ingress", "c", "traefik"),),
        "tcp_services": (tcp_services(entry()),),
        "ingresses": (route(),),
    }
    return Cluster(**{**values, **more})


def probe(
    code: str = "ok",
    verdict: Verdict = Verdict.FAIL,
    *,
    id: str = "wsagents-made-up",
    layer: str = "proxy",
) -> ProbeAnswer:
    return ProbeAnswer(id, "GET /x", "400 no", verdict, layer, "", "", code)


def inventory(*nodes: Node, **more: Any) -> Inventory:
    """A healthy one; ``more`` also takes fields of the controller as ``controller=``."""
    values: dict[str, Any] = {
        "schema_version": 1,
        "tool_version": "0.1.0",
        "scanned_at": "2026-11-21T20:04:11Z",
        "read_by": "script",
        "controller": controller(),
        "nodes": nodes or (node(),),
        "cluster": cluster(),
        "probes": (probe("ok", Verdict.PASS, id="login"), probe("ok", Verdict.PASS, id="cli-ws")),
        "skips": (),
    }
    return Inventory(**{**values, **more})


def proxied(*, direct: bool | None = False, credentials: bool = False, **settings: str) -> Launch:
    """A launch with these settings; names in dots are Java's: ``https__proxyHost``."""
    named = {k: "__" in k or k.startswith("socks") for k in settings}
    java = {k.replace("__", "."): v for k, v in settings.items() if named[k]}
    environment = {k: v for k, v in settings.items() if not named[k]}
    return launch(proxy=ProxySettings(java, environment, credentials, direct))
