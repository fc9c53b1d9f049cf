"""Reading the controller through plain REST: Overall/Read and Agent permissions are enough."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from migrate.agents.minimum import has_let_in_older, is_lifted
from migrate.jenkins import node_io
from migrate.jenkins.errors import Forbidden, JenkinsError, NodeGone, UnexpectedAnswer
from migrate.jenkins.http import Http
from migrate.jenkins.node_config import is_redacted
from migrate.jenkins.nodes import ComputerState, build_node, reading_of
from migrate.jenkins.permissions import Observed, from_reads
from migrate.jenkins.port import json_object, read_listener, read_root
from migrate.jenkins.reading import Progress, Reading
from migrate.model.inventory import AgentPort, Controller, LauncherKind, Node, Skip
from migrate.model.ports import AgentLog

WITH_SCRIPT = "Overall/Administer (the script console)"
_ONLY_BY_SCRIPT = (
    ("enforced agent port", "system properties are not shown by REST"),
    ("controller's Java version", "system properties are not shown by REST"),
    ("jenkins.agent.inboundUrl", "system properties are not shown by REST"),
    ("JCasC", "whether configuration as code writes slaveAgentPort is not shown by REST"),
)

Jar = Callable[[], tuple[str, str]]


@dataclass(frozen=True)
class _NodeParts:
    """One node. What was read of it (a config.xml may be large) is gone once it is made."""

    node: Node
    skips: tuple[Skip, ...]
    config_readable: bool | None = None
    remote_path: str | None = None


def read_by_rest(
    http: Http, jar: Jar, administer: bool, progress: Progress, threads: int
) -> Reading:
    """Everything that REST shows, nodes side by side. What it does not show is a Skip."""
    root = read_root(http)
    computers, untold = node_io.list_computers(http)
    parts = _read_nodes(http, computers, progress, threads)
    nodes: list[Node] = []
    skips: list[Skip] = [Skip("controller", *gap, WITH_SCRIPT) for gap in _ONLY_BY_SCRIPT]
    skips += untold
    for part in parts:
        nodes.append(part.node)
        skips += part.skips
    permissions, unknown = from_reads(_observed(administer, parts))
    listener = read_listener(http)
    if not listener.on:
        skips.append(
            Skip(
                "controller",
                "minimum remoting version",
                "it is announced by the TCP listener, which is off",
                WITH_SCRIPT,
            )
        )
    jar_version, jar_sha256, no_jar = read_jar(jar)
    lifted = is_lifted(root.version, listens=listener.on, told=listener.minimum_remoting)
    if lifted is None and has_let_in_older(root.version, nodes):
        lifted = True
    controller = Controller(
        url=http.url,
        root_url=root.url,
        version=root.version,
        agent_port=AgentPort(
            configured=root.agent_port,
            advertised=listener.port,
            advertised_host=listener.host,
            protocols=listener.protocols,
        ),
        minimum_remoting=listener.minimum_remoting,
        minimum_lifted=lifted,
        jar_version=jar_version,
        jar_sha256=jar_sha256,
        user=who_am_i(http),
        permissions=permissions,
    )
    return Reading("rest", controller, tuple(nodes), (*skips, *unknown, *no_jar))


def read_jar(jar: Jar) -> tuple[str | None, str | None, tuple[Skip, ...]]:
    """Version and digest of the served agent.jar, or a Skip: a scan goes on without them."""
    try:
        version, digest = jar()
    except JenkinsError as error:
        reason, needed = node_io.failure(error)
        return None, None, (Skip("controller", "agent.jar", reason, needed),)
    return version, digest, ()


def who_am_i(http: Http) -> str:
    """The user's id; ``anonymous`` without a login."""
    data = json_object(http.get("whoAmI/api/json"), "whoAmI/api/json")
    return str(data.get("name") or "")


def _read_nodes(
    http: Http, computers: tuple[ComputerState, ...], progress: Progress, threads: int
) -> list[_NodeParts]:
    """Config and log of each node; a node deleted meanwhile is left out."""
    found: dict[str, _NodeParts] = {}
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        waiting = {pool.submit(_read_node, http, c): c.name for c in computers}
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                name = waiting[future]
                try:
                    found[name] = future.result()
                except NodeGone:
                    continue
                progress(f"node {name}", done, len(waiting))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [found[name] for name in sorted(found)]


def _read_node(http: Http, computer: ComputerState) -> _NodeParts:
    if computer.built_in:
        return _NodeParts(*build_node(reading_of(computer, None)))
    config, readable, no_config = _config(http, computer.name)
    log, no_log = _log(http, computer.name)
    reading = replace(reading_of(computer, log), config=config, skips=(*no_config, *no_log))
    return _NodeParts(*build_node(reading), readable, computer.remote_path)


def _config(http: Http, name: str) -> tuple[bytes | None, bool | None, tuple[Skip, ...]]:
    try:
        body = node_io.read_config(http, name)
    except (Forbidden, UnexpectedAnswer) as error:
        readable = False if isinstance(error, Forbidden) else None
        return None, readable, (_skip(name, "config.xml", error),)
    if not is_redacted(body):
        return body, True, ()
    blanked = Skip(
        f"node {name}", "secrets in config.xml", "Jenkins blanks them", "Agent/Configure"
    )
    return body, True, (blanked,)


def _log(http: Http, name: str) -> tuple[AgentLog | None, tuple[Skip, ...]]:
    try:
        return node_io.read_log(http, name), ()
    except (Forbidden, UnexpectedAnswer) as error:
        return None, (_skip(name, "agent log", error),)


def _skip(name: str, what: str, error: JenkinsError) -> Skip:
    reason, needed = node_io.failure(error)
    return Skip(f"node {name}", what, reason, needed)


def _observed(administer: bool, parts: list[_NodeParts]) -> Observed:
    readable = [p.config_readable for p in parts if p.config_readable is not None]
    connected = [p for p in parts if p.node.online and p.node.launcher is not LauncherKind.BUILT_IN]
    connect = any(p.remote_path for p in connected) if connected else None
    return Observed(administer, any(readable) if readable else None, connect)
