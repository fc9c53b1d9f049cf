"""Inventory, findings and choices make a plan. Pure: the same input gives the same bytes."""

from dataclasses import replace

from migrate import __version__
from migrate.model.access import NO_ACCESS, Access
from migrate.model.errors import UsageProblem
from migrate.model.finding import Finding
from migrate.model.inventory import Inventory, Skip
from migrate.model.names import StageName
from migrate.model.plan import (
    PLAN_SCHEMA,
    Choices,
    Plan,
    PlannedFrom,
    Stage,
    Wave,
    content_id,
    inventory_digest,
)
from migrate.model.plan_steps import Manual, ProbeWebSocket
from migrate.model.sources import NOTHING_LOCATED, Located
from migrate.model.text import same_files
from migrate.planner.choose import Choice, known_launch
from migrate.planner.close import plan_close
from migrate.planner.clouds import plan_clouds
from migrate.planner.front import front_wave
from migrate.planner.node_owners import owner_steps
from migrate.planner.nodes import plan_nodes
from migrate.planner.offers.base import MANUAL, Offer
from migrate.planner.runbook.facts import agents_url, gather
from migrate.planner.runbook.script import script
from migrate.planner.sources import cloud_deploys, edit_steps
from migrate.planner.waves import make_waves


def make_plan(
    inventory: Inventory,
    findings: tuple[Finding, ...],
    choices: Choices,
    located: Located = NOTHING_LOCATED,
    access: Access = NO_ACCESS,
) -> Plan:
    """The plan for this inventory; ``located``: what the sources allow, ``access``: what the
    operator configured for ssh and command, which the plan does not repeat.

    ``scanned_at`` has no part in it. ``UsageProblem`` for choices that make no sense (an
    unknown driver, launch or wave size).
    """
    if choices.probe_hold < 0 or choices.drain_timeout < 0 or choices.verify_timeout < 1:
        raise UsageProblem(
            "the times of a plan (--probe-hold, --drain-timeout, --verify-timeout) are seconds "
            "and can't be negative",
            next_command="migrate plan --help",
        )
    moves, by_hand, skips, refused = plan_nodes(inventory, findings, choices, access)
    stages: list[Stage] = []
    clouds, clouds_by_hand, cloud_skips = plan_clouds(inventory, choices, cloud_deploys(located))
    skips += [*cloud_skips, *located.skips]
    owned = owner_steps(inventory, findings, choices, located)
    waves = make_waves(moves, [*by_hand, *clouds_by_hand, *owned], choices)
    for name, steps in (("clouds", clouds), ("files", edit_steps(located))):
        if steps:
            # After the nodes have shown that the way works, before what waits for people.
            last = len(waves) - 1 if waves and waves[-1].name == "by-hand" else len(waves)
            waves.insert(last, Wave(name, tuple(steps)))
    if waves:
        stages.append(_preflight(inventory, choices, located))
        stages.append(
            Stage(StageName.NODES, "Move the nodes: a canary, then wave by wave", tuple(waves))
        )
    if choices.close:
        closing, open_skips = plan_close(inventory, choices, located)
        stages += closing
        skips += open_skips
    else:
        skips.append(
            Skip("controller", "close", "the plan was made with --no-close: the port stays open")
        )
    controller = inventory.controller
    plan = Plan(
        schema_version=PLAN_SCHEMA,
        plan_id="",
        tool_version=__version__,
        target=PlannedFrom(
            controller_url=controller.url,
            controller_version=controller.version,
            jar_version=controller.jar_version,
            jar_sha256=controller.jar_sha256,
            cluster_context=inventory.cluster.context if inventory.cluster else None,
            lock_namespace=_lock_namespace(inventory),
            inventory_sha256=inventory_digest(inventory),
        ),
        choices=choices,
        stages=tuple(stages),
        skips=tuple(skips),
        refused=refused,
    )
    return replace(plan, plan_id=content_id(plan))


def _lock_namespace(inventory: Inventory) -> str:
    """Where this Jenkins runs; where nothing tells, a place that is the same for everybody."""
    if inventory.cluster is None:
        return ""
    return inventory.cluster.jenkins_namespace or "default"


def _preflight(inventory: Inventory, choices: Choices, located: Located) -> Stage:
    url = agents_url(inventory.controller)
    step = ProbeWebSocket(
        id="preflight/probe",
        subject="edge",
        title=f"prove that a WebSocket agent can connect, and hold it {choices.probe_hold} s",
        url=url,
        hold=choices.probe_hold,
    )
    front = front_wave(inventory, choices, located)
    title = "Prove the new way before anything is changed"
    if front:
        title = "Let WebSocket in at the front, and prove the new way before any node is touched"
    return Stage(StageName.PREFLIGHT, title, (*front, Wave("probe", (step,))))


def runbooks(plan: Plan, inventory: Inventory) -> dict[str, str]:
    """Scripts of the plan's manual node steps, by file name inside its ``runbooks`` folder.

    They are made again from the inventory rather than kept in the plan, which has their SHA-256.
    """
    nodes = {node.name: node for node in inventory.nodes}
    alike = same_files(nodes)
    found: dict[str, str] = {}
    for step in plan.steps():
        known = step.node if isinstance(step, Manual) else None
        node = nodes.get(known.name) if known is not None else None
        if not isinstance(step, Manual) or known is None or node is None:
            continue
        offer = Offer(step.reason, known.note, by_hand=known.by_hand)
        choice = Choice(MANUAL, offer, known_launch(node, plan.choices))
        facts = gather(node, inventory.controller, plan.choices, choice, alike)
        found[facts.file] = script(facts)
    return found
