"""Sources to one Inventory: the controller, the cluster, the probes, and what was not seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.clouds import read_clouds
from migrate.jenkins.console import timeout_for
from migrate.jenkins.errors import JenkinsError
from migrate.jenkins.node_owners import read_owners
from migrate.jenkins.reading import Progress, silent
from migrate.model.cluster_facts import Cluster
from migrate.model.errors import MigrateError
from migrate.model.inventory import (
    AgentPort,
    Cloud,
    Controller,
    Inventory,
    Node,
    ProbeAnswer,
    Skip,
)
from migrate.model.ports import ProbePort
from migrate.model.serialize import SCHEMA_VERSION
from migrate.model.ways import Place, places_of, ways_in
from migrate.scan.launches import PER_AGENT, discover_launches
from migrate.scan.probing import Holding, held_answers
from migrate.scan.unread import again_while_away, why_unread

AT_ONCE = 32
"""Addresses of the TCP port that are tried side by side."""
ClusterReader = Callable[[str, tuple[int, ...]], tuple[Cluster, tuple[Skip, ...]]]
"""(controller's URL, its agent ports) to what the cluster says; see migrate.cluster.reader."""


def scan(
    controller: JenkinsController,
    cluster_reader: ClusterReader | None,
    prober: ProbePort | None,
    *,
    now: str,
    tool_version: str,
    read_by: str = "auto",
    agent_addresses: tuple[str, ...] = (),
    launch_timeout: float = PER_AGENT,
    on_progress: Progress = silent,
    holding: Holding | None = None,
) -> Inventory:
    """Look at everything once; changes nothing.

    A controller that cannot be read raises (``JenkinsError``): there is nothing to say then.
    A cluster or a probe that cannot be read is a Skip. ``cluster_reader`` None: no cluster is
    in play; ``prober`` None: no probes. ``agent_addresses``: where a person says that agents reach
    the TCP port (``HOST:PORT``), beside the ways that are found. ``launch_timeout``: seconds for
    each agent to say how it was started. ``now`` is UTC in ISO 8601.
    """
    on_progress("controller", 0, 0)
    reading = controller.read(by=read_by, progress=on_progress)
    told = reading.controller.inbound_url or reading.controller.root_url or controller.url
    nodes, no_launch = discover_launches(
        controller, reading.nodes, on_progress, url=told, per_agent=launch_timeout
    )
    clouds, no_clouds = _read_clouds(controller)
    read_controller, nodes, no_owners = _with_owners(controller, reading.controller, nodes)
    port = reading.controller.agent_port
    cluster, cluster_skips = _read_cluster(cluster_reader, controller.url, port, on_progress)
    places = places_of(ways_in(controller.url, port, cluster, agent_addresses))
    if prober is not None:
        prober = prober.knowing(reading.controller.root_url, reading.controller.version)
    probes, probe_skips = _probe(prober, places, on_progress)
    if prober is not None and holding is not None:
        on_progress("held sockets", 0, 0)
        made_by = f"migrate {tool_version}, asked by {reading.controller.user}"
        probes += held_answers(holding, controller, prober, probes, made_by)
    return Inventory(
        schema_version=SCHEMA_VERSION,
        tool_version=tool_version,
        scanned_at=now,
        read_by=reading.read_by,
        controller=read_controller,
        nodes=nodes,
        cluster=cluster,
        probes=probes,
        clouds=clouds,
        skips=(*reading.skips, *no_launch, *no_clouds, *no_owners, *cluster_skips, *probe_skips),
    )


def _read_clouds(controller: JenkinsController) -> tuple[tuple[Cloud, ...], tuple[Skip, ...]]:
    obstacle = controller.script_obstacle()
    if obstacle is not None:
        return (), (Skip("controller", "clouds", *obstacle),)
    try:
        return again_while_away(lambda: read_clouds(controller)), ()
    except JenkinsError as error:
        return (), (
            Skip("controller", "clouds", *why_unread(error, timeout_for("list-clouds", {}))),
        )


def _with_owners(
    controller: JenkinsController, known: Controller, nodes: tuple[Node, ...]
) -> tuple[Controller, tuple[Node, ...], tuple[Skip, ...]]:
    """Nodes and port with who writes them again."""
    what = "owners of nodes"
    obstacle = controller.script_obstacle()
    if obstacle is not None:
        return known, nodes, (Skip("controller", what, *obstacle),)
    try:
        owners = again_while_away(lambda: read_owners(controller))
    except JenkinsError as error:
        told = why_unread(error, timeout_for("node-owners", {}))
        return known, nodes, (Skip("controller", what, *told),)
    return (
        replace(known, port_owner=known.port_owner or owners.port),
        tuple(owners.given_to(node) for node in nodes),
        owners.skips,
    )


def _read_cluster(
    reader: ClusterReader | None, url: str, port: AgentPort, on_progress: Progress
) -> tuple[Cluster | None, tuple[Skip, ...]]:
    if reader is None:
        return None, ()
    on_progress("cluster", 0, 0)
    try:
        return reader(url, _agent_ports(port))
    except MigrateError as error:
        return None, (Skip("cluster", "cluster", error.cause, error.next_command),)


def _agent_ports(port: AgentPort) -> tuple[int, ...]:
    """What it is configured for and what it advertises; either may lead here.

    A random port is only advertised, and an advertised one may be another than its own
    (hudson.TcpSlaveAgentListener.port).
    """
    known = (port.configured, port.advertised)
    return tuple(dict.fromkeys(p for p in known if p is not None and p > 0))


def _probe(
    prober: ProbePort | None, places: tuple[Place, ...], on_progress: Progress
) -> tuple[tuple[ProbeAnswer, ...], tuple[Skip, ...]]:
    if prober is None:
        return (), ()
    on_progress("probes", 0, 0)
    answers: list[ProbeAnswer] = []
    skips: list[Skip] = []
    try:
        answers += prober.without_secret()
    except MigrateError as error:
        skips.append(Skip("edge", "probes", error.cause, error.next_command))
    try:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            # Each may wait for the whole timeout, where packets are dropped.
            known = (place for place in places if place.host)
            answers += pool.map(lambda place: prober.tcp_port(place.host, place.port), known)
    except MigrateError as error:
        skips.append(Skip("edge", "TCP port", error.cause, error.next_command))
    return tuple(answers), tuple(skips)
