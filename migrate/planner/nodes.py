"""The node stage: which nodes have to move, and one step for each. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from migrate.model.access import NO_ACCESS, Access
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.finding import Finding
from migrate.model.inventory import Inventory, Node, Skip
from migrate.model.plan import Choices, Refused
from migrate.model.plan_steps import NodeStep, PlanStep
from migrate.model.text import same_files, visible
from migrate.planner.choose import DRIVERS, Choice, choose, facts_of
from migrate.planner.jar import jar_must_stay, shared_jars
from migrate.planner.left_out import blockers_of, left_out, secret_stays, stays_on_tcp
from migrate.planner.node_steps import manual_step, move_step, workload_step
from migrate.planner.offers import manual
from migrate.planner.offers.base import KUBERNETES, MANUAL, Facts, Refusal

Chosen = tuple[Node, Choice]


class NodeStage(NamedTuple):
    """Every node of the inventory is in exactly one of the first three."""

    moves: list[NodeStep]
    """Steps that the tool runs."""
    by_hand: list[PlanStep]
    """Steps for people."""
    skips: list[Skip]
    """Nodes left out, and secrets that stay in clear, with the reason."""
    refused: tuple[Refused, ...]
    """Why nodes are not moved by a driver that was asked before."""


def plan_nodes(
    inventory: Inventory,
    findings: tuple[Finding, ...],
    choices: Choices,
    access: Access = NO_ACCESS,
) -> NodeStage:
    """What becomes of each node.

    ``access`` is what the operator configured for ssh and command; it decides which drivers can
    be used, and is not kept in the steps.
    """
    chosen: list[Chosen] = []
    skips: list[Skip] = []
    blockers = blockers_of(findings)
    unread = {skip.subject: skip.reason for skip in inventory.skips if skip.what == "launch"}
    workloads = _serving(inventory)
    sharing = shared_jars(inventory.nodes)
    for node in inventory.nodes:
        found = blockers.get(node.name, ())
        skip = left_out(node, choices) or stays_on_tcp(node, found)
        choice = None
        if skip is None:
            facts = facts_of(
                node,
                inventory.controller,
                choices,
                access,
                workload=workloads.get(node.name),
                unread=unread.get(f"node {node.name}", ""),
            )
            choice = _choose(node, facts, found, sharing.get(node.name, ()))
            chosen.append((node, choice))
        secret = secret_stays(node, choice, choices)
        skips += [told for told in (skip, secret) if told is not None]

    chosen, in_pods = _in_pods(chosen, workloads)
    moves: list[NodeStep] = [workload_step(group, workload) for workload, group in in_pods]
    by_hand: list[PlanStep] = []
    alike = same_files([node.name for node in inventory.nodes])
    for node, choice in chosen:
        if choice.driver == MANUAL:
            by_hand.append(manual_step(node, inventory, choices, choice, alike))
        else:
            moves.append(move_step(node, inventory, choice, sharing.get(node.name, ())))
    every = [*chosen, *(one for _, group in in_pods for one in group)]
    return NodeStage(moves, by_hand, skips, _refused(every))


def _choose(
    node: Node, facts: Facts, blockers: tuple[Finding, ...], sharers: tuple[Node, ...]
) -> Choice:
    """The same with its agent.jar left alone, where that is also another node's and must stay."""
    choice = choose(node, facts, blockers)
    kept = jar_must_stay(sharers, facts.controller) if choice.offer.upgrade_to else ""
    if not kept:
        return choice
    older = replace(facts, choices=replace(facts.choices, upgrade=False))
    choice = choose(node, older, blockers)
    note = f"its agent.jar {node.remoting_version} stays: {kept}"
    notes = "; ".join(filter(None, [choice.offer.note, note]))
    return replace(choice, offer=replace(choice.offer, note=notes))


def _serving(inventory: Inventory) -> dict[str, AgentWorkload]:
    """The workload that serves each node, where exactly one does."""
    found: dict[str, AgentWorkload] = {}
    twice: set[str] = set()
    for workload in inventory.cluster.agents if inventory.cluster else ():
        for name in workload.nodes:
            twice |= {name} if name in found else set()
            found[name] = workload
    return {name: workload for name, workload in found.items() if name not in twice}


def _in_pods(
    chosen: list[Chosen], workloads: dict[str, AgentWorkload]
) -> tuple[list[Chosen], list[tuple[AgentWorkload, list[Chosen]]]]:
    """(nodes that move one by one, workloads whose nodes move together).

    One pod template: editing it for one of its nodes moves the others, too.
    """
    alone = [(node, choice) for node, choice in chosen if choice.driver != KUBERNETES]
    groups: dict[tuple[str, str, str], list[Chosen]] = {}
    for node, choice in chosen:
        if choice.driver == KUBERNETES:
            workload = workloads[node.name]
            place = (workload.namespace, workload.kind, workload.name)
            groups.setdefault(place, []).append((node, choice))
    together: list[tuple[AgentWorkload, list[Chosen]]] = []
    for group in groups.values():
        workload, names = workloads[group[0][0].name], {node.name for node, _ in group}
        apart = ", ".join(visible(name) for name in workload.nodes if name not in names)
        if not apart:
            together.append((workload, group))
            continue
        refusal = Refusal(
            f"its pod template also serves {apart}, which this plan does not move",
            "plan all of them together",
        )
        alone += [(node, _by_hand(choice, refusal)) for node, choice in group]
    return alone, together


def _by_hand(choice: Choice, refusal: Refusal) -> Choice:
    offer = manual.offer([refusal])
    refused = (*choice.refused, (choice.driver, refusal))
    return Choice(MANUAL, offer, choice.launch, refused)


def _refused(chosen: Iterable[Chosen]) -> tuple[Refused, ...]:
    """What drivers said of several nodes, once; in the order in which they were asked."""
    found: dict[tuple[str, Refusal], list[str]] = {}
    for node, choice in chosen:
        for told in choice.refused:
            found.setdefault(told, []).append(node.name)
    in_order = sorted(found, key=lambda told: DRIVERS.index(told[0]))
    return tuple(
        Refused(driver, refusal.reason, refusal.possible, tuple(sorted(found[driver, refusal])))
        for driver, refusal in in_order
    )
