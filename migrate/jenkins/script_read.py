"""Reading the controller with one script-console call (Overall/Administer)."""

import base64
import binascii
from typing import Any

from migrate.agents.minimum import is_lifted
from migrate.jenkins.agent_log import parse_log
from migrate.jenkins.errors import UnexpectedAnswer
from migrate.jenkins.http import Http
from migrate.jenkins.node_io import read_built_in
from migrate.jenkins.node_mark import plain
from migrate.jenkins.nodes import MOST_NAME, NodeReading, build_node, reading_of
from migrate.jenkins.permissions import relevant
from migrate.jenkins.port import read_listener
from migrate.jenkins.reading import Progress, Reading
from migrate.jenkins.rest_read import Jar, read_jar
from migrate.model.cluster_facts import Owner
from migrate.model.inventory import AgentPort, Controller, Node, OfflineMark, Skip
from migrate.model.text import visible
from migrate.net.answers import has_lone, whole_values

_JCASC = Owner("jcasc", "configuration-as-code", "its sources set slaveAgentPort")


def read_by_script(http: Http, result: Any, jar: Jar, progress: Progress) -> Reading:
    """Make a reading of the result of the script ``inventory``, the built-in node (one GET), the
    listener and the jar.

    ``UnexpectedAnswer`` when the result has not the form that the script gives.
    """
    try:
        entries, result = list(result["nodes"]), whole_values({**result, "nodes": []})
        version, port = str(result["version"]), int(result["agent_port"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            f"the script inventory gave a result of another form ({type(error).__name__})"
        ) from None
    nodes: list[Node] = []
    skips: list[Skip] = []
    readings: list[NodeReading] = []
    for number, entry in enumerate(entries, start=1):
        try:
            readings.append(_node(entry))
        except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
            skips.append(_untold(entry, number, error))
    readings.append(reading_of(read_built_in(http), None))
    for reading in sorted(readings, key=lambda r: r.name):
        node, told = build_node(reading)
        nodes.append(node)
        skips += told
    progress("nodes", len(nodes), len(nodes))
    listener = read_listener(http)
    jar_version, jar_sha256, no_jar = read_jar(jar)
    jcasc = result.get("jcasc")
    if jcasc is None:
        skips.append(
            Skip(
                "controller",
                "JCasC",
                "the sources of configuration as code could not be read",
                "a look at them: do they set slaveAgentPort?",
            )
        )
    lifted = is_lifted(version, listens=listener.on, told=listener.minimum_remoting)
    if lifted is None:
        lifted = result.get("minimum_lifted")
    controller = Controller(
        url=http.url,
        root_url=result.get("root_url") or None,
        version=version,
        agent_port=AgentPort(
            configured=port,
            advertised=listener.port,
            advertised_host=listener.host,
            protocols=listener.protocols,
            enforced=result.get("enforced"),
        ),
        minimum_remoting=listener.minimum_remoting or result.get("minimum_remoting"),
        minimum_lifted=lifted,
        jar_version=jar_version,
        jar_sha256=jar_sha256,
        java_version=result.get("java_version"),
        inbound_url=result.get("inbound_url"),
        port_owner=_JCASC if jcasc else None,
        user=str(result.get("user") or ""),
        permissions=relevant(list(result.get("permissions") or ())),
    )
    return Reading("script", controller, tuple(nodes), (*skips, *no_jar))


def _untold(entry: Any, number: int, error: Exception) -> Skip:
    name = entry.get("name") if isinstance(entry, dict) else None
    subject = visible(name)[:200] if isinstance(name, str) else f"number {number}"
    told = f"the script told it in another form ({type(error).__name__})"
    return Skip(f"node {subject}", "node", told, "a look at the node")


def _node(entry: dict[str, Any]) -> NodeReading:
    if has_lone(entry["name"]) or len(entry["name"]) > MOST_NAME:
        raise ValueError("no name")
    entry = whole_values(entry)
    mark = entry.get("mark")
    config, log = entry.get("config_xml"), entry.get("log")
    return NodeReading(
        name=str(entry["name"]),
        online=bool(entry["online"]),
        busy=int(entry["busy"]),
        mark=OfflineMark(str(mark.get("by") or ""), plain(str(mark.get("reason") or "")))
        if isinstance(mark, dict)
        else None,
        offline_reason=plain(str(entry.get("offline_reason") or "")),
        labels=tuple(sorted(str(label) for label in entry.get("labels") or ())),
        description=str(entry.get("description") or ""),
        executors=int(entry.get("executors", 1)),
        config=base64.b64decode(config, validate=True) if config is not None else None,
        log=parse_log(base64.b64decode(log, validate=True)) if log is not None else None,
    )
