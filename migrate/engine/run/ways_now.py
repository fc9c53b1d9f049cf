"""The ways in that `migrate verify` tries: of the newest plan, and as the cluster reads now."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from migrate.model.errors import MigrateError
from migrate.model.inventory import AgentPort, Skip
from migrate.model.plan import Plan
from migrate.model.plan_steps import CloseControllerPort, VerifyClosed, acts_as
from migrate.model.ports import ControllerPort
from migrate.model.ways import CONTROLLER, GIVEN, Place, joined, places_of, ways_in
from migrate.plan_store.plan_folder import read_plan
from migrate.scan.scanner import ClusterReader


@dataclass(frozen=True)
class Ways:
    """What is tried, and what may be a way in and could not be read."""

    places: tuple[Place, ...]
    unread: tuple[Skip, ...] = ()


def ways_now(
    jenkins: ControllerPort,
    reader: ClusterReader | None,
    addresses: tuple[str, ...],
    plans: Path = Path("plans"),
) -> Ways:
    """All ways in to the controller's agent port.

    Those of the newest plan below ``plans`` count although their objects are gone: an address may
    still accept connections. A cluster that cannot be read is ``unread``.
    """
    plan = next(_plans(jenkins.url, plans), None)
    steps = plan.steps() if plan is not None else ()
    planned = [place for s in steps if isinstance(s, VerifyClosed) for place in s.places]
    configured = jenkins.agent_port()
    known = {
        configured,
        *(s.port for s in map(acts_as, steps) if isinstance(s, CloseControllerPort)),
    }
    ports = tuple(sorted(port for port in known if isinstance(port, int) and port > 0))
    cluster, unread = None, list(plan.skips if plan is not None else ())
    if reader is not None:
        try:
            cluster, skips = reader(jenkins.url, ports)
            # What the plan could not read then may have been read now.
            unread = list(skips)
        except MigrateError as error:
            unread.append(Skip("cluster", "cluster", error.cause, leaves_open=True))
    # What it advertised is in the plan; where there is none, its own port is the best guess.
    told = any(place.through == CONTROLLER for place in planned)
    port = AgentPort(None if told else configured)
    found = places_of(ways_in(jenkins.url, port, cluster, addresses))
    given = [place for place in found if place.through == GIVEN]
    return Ways(joined((*given, *planned, *found)), tuple(s for s in unread if s.leaves_open))


def _plans(url: str, plans: Path) -> Iterator[Plan]:
    """Plans for this controller, the newest first."""
    newest = sorted(plans.glob("*/plan.json"), key=lambda p: p.stat().st_mtime)
    for path in reversed(newest):
        try:
            plan = read_plan(path, verify_id=False)
        except MigrateError:
            continue
        if plan.target.controller_url == url:
            yield plan
