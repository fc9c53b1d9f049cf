"""Whether agents could come back over TCP just now; else no node may be moved back to it.

An agent that is disconnected while the port is closed asks /tcpSlaveAgentListener/ for ever
(facts 0.6). The run's own record is not enough: another run or a person may have closed it.
"""

from collections.abc import Iterable

from migrate.model.errors import MigrateError
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.base import Action
from migrate.model.plan_steps import NodeStep, PlanStep, VerifyClosed
from migrate.model.ways import Place, asked
from migrate.steps.base import Context
from migrate.steps.controller.ways_tried import moved
from migrate.steps.patience import patiently

SETTLES = 30.0
"""Seconds that an edge may take to follow what was opened a moment ago."""


def closed_way(ctx: Context, steps: Iterable[PlanStep], *, just_opened: bool) -> str:
    """Why an agent could not come back over TCP; empty when it could, or when nothing tells."""
    deadline = ctx.clock.monotonic() + (SETTLES if just_opened else 0.0)
    places = _proven_places(ctx, steps)
    while True:
        why = _closed(ctx, places)
        if not why or ctx.clock.monotonic() >= deadline:
            return why
        ctx.clock.sleep(min(ctx.settings.poll, 1.0))


def needs_tcp(step: PlanStep, actions: tuple[str, ...]) -> bool:
    """Whether putting it back makes an agent connect over TCP again."""
    if step.kind in ("manual", "probe-websocket") or actions == (Action.HOLD,):
        return False
    return not (isinstance(step, NodeStep) and step.transport is Transport.WEBSOCKET)


def _proven_places(ctx: Context, steps: Iterable[PlanStep]) -> list[Place]:
    """Where the scan reached the agent port from here: anywhere else refused is no news.

    A firewall may keep this machine, but not the agents, from the port.
    """
    probes = ctx.inventory.probes if ctx.inventory else ()
    proven = {asked(p.request) for p in probes if p.id == "tcp-port" and p.verdict is Verdict.PASS}
    looks = [step for step in steps if isinstance(step, VerifyClosed)]
    return [place for step in looks for place in step.places if place.at in proven]


def _closed(ctx: Context, places: list[Place]) -> str:
    try:
        if not patiently(ctx, ctx.jenkins.tcp_listener_on):
            return "the controller's TCP agent port is off"
    except MigrateError:
        # The steps meet the same trouble, and know how to leave things as they are.
        return ""
    for place in places:
        answer = ctx.prober.tcp_port(place.host, place.port)
        shut = answer.code in ("port-closed", "port-hangs-up")
        if shut and not moved(place, ctx.cluster):
            return f"nothing answers at {place.at} ({place.named}), where agents come in over TCP"
    return ""
