"""Which nodes a person moves, and why. Pure."""

from migrate import __version__
from migrate.model.finding import Finding, Severity
from migrate.model.history import HISTORY_SCHEMA, NodeThen, ScanSummary
from migrate.model.inventory import STAYS_ON_TCP, Inventory, LauncherKind, Transport
from migrate.model.owners import Owners
from migrate.model.plan import Choices, Plan
from migrate.model.plan_steps import Manual
from migrate.planner.plan import make_plan


def by_people(plan: Plan) -> dict[str, str]:
    """Nodes that the plan leaves to a person, each with the reason."""
    found: dict[str, str] = {}
    for step in plan.steps():
        if not isinstance(step, Manual):
            continue
        if step.node is not None:
            found[step.node.name] = step.reason
        for name in step.owned_nodes:
            found.setdefault(name, step.reason)
    for skip in plan.skips:
        if skip.what == STAYS_ON_TCP and skip.subject.startswith("node "):
            found.setdefault(skip.subject.removeprefix("node "), skip.reason)
    return found


def summarise(inventory: Inventory, findings: tuple[Finding, ...], owners: Owners) -> ScanSummary:
    """What is kept of a scan; a plan with no choices made says who needs a person."""
    people = by_people(make_plan(inventory, findings, Choices(name="history")))
    nodes = [n for n in inventory.nodes if n.launcher is LauncherKind.INBOUND]
    return ScanSummary(
        HISTORY_SCHEMA,
        __version__,
        inventory.scanned_at,
        inventory.controller.url,
        tuple(
            NodeThen(
                n.name,
                n.transport,
                n.name in people and n.transport is not Transport.WEBSOCKET,
                owners.owner_of(n) if owners.given else "",
            )
            for n in nodes
        ),
        {s.value: sum(f.severity is s for f in findings) for s in Severity},
        inventory.controller.agent_port.mode != "off",
    )
