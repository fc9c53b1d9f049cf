"""TCP servers of nginx' ``stream`` that lead to the agent port, and how they go. Pure.

The port's number alone ties nothing to Jenkins: Talos and DB2 listen on 50000, too.
"""

from collections.abc import Sequence
from typing import NamedTuple

from migrate.model.finding import Severity
from migrate.sources.evidence import AGENT_PORT, AGENT_PORT_NAMES, words
from migrate.sources.http_way import PING
from migrate.sources.nginx.backends import hosts_of, upstreams
from migrate.sources.nginx.conf import Block, Conf
from migrate.sources.nginx.effective import PLAIN, Values, seconds, value
from migrate.sources.nginx.signs import JENKINS, OTHER
from migrate.sources.nginx.ways import Way
from migrate.sources.text_notes import TextNotes
from migrate.splice.nginx_edit import out

_AGENTS = {
    "agent", "agents", "jnlp", "slave", "slaves", "inbound", "jnlp4", "remoting", "swarm",
}  # fmt: skip
_PAGES = {"80", "443", "8080", "8443", "22", "50022"}
_LOCAL = {"127.0.0.1", "localhost", "[::1]"}


class Tcp(NamedTuple):
    """A server of ``stream`` and where it leads."""

    server: Block
    listens: tuple[str, ...]
    target: str
    hosts: tuple[tuple[str, str], ...]
    upstream: Block | None


def tcp_servers(stream: Block) -> list[Tcp]:
    """All servers with a ``proxy_pass``."""
    values = Values(stream)
    known = upstreams(stream)
    found = []
    for server in stream.named("server"):
        passing = next(server.named("proxy_pass"), None)
        if passing is None or not passing.args:
            continue
        target = values.of(passing.args[0], (stream, server), PLAIN) or passing.args[0]
        upstream = known.get(target)
        hosts = tuple(
            pair
            for one in _targets(values, target)
            for pair in hosts_of(known.get(one))
            or [(one.rpartition(":")[0], one.rpartition(":")[2])]
        )
        listens = tuple(b.args[0] for b in server.named("listen") if b.args)
        found.append(Tcp(server, listens, target, hosts, upstream))
    return found


def _targets(values: Values, target: str) -> list[str]:
    """Itself, or all that the map of a variable may lead to."""
    block = values.maps.get(target.lstrip("$")) if target.startswith("$") else None
    return [entry.args[0] for entry in block.children if entry.args] if block else [target]


def streams(notes: TextNotes, conf: Conf, ways: Sequence[Way]) -> None:
    """Servers that lead agents to Jenkins go, with upstreams that nothing else uses."""
    for stream in conf.context("stream"):
        servers = tcp_servers(stream)
        judged = [(one, _verdict(one, ways)) for one in servers]
        gone = [one for one, verdict in judged if verdict == "jenkins"]
        for one, verdict in judged:
            _tell(notes, one, verdict)
            _passed_through(notes, stream, one)
        _take_out(notes, conf, stream, servers, gone)


def _port_of(listen: str) -> str:
    return listen.rpartition(":")[2]


def _verdict(one: Tcp, ways: Sequence[Way]) -> str:
    """``jenkins``, ``unclear``, ``number`` (only that says so) or ``other``."""
    ports = {port for _, port in one.hosts} | {_port_of(listen) for listen in one.listens}
    inner = {port for _, port in one.hosts}
    names = [one.target, *(host for host, _ in one.hosts)]
    near = [*names, _around(one.server)]
    if one.upstream is not None:
        near.append(_around(one.upstream))
    said = set().union(*(words(text) for text in names))
    agents = bool(set().union(*(words(text) for text in near)) & _AGENTS) or any(
        text.lower() in AGENT_PORT_NAMES for text in names
    )
    jenkins = any(JENKINS.search(text) for text in near)
    if inner <= _PAGES or "udp" in _options(one.server):
        return "other"
    if said & OTHER:
        return "number" if AGENT_PORT in ports else "other"
    if jenkins and (agents or AGENT_PORT in ports):
        return "jenkins"
    sure = [way for way in ways if way.sure and way.backend]
    hosts = {host for way in sure for host in _backend_hosts(way)}
    same = {host for host, _ in one.hosts} & hosts
    if same and (AGENT_PORT in ports or agents):
        # On this machine itself, other programs are at home, too: then a second sign is asked for.
        told = any(way.why.startswith("it says") for way in sure)
        return "jenkins" if agents or not same <= _LOCAL or told else "unclear"
    if agents and AGENT_PORT in ports:
        return "unclear"
    return "number" if AGENT_PORT in ports else "other"


def _backend_hosts(way: Way) -> list[str]:
    if way.backend is None:
        return []
    return [way.backend.host, *(host for host, _ in hosts_of(way.backend.upstream))]


def _options(server: Block) -> set[str]:
    return {word for block in server.named("listen") for word in block.args[1:]}


def _around(block: Block) -> str:
    """The block's text and the comment above it."""
    text = block.file.text
    start = block.directive.start
    while True:
        line = text.rfind("\n", 0, max(start - 1, 0)) + 1
        if line >= start or not text[line:start].strip().startswith("#"):
            break
        start = line
    return text[start : block.directive.end]


def _label(one: Tcp) -> str:
    ports = ", ".join(one.listens) or "no port"
    hosts = ", ".join(f"{host}:{port}" if port else host for host, port in one.hosts)
    return f"stream server on {ports} passes TCP to {hosts}"


def _tell(notes: TextNotes, one: Tcp, verdict: str) -> None:
    if verdict == "unclear":
        notes.by_hand(
            one.server.file, one.server.directive.start,
            f"{_label(one)}, which may be Jenkins or not",
            "if it is: take this server out once no agent uses the port",
        )  # fmt: skip
    elif verdict == "number":
        notes.tell(
            one.server.file, f"{_label(one)}, which nothing ties to Jenkins", "nothing",
            at=one.server.directive.start, severity=Severity.INFO,
        )  # fmt: skip


def _passed_through(notes: TextNotes, stream: Block, one: Tcp) -> None:
    """HTTPS that is passed on as it is keeps an idle WebSocket only so long."""
    told = seconds(value((stream, one.server), "proxy_timeout"))
    https = {_port_of(listen) for listen in one.listens} & {"443", "8443", "80"}
    if https and told is not None and told <= PING:
        notes.by_hand(
            one.server.file, one.server.directive.start,
            f"{_label(one)} and ends what is idle for {told:g} s, not above Jenkins' ping of "
            f"{PING} s", "proxy_timeout 1h;",
        )  # fmt: skip


def _take_out(
    notes: TextNotes, conf: Conf, stream: Block, servers: list[Tcp], gone: list[Tcp]
) -> None:
    staying = {one.target for one in servers if one not in gone}
    write = "take it out, after the agents moved; then nginx -t && nginx -s reload"
    by_file: dict[str, list[Block]] = {}
    told: dict[str, list[str]] = {}
    for one in gone:
        shared = conf.times[one.server.file.path] > 1
        variable = "$" in " ".join(next(one.server.named("proxy_pass")).args)
        if shared or variable:
            why = "its file is included twice" if shared else "a variable decides where it leads"
            notes.by_hand(
                one.server.file, one.server.directive.start, f"{_label(one)}; not edited: {why}",
                write,
            )  # fmt: skip
            continue
        notes.tell(one.server.file, _label(one), write, at=one.server.directive.start)
        by_file.setdefault(one.server.file.path, []).append(one.server)
        told.setdefault(one.server.file.path, []).append(_label(one))
        used = _uses(stream, one)
        if one.upstream is not None and one.target not in staying and not used:
            blocks = by_file.setdefault(one.upstream.file.path, [])
            if one.upstream not in blocks:
                blocks.append(one.upstream)
    for blocks in by_file.values():
        file = blocks[0].file
        why = "; ".join(told.get(file.path, ["upstream of the agents' port"]))
        within = next((b for b in (stream,) if b.file is file), None)
        directives = sorted((b.directive for b in blocks), key=lambda d: d.start)
        if within is not None and _nothing_left(within, blocks):
            notes.splice(file, out(file.text, [within.directive], None), "close", why)
            continue
        holder = within.directive if within else None
        notes.splice(file, out(file.text, directives, holder), "close", why)


def _uses(stream: Block, one: Tcp) -> bool:
    """Whether a map leads to its upstream, too."""
    return any(
        one.target in entry.args for block in stream.named("map") for entry in block.children
    )


def _nothing_left(stream: Block, gone: list[Block]) -> bool:
    """Whether the block would hold nothing, not even a comment."""
    text, at = stream.file.text, stream.directive.open + 1
    rest = ""
    for block in sorted(gone, key=lambda b: b.directive.start):
        rest += text[at : block.directive.start]
        at = block.directive.end
    return not (rest + text[at : stream.directive.end - 1]).strip()
