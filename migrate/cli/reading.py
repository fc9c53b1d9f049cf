"""Taking an inventory with the clients of a connection."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from migrate import __version__
from migrate.cli.console import Ticker, must_agree, say_proxy
from migrate.model.errors import UsageProblem
from migrate.model.known_secrets import known

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.model.cluster_facts import Cluster
    from migrate.model.inventory import Inventory, Skip
    from migrate.scan.probing import Holding
    from migrate.scan.scanner import ClusterReader

WAYS = ("auto", "rest", "script")


def take_inventory(
    conn: "Connection",
    read_by: str,
    ticker: Ticker,
    *,
    launch_timeout: float,
    holding: "Holding | None" = None,
    agent_addresses: tuple[str, ...] = (),
) -> "Inventory":
    """Scan the controller, the cluster and the way between them.

    ``launch_timeout``: seconds for each agent to say how it was started. ``agent_addresses``:
    where a person says that agents reach the TCP port.
    """
    from migrate.scan.scanner import scan

    if read_by not in WAYS:
        raise UsageProblem(
            f"there is no way to read called {read_by!r}",
            next_command=f"--read-by {' | '.join(WAYS)}",
        )
    jenkins = conn.jenkins()
    say_proxy("Jenkins", jenkins.proxy.shown if jenkins.proxy else "")
    try:
        found = scan(
            jenkins,
            cluster_reader(conn),
            conn.prober(),
            read_by=read_by,
            agent_addresses=agent_addresses,
            launch_timeout=launch_timeout,
            now=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            tool_version=__version__,
            on_progress=ticker,
            holding=holding,
        )
    finally:
        ticker.end()
    return _without_secrets(found)


def _without_secrets(found: "Inventory") -> "Inventory":
    """The same, but for what this tool's own secrets stand in: a server may send them back."""
    from msgspec import convert, to_builtins

    from migrate.model.inventory import Inventory

    data = to_builtins(found)
    hidden = known().hide_in(data)
    return convert(hidden, Inventory)


def asked_to_hold(
    conn: "Connection", hold: float, *, probe_node: bool, sockets: int, yes: bool
) -> "Holding | None":
    """What the options ask beyond a plain scan; None for nothing.

    A probe node changes the controller for a moment, so it wants a yes: ``UsageProblem`` without
    one where there is no terminal, ``MigrateError`` with exit code 130 for a no.
    """
    from migrate.scan.probing import Holding

    if not (hold or probe_node or sockets):
        return None
    if probe_node and not yes:
        must_agree(
            f"Make a node migrate-probe-... on {conn.url} for one handshake, and delete it?",
            "--yes",
            "migrate doctor --hold 40",
        )
    return Holding(hold, probe_node, sockets)


def cluster_reader(conn: "Connection") -> "ClusterReader | None":
    """What reads the cluster that is in play; None when there is none."""
    client = conn.cluster()
    if client is None:
        return None

    def read(url: str, ports: tuple[int, ...]) -> "tuple[Cluster, tuple[Skip, ...]]":
        from migrate.cluster.reader import read_cluster

        say_proxy("the cluster", client.proxy)
        return read_cluster(
            client,
            controller_url=url,
            agent_ports=ports,
            jenkins_service=conn.jenkins_service,
            namespaces=conn.namespaces,
        )

    return read
