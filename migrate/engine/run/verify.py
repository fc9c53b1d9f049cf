"""Is everything on WebSocket and the port closed, right now?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from migrate.engine.run.ways_now import Ways
from migrate.model.errors import MigrateError
from migrate.model.inventory import Skip, Transport
from migrate.model.ports import ClusterPort, ControllerPort, ProbePort
from migrate.model.serialize import SCHEMA_VERSION
from migrate.steps.controller.ways_from_hosts import try_from_hosts
from migrate.steps.controller.ways_tried import Tried, WayState, try_all

WORKERS = 10


@dataclass(frozen=True)
class Sight:
    """What was seen; as it is, the answer of ``migrate verify -o json``."""

    good: bool
    websocket: tuple[str, ...]
    other: tuple[str, ...]
    """Connected in a way that does not need the port (SSH, command)."""
    tcp: tuple[str, ...]
    unknown: tuple[str, ...]
    """Connected, but the log does not say over what; or not readable."""
    offline: tuple[str, ...]
    listener_on: bool
    ways: tuple[Tried, ...]
    """Every way in to the agent port, and what trying it came to."""
    unread: tuple[Skip, ...] = ()
    """What may be a way in, and could not be read."""
    schema_version: int = SCHEMA_VERSION

    @property
    def begun(self) -> bool:
        """Whether a part of it is closed already: then what is left is left over."""
        shut = (WayState.CLOSED, WayState.GONE)
        was_open = (way for way in self.ways if way.place.reached)
        return not self.listener_on or any(way.state in shut for way in was_open)

    @property
    def verdict(self) -> str:
        """One sentence; "closed" of nothing that was not tried."""
        if not self.good:
            open_too = self.tcp or self.unknown or self.listener_on
            open_too = open_too or any(way.state is WayState.OPEN for way in self.ways)
            return "NOT closed." if open_too else "NOT proven closed: see what was not tried."
        if self.unread or not self.ways:
            return "Verified: closed, as far as the ways in are known."
        return "Verified: closed."

    def lines(self) -> tuple[str, ...]:
        """For a person."""
        out = [f"{len(self.websocket)} node(s) on WebSocket"]
        out += [f"{len(self.other)} connected otherwise (SSH, command)"] if self.other else []
        for names, told in (
            (self.tcp, "STILL OVER TCP"),
            (self.unknown, "CANNOT TELL"),
            (self.offline, "offline, so nobody can tell"),
        ):
            out += [f"{told}: {', '.join(names)}"] if names else []
        out.append(f"TCP listener of the controller: {'ON' if self.listener_on else 'off'}")
        out += [way.line for way in self.ways]
        if not self.ways:
            out.append("no address of the TCP port is known (--agent-address HOST:PORT)")
        out += [f"not tried: {skip.subject}: {skip.reason}" for skip in self.unread]
        out.append(self.verdict)
        return tuple(out)


def look_now(
    jenkins: ControllerPort,
    prober: ProbePort,
    cluster: ClusterPort | None,
    ways: Ways,
    progress: Callable[[str, int, int], None],
) -> Sight:
    """Read every node's log and the listener, and try every way in: from here, else from hosts of
    agents that are connected."""
    names = jenkins.node_names()
    done = 0

    def one(name: str) -> tuple[str, str]:
        try:
            state, log = jenkins.node_state(name), jenkins.agent_log(name)
        except MigrateError:
            return name, "unknown"
        if not state.online:
            return name, "offline"
        if log.transport is Transport.UNKNOWN and log.protocol:
            return name, "other"
        return name, str(log.transport)

    kinds: dict[str, list[str]] = {}
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for name, kind in pool.map(one, names):
            done += 1
            progress("logs", done, len(names))
            kinds.setdefault(kind, []).append(name)
    listener = jenkins.tcp_listener_on()
    connected = (*kinds.get("websocket", ()), *kinds.get("tcp", ()))
    tried = try_all(ways.places, prober, cluster)
    tried = try_from_hosts(tried, jenkins, cluster, connected)
    return Sight(
        _good(kinds, listener, tried),
        tuple(kinds.get("websocket", ())),
        tuple(kinds.get("other", ())),
        tuple(kinds.get("tcp", ())),
        tuple(kinds.get("unknown", ())),
        tuple(kinds.get("offline", ())),
        listener,
        tried,
        ways.unread,
    )


def _good(kinds: dict[str, list[str]], listener: bool, tried: tuple[Tried, ...]) -> bool:
    shut = (WayState.CLOSED, WayState.GONE)
    needed = kinds.get("tcp") or kinds.get("unknown") or listener
    return not needed and all(way.state in shut for way in tried)
