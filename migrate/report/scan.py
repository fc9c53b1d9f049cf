"""The report of a scan: what there is, what stands in the way, what was not seen."""

from collections import Counter

from migrate.model.finding import Finding
from migrate.model.inventory import (
    Inventory,
    Launch,
    LauncherKind,
    LaunchKind,
    Node,
    ProbeAnswer,
    Transport,
    Verdict,
)
from migrate.report import findings as findings_part
from migrate.report import skips as skips_part
from migrate.report import summary
from migrate.report.document import (
    MANY,
    Badge,
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    Fields,
    Heading,
    Line,
    Para,
    Pre,
    Tone,
    by_kind,
    filled,
    line,
    plural,
)

_TRANSPORT_TONES = {
    Transport.WEBSOCKET: Tone.GOOD,
    Transport.TCP: Tone.WARN,
    Transport.UNKNOWN: Tone.MUTED,
}
_VERDICT_TONES = {
    Verdict.PASS: Tone.GOOD,
    Verdict.FAIL: Tone.BAD,
    Verdict.INCONCLUSIVE: Tone.WARN,
}


def document(inventory: Inventory, findings: tuple[Finding, ...]) -> Document:
    """The whole report."""
    stops = findings_part.blockers(findings)
    blocks: list[Block] = [
        *skips_part.head(inventory.skips),
        Callout(
            Tone.BAD if stops else Tone.GOOD if not to_move(inventory) else Tone.PLAIN,
            line(headline(inventory), f" Findings: {findings_part.summary(findings)}."),
            tuple(Para(line(f"{f.id} {f.subject}: {f.summary}"), Tone.BAD) for f in stops),
        ),
        summary.of_scan(inventory, findings, _next(inventory, bool(stops))),
        Heading(2, line("Installation")),
        Fields(_facts(inventory)),
    ]
    if findings:
        blocks += [Heading(2, line("Findings")), *findings_part.blocks(findings)]
    if inventory.skips:
        blocks += [Heading(2, line("Not read")), *skips_part.table(inventory.skips)]
    blocks += [Heading(2, line("Nodes")), _nodes(inventory)]
    edges = _edge_lines(inventory)
    if edges:
        blocks += [Heading(2, line("Ingress controllers and proxies")), Bullets(edges)]
    blocks += _exposures(inventory)
    if inventory.probes:
        blocks += [Heading(2, line("Probes")), _probes(inventory.probes)]
    blocks += [Heading(2, line("Next")), Pre(_next(inventory, bool(stops)))]
    return Document(f"Scan of {inventory.controller.url}", tuple(blocks))


def brief(inventory: Inventory, findings: tuple[Finding, ...]) -> Document:
    """What fits on a screen: a line per finding, the nodes, what is open, what to do next."""
    stops = findings_part.blockers(findings)
    tone = Tone.BAD if stops else Tone.GOOD if not to_move(inventory) else Tone.PLAIN
    told = line(headline(inventory), f" Findings: {findings_part.summary(findings)}.")
    blocks: list[Block] = [
        *skips_part.head(inventory.skips),
        Callout(tone, told),
        summary.of_scan(inventory, findings, _next(inventory, bool(stops))),
        Heading(2, line("Installation")),
        Fields(_facts(inventory)),
    ]
    if findings:
        blocks += [Heading(2, line("Findings")), *findings_part.one_liners(findings)]
    if inventory.skips:
        count = plural(len(inventory.skips), "thing")
        blocks.append(Para(line(f"{count} could not be read: migrate scan --details"), Tone.MUTED))
    many = len(inventory.nodes) > MANY
    blocks += [Heading(2, line("Nodes")), _nodes(inventory, brief=many)]
    if many:
        by_name = Code("migrate scan --details")
        blocks.append(Para(line("Each node by name: ", by_name), Tone.MUTED))
    edges = _edge_lines(inventory)
    if edges:
        blocks += [Heading(2, line("Ingress controllers and proxies")), Bullets(edges)]
    ways = inventory.cluster.exposures if inventory.cluster else ()
    if ways:
        items = tuple(
            line(f"{e.kind}: {e.object_kind} {e.namespace}/{e.name} {e.key}".rstrip()) for e in ways
        )
        title = "What lets the TCP port be reached, from outside inwards"
        blocks += [Heading(2, line(title)), Bullets(items)]
    more = "migrate scan --details    # evidence, cause and fix of each finding; probes\n"
    blocks += [Heading(2, line("Next")), Pre(more + _next(inventory, bool(stops)))]
    return Document(f"Scan of {inventory.controller.url}", tuple(blocks))


def inbound(inventory: Inventory) -> list[Node]:
    """Nodes whose agents dial in."""
    return [n for n in inventory.nodes if n.launcher is LauncherKind.INBOUND]


def to_move(inventory: Inventory) -> list[Node]:
    """Inbound nodes not known to be on WebSocket."""
    return [n for n in inbound(inventory) if n.transport is not Transport.WEBSOCKET]


def headline(inventory: Inventory) -> str:
    """One sentence: how many of how many are to be moved."""
    all_in, left = inbound(inventory), to_move(inventory)
    if not all_in:
        return "No inbound agent was found."
    if not left:
        told = "is" if len(all_in) == 1 else "are"
        return f"{_all(len(all_in))} {told} on WebSocket already."
    return (
        f"{len(left)} of {plural(len(all_in), 'inbound agent')} "
        f"{'has' if len(left) == 1 else 'have'} to be moved to WebSocket; "
        f"{len(all_in) - len(left)} {'is' if len(all_in) - len(left) == 1 else 'are'} on it."
    )


def _all(count: int) -> str:
    return "The only inbound agent" if count == 1 else f"All {count} inbound agents"


def launch_word(node: Node) -> str:
    """How the agent is started: the launch where one was read, else the launcher."""
    if node.launcher is not LauncherKind.INBOUND:
        return node.launcher.value
    if node.launch is None or node.launch.kind is LaunchKind.UNKNOWN:
        return "launch not known"
    asserted = " (asserted)" if node.launch.asserted else ""
    return node.launch.kind.value + asserted


def _starters(inventory: Inventory) -> list[str]:
    """What started each agent, of those whose launch was read on their hosts."""
    return [
        _starter(node.launch)
        for node in inbound(inventory)
        if node.launch is not None and not node.launch.asserted
    ]


def _starter(launch: Launch) -> str:
    if launch.supervisor != "none":
        return launch.supervisor
    return "script" if launch.launch_files else "no supervisor"


def _counted(words: list[str]) -> str:
    counts = Counter(words)
    return ", ".join(f"{n} {word}" for word, n in sorted(counts.items(), key=lambda i: -i[1]))


def port_word(inventory: Inventory) -> str:
    """The agent port in words."""
    port = inventory.controller.agent_port
    match port.mode:
        case "fixed":
            return f"{port.configured} (fixed)"
        case "random":
            return f"random, now {port.advertised or 'not known'}"
        case "off":
            return "off"
    return "not readable"


def _facts(inventory: Inventory) -> tuple[tuple[str, Line], ...]:
    c = inventory.controller
    cluster = inventory.cluster
    return (
        ("Launches", line(_counted([launch_word(n) for n in inventory.nodes]) or "no nodes")),
        *(
            (("Started by", line(_counted(starters))),)
            if (starters := _starters(inventory))
            else ()
        ),
        ("Transports", line(_counted([n.transport.value for n in inbound(inventory)]) or "none")),
        ("Controller", line(Code(c.url), f" Jenkins {c.version}")),
        ("agent.jar served", line(c.jar_version or "not read")),
        ("Agents are told", line(Code(c.inbound_url or c.root_url or "nothing: no URL is set"))),
        ("TCP agent port", line(port_word(inventory))),
        (
            "Cluster",
            line(Code(cluster.context), f" Kubernetes {cluster.server_version}")
            if cluster
            else line("not read" if _cluster_failed(inventory) else "none in play"),
        ),
        ("Read as", line(Code(c.user or "anonymous"), f", by {inventory.read_by}")),
        ("Scanned", line(f"{inventory.scanned_at}, migrate {inventory.tool_version}")),
    )


def state_word(node: Node) -> str:
    """Connected or not, at work, marked by whom."""
    state = "online"
    if not node.online:
        state = "never connected" if node.ever_connected is False else "offline"
    if node.busy:
        state += f", {node.busy} busy"
    if node.offline_mark is not None:
        by = f" by {node.offline_mark.by}" if node.offline_mark.by else ""
        why = f": {node.offline_mark.reason}" if node.offline_mark.reason else ""
        state += f", marked offline{by}{why}"
    elif not node.online and node.offline_reason and node.ever_connected is not False:
        state += f": {node.offline_reason}"
    return state


def _notes(node: Node) -> Line:
    """State, and what the configuration says that the transport does not."""
    notes = [state_word(node)]
    if node.web_socket and node.transport is Transport.TCP:
        notes.append("webSocket is set")
    if node.tunnel:
        notes.append(f"tunnel {node.tunnel}")
    return line("; ".join(notes))


def _transport(node: Node) -> Line:
    if node.launcher is not LauncherKind.INBOUND and node.transport is Transport.UNKNOWN:
        return ()
    return line(Badge(node.transport.value, _TRANSPORT_TONES[node.transport]))


_NODE_COLUMNS = ("Node", "Launch", "Transport", "Remoting", "State", "Labels")


def _nodes(inventory: Inventory, *, brief: bool = False) -> Block:
    if not inventory.nodes:
        return Para(line("No node was read."))
    rows: list[tuple[Line, ...]] = [
        (
            line(Code(node.name)),
            line(launch_word(node)),
            _transport(node),
            line(node.remoting_version or ""),
            _notes(node),
            line(" ".join(node.labels)),
        )
        for node in inventory.nodes
    ]
    if brief:
        # Labels would tell most nodes of a fleet apart.
        return by_kind(_NODE_COLUMNS, rows, 0, (_NODE_COLUMNS.index("Labels"),))
    return filled(_NODE_COLUMNS, rows)


def _exposures(inventory: Inventory) -> list[Block]:
    if inventory.cluster is None:
        return []
    rows: list[tuple[Line, ...]] = [
        (
            line(e.kind.value),
            line(Code(f"{e.object_kind} {e.namespace}/{e.name}")) if e.object_kind else line("-"),
            line(Code(e.key)) if e.key else (),
            line(str(e.port), f" (node port {e.node_port})" if e.node_port else ""),
            line(e.value),
            line(f"{e.owner.kind} {e.owner.name}" if e.owner else ""),
        )
        for e in inventory.cluster.exposures
    ]
    head = Heading(2, line("What lets the TCP port be reached, from outside inwards"))
    if not rows:
        told = "Nothing in the cluster leads to the agent port."
        if inventory.cluster.unread or any(s.leaves_open for s in inventory.skips):
            told = "Nothing that was read leads to the agent port; see what was not read."
        return [head, Para(line(told))]
    return [head, filled(("Kind", "Object", "Key", "Port", "Leads to", "Owner"), rows)]


def _edge_lines(inventory: Inventory) -> tuple[Line, ...]:
    """Each edge and proxy, and how much of it is read."""
    cluster = inventory.cluster
    return tuple(
        line(
            Code(f"{e.kind} {e.namespace}/{e.name}"),
            f": {e.product or (e.image if e.implementation == 'other' else e.implementation)}, ",
            e.reading.value,
            f": {e.carries}" if e.carries else "",
        )
        for e in ((*cluster.edge_controllers, *cluster.proxies) if cluster else ())
    )


def _cluster_failed(inventory: Inventory) -> bool:
    return any(s.subject == "cluster" and s.what == "cluster" for s in inventory.skips)


def _probes(answers: tuple[ProbeAnswer, ...]) -> Block:
    rows: list[tuple[Line, ...]] = [
        (
            line(Code(a.id)),
            line(Badge(a.verdict.value, _VERDICT_TONES[a.verdict])),
            line(Code(a.request)),
            line(a.answer),
            line(a.cause),
        )
        for a in answers
    ]
    return filled(("Probe", "Verdict", "Request", "Answer", "Meaning"), rows)


def _next(inventory: Inventory, blocked: bool) -> str:
    if blocked:
        return (
            "migrate explain ID    # a finding's page\nmigrate scan          # again, after the fix"
        )
    unsure = any(s.leaves_open for s in inventory.skips) or _cluster_failed(inventory)
    closed = (
        inventory.controller.agent_port.mode == "off"
        and not (inventory.cluster and inventory.cluster.exposures)
        and not unsure
    )
    if not to_move(inventory) and closed:
        return "migrate verify"
    return "migrate plan --name NAME"
