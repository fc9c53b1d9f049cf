"""The facts of a scan."""

from collections import Counter

from migrate.model.finding import Finding, Severity
from migrate.model.inventory import Inventory, LauncherKind, LaunchKind, Node, Transport
from migrate.report.machine.facts import (
    Case,
    CaseState,
    Facts,
    Metric,
    Rows,
    Sample,
    cases_of,
    one,
    remarks_of,
)
from migrate.report.machine.time import seconds_of
from migrate.report.scan import launch_word, state_word

COLUMNS = (
    "node", "launcher", "launch", "transport", "protocol", "webSocket", "tunnel", "state",
    "busy", "executors", "remoting", "java", "os", "host", "supervisor", "owner", "labels",
    "description",
)  # fmt: skip


def facts(inventory: Inventory, findings: tuple[Finding, ...]) -> Facts:
    """Nodes and findings."""
    url = inventory.controller.url
    nodes = [n for n in inventory.nodes if n.launcher is not LauncherKind.BUILT_IN]
    return Facts(
        f"scan/{url}",
        remarks_of(findings),
        (*(_case(node) for node in nodes), *cases_of(findings)),
        Rows(COLUMNS, tuple(_row(node) for node in nodes)),
        _metrics(inventory, nodes, findings),
    )


def _case(node: Node) -> Case:
    """Whether it can do without the port."""
    group, told = "migrate.nodes", f"{launch_word(node)}, {state_word(node)}"
    if node.launcher is not LauncherKind.INBOUND:
        return Case(group, node.name, CaseState.PASSED, f"does not dial in: {told}")
    match node.transport:
        case Transport.WEBSOCKET:
            return Case(group, node.name, CaseState.PASSED, f"on WebSocket: {told}")
        case Transport.TCP:
            return Case(group, node.name, CaseState.FAILED, "on TCP", told)
    return Case(group, node.name, CaseState.SKIPPED, f"nobody can tell its transport: {told}")


def _row(node: Node) -> tuple[str, ...]:
    launch = node.launch
    known = launch is not None and launch.kind is not LaunchKind.UNKNOWN
    return (
        node.name,
        node.launcher.value,
        launch.kind.value if launch is not None and known else "",
        node.transport.value,
        node.protocol or "",
        "" if node.web_socket is None else str(node.web_socket).lower(),
        node.tunnel or "",
        state_word(node),
        str(node.busy),
        str(node.executors),
        node.remoting_version or "",
        (launch.java_version or "") if launch else "",
        (launch.os or "") if launch else "",
        (launch.host or "") if launch else "",
        launch.supervisor if launch else "",
        f"{node.owner.kind} {node.owner.name}" if node.owner else "",
        " ".join(node.labels),
        node.description,
    )


def _metrics(
    inventory: Inventory, nodes: list[Node], findings: tuple[Finding, ...]
) -> tuple[Metric, ...]:
    url = inventory.controller.url
    port = inventory.controller.agent_port
    by_kind = Counter((node.launcher.value, node.transport.value) for node in nodes)
    # A kind without any is 0, not absent: an alert on "none left" needs the number.
    for transport in Transport:
        by_kind.setdefault((LauncherKind.INBOUND.value, transport.value), 0)
    severities = Counter(finding.severity for finding in findings)
    ways = inventory.cluster.exposures if inventory.cluster else ()
    return (
        Metric(
            "migrate_nodes",
            "Nodes by how the controller starts them and by what their connection runs on.",
            tuple(
                Sample(count, {"controller": url, "launcher": launcher, "transport": transport})
                for (launcher, transport), count in sorted(by_kind.items())
            ),
        ),
        Metric(
            "migrate_node_on_tcp",
            "1 for an inbound node on TCP, 0 for one on WebSocket.",
            tuple(
                Sample(node.transport is Transport.TCP, {"controller": url, "node": node.name})
                for node in nodes
                if node.launcher is LauncherKind.INBOUND and node.transport is not Transport.UNKNOWN
            ),
        ),
        Metric(
            "migrate_findings",
            "Findings by severity.",
            tuple(
                Sample(severities[severity], {"controller": url, "severity": severity.value})
                for severity in Severity
            ),
        ),
        one("migrate_not_read", "What could not be read.", len(inventory.skips), controller=url),
        one(
            "migrate_agent_port_on",
            "1 while the controller listens on its TCP agent port.",
            port.mode != "off",
            controller=url,
        ),
        one(
            "migrate_ways_in",
            "What leads to the TCP agent port in the cluster.",
            len(ways),
            controller=url,
        ),
        one(
            "migrate_scan_time_seconds",
            "When the scan was, in seconds since 1970.",
            seconds_of(inventory.scanned_at),
            controller=url,
        ),
    )
