"""Is everything on WebSocket and the port closed, right now?"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from migrate.model.errors import MigrateError
from migrate.model.inventory import Skip, Transport
from migrate.model.plan import Plan
from migrate.model.ports import ControllerPort, ProbePort

WORKERS = 10


@dataclass(frozen=True)
class Sight:
    """What was seen."""

    good: bool
    websocket: tuple[str, ...]
    other: tuple[str, ...]
    """Connected in a way that does not need the port (SSH, command)."""
    tcp: tuple[str, ...]
    unknown: tuple[str, ...]
    """Connected, but the log does not say over what; or not readable."""
    offline: tuple[str, ...]
    listener_on: bool
    port: str
    """What a TCP connection was answered; empty when no address is known."""
    port_closed: bool | None

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
        out.append(self.port or "TCP port from outside: not tried (--agent-address HOST:PORT)")
        out.append("Verified: closed." if self.good else "NOT closed.")
        return tuple(out)


def look_now(
    jenkins: ControllerPort,
    prober: ProbePort,
    host: str,
    port: int,
    progress: Callable[[str, int, int], None],
) -> Sight:
    """Read every node's log, the listener, and the port from outside (``port`` 0: not tried)."""
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
    answer = prober.tcp_port(host, port) if port > 0 else None
    closed = None if answer is None else answer.code == "port-closed"
    good = (
        not kinds.get("tcp") and not kinds.get("unknown") and not listener and closed is not False
    )
    return Sight(
        good,
        tuple(kinds.get("websocket", ())),
        tuple(kinds.get("other", ())),
        tuple(kinds.get("tcp", ())),
        tuple(kinds.get("unknown", ())),
        tuple(kinds.get("offline", ())),
        listener,
        f"{host}:{port}: {answer.answer}" if answer else "",
        closed,
    )


def planned_address(url: str) -> tuple[str, int] | None:
    """Where the newest plan for this controller expects the TCP port."""
    for plan in _plans(url):
        steps = [s for s in plan.steps() if s.kind == "verify-closed"]
        if steps:
            return str(steps[0].params["host"]), int(steps[0].params["port"])
    return None


def left_open(url: str) -> tuple[Skip, ...]:
    """What the newest plan for this controller could not read or close, and may be a way in."""
    plan = next(_plans(url), None)
    return tuple(s for s in plan.skips if s.leaves_open) if plan is not None else ()


def _plans(url: str) -> Iterator[Plan]:
    """Plans for this controller below ``plans/``, the newest first."""
    from migrate.files.plan_folder import read_plan

    newest = sorted(Path("plans").glob("*/plan.yaml"), key=lambda p: p.stat().st_mtime)
    for path in reversed(newest):
        try:
            plan = read_plan(path, verify_id=False)
        except MigrateError:
            continue
        if plan.target.controller_url == url:
            yield plan
