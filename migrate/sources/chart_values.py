"""Values of the Jenkins chart, 2.x to 5.x, wherever they stand: files, Argo CD, Flux, k3s. Pure.

Source of the keys: charts/jenkins/VALUES.md and UPGRADING.md of jenkinsci/helm-charts. The oldest
charts (``Master.*`` in capitals) know no WebSocket.
"""

import re
from collections.abc import Iterator

from migrate.sources.base import FileEdit, Found
from migrate.sources.casc_places import is_set, replace_entry, switch
from migrate.sources.cuts import set_to, take_out
from migrate.sources.kept import Kept, Notes
from migrate.sources.layers import names_chart, not_deployed
from migrate.sources.nested import Doc, Spot
from migrate.splice.text import NotEditable

KIND = "jenkins-chart"
_TOPS = ("controller", "master")
_SIGNS = re.compile(
    r"(agent|slave)Listener|^JCasC$|^slave[A-Z]|^jenkinsUrl|^installPlugins$|^jenkinsAdminEmail$"
)
_AGENT_SIGNS = ("jenkinsTunnel", "jenkinsUrl", "podTemplates", "podName", "slaveConnectTimeout")
_PORT = re.compile(r"(-D(?:jenkins\.model\.Jenkins\.slaveAgentPort)=)(\d+)")
_OPTS = ("javaOpts", "jenkinsJavaOpts", "jenkinsOpts", "JavaOpts")
OPEN_TYPES = ("NodePort", "LoadBalancer")


def values_maps(kept: Kept) -> Iterator[tuple[Doc, Spot, bool]]:
    """(document, map of values, whether it is sure) for each that looks like the chart's."""
    for doc in kept.docs:
        for spot in doc.root.all():
            if spot.node.kind == "map":
                keys = {child.path[-1] for child in spot.children()}
                if keys & {*_TOPS, "agent"} and not doc.kind.startswith("Jenkins"):
                    sure = _signed(spot) or names_chart(kept, doc, spot, "jenkins")
                    if sure or _likely(spot):
                        yield doc, spot, sure


def _signed(spot: Spot) -> bool:
    tops = [top for name in _TOPS if (top := spot.get(name))]
    if any(_SIGNS.search(child.path[-1]) for top in tops for child in top.children()):
        return True
    if any("jenkins.model.Jenkins" in top.value(name) for top in tops for name in _OPTS):
        return True
    agent = spot.get("agent")
    return agent is not None and any(agent.get(key) for key in _AGENT_SIGNS)


def _likely(spot: Spot) -> bool:
    agent = spot.get("agent")
    flag = agent.get("websocket") if agent else None
    return flag is not None and flag.node.value.lower() == "false" and bool(spot.get(*_TOPS[:1]))


def look(kept: Kept) -> Found:
    """WebSocket and tunnels before the agents move; what opens the listener after it."""
    notes = Notes(KIND)
    found = list(values_maps(kept))
    flagged = any(spot.get("agent", "websocket") for _, spot, _ in found)
    for doc, spot, sure in found:
        if not sure:
            where = ".".join(spot.path) or "the file"
            notes.by_hand(
                doc,
                spot,
                f"{where} may be values of the Jenkins chart: agent.websocket is false",
                "agent.websocket: true if it is",
            )
        elif not_deployed(kept, doc):
            notes.by_hand(
                doc,
                spot,
                "no Application or release of these files names this file: nothing deploys it",
                "agent.websocket: true, no jenkinsTunnel, if it is in use",
            )
        else:
            _values(notes, doc, spot, flagged)
    if not flagged:
        _unflagged(notes, found)
    for doc in kept.docs:
        _oldest(notes, doc)
    return notes.found()


def _unflagged(notes: Notes, found: list[tuple[Doc, Spot, bool]]) -> None:
    """No values say ``agent.websocket``, whose default is false; a tunnel makes place for it."""
    for doc, spot, sure in found:
        top = next((top for name in _TOPS if (top := spot.get(name))), None)
        if sure and top is not None and not is_set(spot.get("agent", "jenkinsTunnel")):
            notes.by_hand(
                doc, top, "no values here set agent.websocket: the chart's default is TCP",
                "agent.websocket: true, unless the pods' cloud is configured elsewhere",
            )  # fmt: skip
            return


def _values(notes: Notes, doc: Doc, spot: Spot, flagged: bool) -> None:
    agent = spot.get("agent")
    if agent is not None and agent.node.kind == "map":
        _agent(notes, doc, agent, flagged)
    for extra in ("additionalAgents", "additionalClouds"):
        for one in s.children() if (s := spot.get(extra)) else ():
            if one.node.kind == "map":
                inner = one.get("agent") if extra == "additionalClouds" else one
                if inner is not None and inner.node.kind == "map":
                    _agent(notes, doc, inner, True)
    for name in _TOPS:
        top = spot.get(name)
        if top is not None and top.node.kind == "map":
            _top(notes, doc, top)


def _agent(notes: Notes, doc: Doc, agent: Spot, flagged: bool) -> None:
    flag, tunnel = agent.get("websocket"), agent.get("jenkinsTunnel")
    where = ".".join(agent.path)
    if flag is not None:
        switch(notes, doc, agent, where, "jenkinsTunnel")
    elif tunnel is not None and is_set(tunnel):
        why = f"{where} to WebSocket"
        notes.edit(
            doc,
            tunnel,
            f"{where}.jenkinsTunnel is set",
            "websocket: true, no jenkinsTunnel",
            lambda: (
                take_out(doc, [tunnel], "nodes", why)
                if flagged
                else replace_entry(doc, tunnel, "websocket: true", why)
            ),
        )


def _top(notes: Notes, doc: Doc, top: Spot) -> None:
    where = ".".join(top.path)
    tunnel = top.get("slaveJenkinsTunnel")
    if tunnel is not None and is_set(tunnel):
        notes.edit(
            doc, tunnel, f"{where}.slaveJenkinsTunnel is set", "no tunnel",
            lambda: take_out(doc, [tunnel], "nodes", "no tunnel"),
        )  # fmt: skip
    _listener(notes, doc, top)
    for name in _OPTS:
        opts = top.get(name)
        if opts is not None:
            _options(notes, doc, opts)
    for env in (s for name in ("containerEnv", "initContainerEnv") if (s := top.get(name))):
        for item in env.children():
            value = item.get("value")
            if item.value("name") == "JENKINS_SLAVE_AGENT_PORT" and value is not None:
                if value.node.value != "-1":
                    _env_port(notes, doc, value)
            elif item.value("name") == "JAVA_OPTS" and value is not None:
                _options(notes, doc, value)
    script = top.get("JCasC", "defaultConfig")
    if script is not None and script.node.value == "true":
        notes.tell(
            doc,
            script,
            f"{where}.JCasC.defaultConfig: from chart 5.8.13 on the chart writes slaveAgentPort, "
            "too, and JCasC stops at two values that differ (errorOnConflict)",
            "one of the two places, never a change of one alone",
        )


def _env_port(notes: Notes, doc: Doc, value: Spot) -> None:
    notes.edit(
        doc, value, f"JENKINS_SLAVE_AGENT_PORT is {value.node.value}", '"-1"',
        lambda: set_to(doc, value, '"-1"', "close", "TCP agent port off"),
    )  # fmt: skip


def _listener(notes: Notes, doc: Doc, top: Spot) -> None:
    children = list(top.children())
    spare = any(s.node.kind == "scalar" and s.node.start == s.node.end for s in children)
    for prefix in ("agentListener", "slaveListener"):
        kind = top.get(f"{prefix}ServiceType")
        if kind is not None and kind.node.value in OPEN_TYPES:
            quote = kind.node.style if kind.node.style in ("'", '"') else ""
            new = f"{quote}ClusterIP{quote}"
            notes.edit(
                doc, kind, f"{'.'.join(kind.path)} is {kind.node.value}: it opens the agent port",
                "ClusterIP, after the agents moved",
                lambda kind=kind, new=new: set_to(doc, kind, new, "close", "close the listener"),  # type: ignore[misc]
            )  # fmt: skip
        for name in ("NodePort", "HostPort"):
            port = top.get(f"{prefix}{name}")
            if port is not None and is_set(port):
                notes.edit(
                    doc, port, f"{'.'.join(port.path)} fixes {port.node.value}",
                    "no value, after the agents moved",
                    lambda port=port: _unset(doc, port)  # type: ignore[misc]
                    if spare
                    else take_out(doc, [port], "close", "close the listener"),
                )  # fmt: skip


def _unset(doc: Doc, spot: Spot) -> list[FileEdit]:
    text, node = doc.file.text, spot.node
    if node.shared or spot.key is None:
        raise NotEditable("an anchor shares it with other places")
    start = spot.key.end + len(text[spot.key.end : node.start].rstrip())
    end = node.start + len(text[node.start : node.end].rstrip())
    return [FileEdit(doc.file.path, start, end, "", "close", "close the listener")]


def _options(notes: Notes, doc: Doc, opts: Spot) -> None:
    node, text = opts.node, doc.file.text
    if node.kind != "scalar":
        return
    for found in _PORT.finditer(text, node.start, node.end):
        start, end = found.span(2)
        edit = FileEdit(doc.file.path, start, end, "-1", "close", "TCP agent port off")
        notes.edit(
            doc, opts, f"{'.'.join(opts.path)} sets slaveAgentPort={found[2]}",
            "slaveAgentPort=-1, after the agents moved",
            lambda edit=edit: [edit],  # type: ignore[misc]
        )  # fmt: skip


def _oldest(notes: Notes, doc: Doc) -> None:
    for spot in doc.root.all():
        if spot.path[-1:] != ("Master",) or spot.node.kind != "map":
            continue
        for child in spot.children():
            key = child.path[-1]
            told = key in ("SlaveListenerServiceType", "SlaveListenerPort", "SlaveJenkinsTunnel")
            if told and is_set(child):
                notes.by_hand(
                    doc, child, f"Master.{key}: a chart this old knows no WebSocket",
                    "a chart from 2.13.0 on, then agent.websocket: true",
                )  # fmt: skip
