"""What ``migrate verify`` saw, as a page and as facts."""

from migrate.engine.run.verify import Sight
from migrate.model.finding import Severity
from migrate.report.document import Bullets, Callout, Document, Tone, line
from migrate.report.machine.facts import (
    Case,
    CaseState,
    Facts,
    Remark,
    Rows,
    counted,
    one,
)
from migrate.steps.controller.ways_tried import WayState

_SHUT = (WayState.CLOSED, WayState.GONE)


def page(sight: Sight, url: str) -> Document:
    """The same lines as on a terminal."""
    *rows, verdict = sight.lines()
    head = Callout(Tone.GOOD if sight.good else Tone.BAD, line(verdict))
    return Document(f"Verification of {url}", (head, Bullets(tuple(line(row) for row in rows))))


def facts(sight: Sight, url: str) -> Facts:
    """Nodes, the listener, and every way in."""
    nodes = _nodes(sight)
    cases = [
        *(Case("migrate.nodes", name, state, told) for name, state, told in nodes),
        Case(
            "migrate.port",
            "TCP listener of the controller",
            CaseState.FAILED if sight.listener_on else CaseState.PASSED,
            "ON" if sight.listener_on else "off",
        ),
    ]
    ways = [
        (f"{way.place.at} ({way.place.named})", _way_state(way.state), way.line)
        for way in sight.ways
    ]
    cases += [Case("migrate.ways", name, state, told) for name, state, told in ways]
    cases += [
        Case("migrate.ways", skip.subject, CaseState.SKIPPED, f"not tried: {skip.reason}")
        for skip in sight.unread
    ]
    return Facts(
        f"verify/{url}",
        tuple(_remark(case) for case in cases if case.state is not CaseState.PASSED),
        tuple(cases),
        Rows(
            ("kind", "what", "verdict", "detail"),
            tuple((c.group.partition(".")[2], c.name, c.state.value, c.message) for c in cases),
        ),
        (
            one("migrate_verified", "1 when all is closed.", sight.good, controller=url),
            one("migrate_listener_on", "1 while it listens.", sight.listener_on, controller=url),
            counted(
                "migrate_connections",
                "Nodes by what their connection runs on.",
                "over",
                {
                    "websocket": len(sight.websocket),
                    "tcp": len(sight.tcp),
                    "other": len(sight.other),
                    "unknown": len(sight.unknown),
                    "offline": len(sight.offline),
                },
                controller=url,
            ),
            counted(
                "migrate_ways_tried",
                "Ways in to the agent port by what trying them came to.",
                "state",
                {state.value: _count(sight, state) for state in WayState},
                controller=url,
            ),
        ),
    )


def _count(sight: Sight, state: WayState) -> int:
    return sum(way.state is state for way in sight.ways)


def _nodes(sight: Sight) -> list[tuple[str, CaseState, str]]:
    kinds = (
        (sight.websocket, CaseState.PASSED, "on WebSocket"),
        (sight.other, CaseState.PASSED, "connected otherwise (SSH, command)"),
        (sight.tcp, CaseState.FAILED, "still over TCP"),
        (sight.unknown, CaseState.FAILED, "cannot tell"),
        (sight.offline, CaseState.SKIPPED, "offline, so nobody can tell"),
    )
    return [(name, state, told) for names, state, told in kinds for name in names]


def _way_state(state: WayState) -> CaseState:
    if state in _SHUT:
        return CaseState.PASSED
    return CaseState.FAILED if state is WayState.OPEN else CaseState.SKIPPED


_RULES = {"migrate.nodes": "node", "migrate.port": "way", "migrate.ways": "way"}
_WORDS = {CaseState.FAILED: "open", CaseState.SKIPPED: "not-proven"}


def _remark(case: Case) -> Remark:
    rule = f"{_RULES[case.group]}.{_WORDS[case.state]}"
    severity = Severity.BLOCKER if case.state is CaseState.FAILED else Severity.WARNING
    return Remark(rule, severity, case.name, f"{case.name}: {case.message}")
