"""What each report opens with: a few lines that are enough for who has only a minute."""

import math
from collections import Counter
from datetime import datetime
from itertools import takewhile

from migrate.model.finding import Finding
from migrate.model.inventory import Inventory, Skip
from migrate.model.names import StageName
from migrate.model.plan import NODE_STEPS, Plan
from migrate.model.plan_steps import NodeStep
from migrate.model.run import Run, RunStep, StepState
from migrate.report import findings as findings_part
from migrate.report.document import Block, Callout, Document, Fields, Heading, Line, line, plural

AWAY = 15
"""Seconds that a node is away as a rule: an agent waits 10 s before it connects again (facts E),
and is looked at every two."""
SIDE_BY_SIDE = 10
"""``apply --concurrency`` as it is when nothing is said."""


def head_of(document: Document) -> Document:
    """The report up to its first section: its sentence and the fields below it. What could not be
    read is one of them."""
    before = list(takewhile(lambda block: not isinstance(block, Heading), document.blocks))
    callouts = [number for number, block in enumerate(before) if isinstance(block, Callout)]
    return Document(document.title, tuple(before[callouts[-1] if callouts else 0 :]))


def of_scan(inventory: Inventory, findings: tuple[Finding, ...], next_command: str) -> Block:
    """What stands in the way, how the port is reached, what was not seen, what comes next."""
    ways = inventory.cluster.exposures if inventory.cluster else ()
    kinds = Counter(str(exposure.kind) for exposure in ways)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return _fields(
        ("In the way", _in_the_way(findings)),
        ("Ways in", told or "none was found in a cluster"),
        ("Not read", _not_read(inventory.skips)),
        ("Next", next_command.strip().splitlines()[0].split("    #")[0]),
    )


def of_plan(
    plan: Plan,
    findings: tuple[Finding, ...],
    not_read: tuple[Skip, ...],
    by_hand: int,
    next_command: str,
) -> Block:
    """Who moves what, how long it takes, what stands in the way, what comes next."""
    moves = [s for s in plan.steps() if s.kind in NODE_STEPS]
    drivers = Counter(s.driver if isinstance(s, NodeStep) else s.kind for s in moves)
    return _fields(
        ("Moved by", ", ".join(f"{name} {n}" for name, n in drivers.most_common())),
        ("By hand", f"{plural(by_hand, 'agent')}, each with its runbook" if by_hand else ""),
        ("Takes", _takes(plan) if moves else ""),
        ("In the way", _in_the_way(findings)),
        ("Not read", _not_read(not_read) if not_read else ""),
        ("Next", next_command),
    )


def of_run(run: Run, next_command: str) -> Block:
    """What moved, who waits for a person, whether the port is closed, how long, what next."""
    nodes = [s for s in run.steps if s.stage is StageName.NODES]
    moved = [s for s in nodes if s.kind in NODE_STEPS]
    there = sum(s.state in (StepState.DONE, StepState.NOTHING) for s in moved)
    waits = sum(s.state in (StepState.MANUAL, StepState.STUCK) for s in run.steps)
    return _fields(
        ("Moved", f"{there} of {plural(len(moved), 'agent')} that are moved from here"),
        ("For a person", plural(waits, "step") if waits else "nothing"),
        ("The port", _port(run)),
        ("Took", _took(run)),
        ("Next", next_command.strip().splitlines()[0].split("    #")[0]),
    )


def _fields(*pairs: tuple[str, str]) -> Fields:
    told: list[tuple[str, Line]] = [(name, line(text)) for name, text in pairs if text]
    return Fields(tuple(told))


def _in_the_way(findings: tuple[Finding, ...]) -> str:
    stops = findings_part.blockers(findings)
    if not stops:
        return f"no blocker ({findings_part.summary(findings)})"
    more = f" and {len(stops) - 1} more" if len(stops) > 1 else ""
    return f"{stops[0].id} {stops[0].subject}: {stops[0].summary}{more}"


def _not_read(skips: tuple[Skip, ...]) -> str:
    if not skips:
        return "nothing that is known"
    more = f" and {len(skips) - 1} more" if len(skips) > 1 else ""
    return f"{skips[0].what} of {skips[0].subject}{more}"


def _takes(plan: Plan) -> str:
    """An estimate, and from what."""
    rounds = sum(
        math.ceil(sum(s.kind in NODE_STEPS for s in wave.steps) / SIDE_BY_SIDE)
        for stage in plan.stages
        for wave in stage.waves
        if stage.name is StageName.NODES
    )
    minutes = max(1, math.ceil(rounds * AWAY / 60))
    return (
        f"about {minutes} min, {SIDE_BY_SIDE} nodes side by side, {AWAY} s each (estimated), "
        "and the builds that run"
    )


def _port(run: Run) -> str:
    close: list[RunStep] = [s for s in run.steps if s.stage is StageName.CLOSE]
    if not close:
        return "stays open: the plan does not close it"
    done = sum(s.state in (StepState.DONE, StepState.NOTHING) for s in close)
    if done == len(close):
        verified = [s for s in run.steps if s.stage is StageName.VERIFY]
        seen = all(s.state in (StepState.DONE, StepState.NOTHING) for s in verified)
        return "closed, and seen closed" if seen else "closed, and not yet seen so"
    back = all(s.state in (StepState.PENDING, StepState.ROLLED_BACK) for s in close)
    return "open" if back else f"closed in part: {done} of {plural(len(close), 'step')}"


def _took(run: Run) -> str:
    if not run.finished:
        return ""
    try:
        seconds = datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)
    except ValueError:
        return ""
    return str(seconds).partition(".")[0] + " (measured, with pauses)"
