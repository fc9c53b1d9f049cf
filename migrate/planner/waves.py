"""Orders node steps into a canary and waves."""

from collections.abc import Sequence

from migrate.model.amounts import share
from migrate.model.errors import UsageProblem
from migrate.model.plan import CANARY, Choices, Wave
from migrate.model.plan_steps import MoveNode, NodeStep, PlanStep


def wave_size(text: str, total: int) -> int:
    """Nodes that a wave of this size takes, at least 1.

    ``text`` is a number of nodes, or a percentage of ``total`` (rounded up). ``UsageProblem``
    for anything else, for 0, and for more than 100 %.
    """
    size = share(text)
    if size is None or size.number < 1:
        raise UsageProblem(
            f"{text!r} is not the size of a wave: write a number of nodes such as 20, "
            "or a percentage such as 25%",
            next_command="migrate plan --help",
        )
    return size.up(total)


def canary_order(step: NodeStep) -> tuple[bool, ...]:
    """Sort key of a move-node step: the least that can go wrong comes first.

    Online before offline, no new jar before a new jar, idle before busy, not held by a person
    before held, without a tunnel before with one.
    """
    return (
        step.offline,
        isinstance(step, MoveNode) and step.upgrade is not None,
        bool(step.busy),
        step.mark is not None,
        step.drop_tunnel is not None,
    )


def make_waves(
    moves: Sequence[NodeStep], by_hand: Sequence[PlanStep], choices: Choices
) -> list[Wave]:
    """Canary, then waves of the chosen sizes, then what people must do by hand.

    Offline nodes come last, since nothing can be learnt from them. Percentages are of all
    nodes that the tool itself moves, canary included.
    """
    if choices.canary < 0:
        raise UsageProblem(
            f"a canary of {choices.canary} nodes is not possible: use 0 for none",
            next_command="migrate plan --help",
        )
    sizes = [wave_size(text, len(moves)) for text in choices.wave_sizes] or [max(len(moves), 1)]
    ordered = sorted(moves, key=lambda step: (canary_order(step), step.id))
    canary = ordered[: choices.canary]
    chosen = {step.id for step in canary}
    rest = sorted(
        (step for step in moves if step.id not in chosen),
        key=lambda step: (step.offline, step.id),
    )
    waves = [Wave(CANARY, tuple(canary))] if canary else []
    number = 0
    while rest:
        size = sizes[min(number, len(sizes) - 1)]
        number += 1
        waves.append(Wave(f"wave-{number}", tuple(rest[:size])))
        rest = rest[size:]
    if by_hand:
        waves.append(Wave("by-hand", tuple(sorted(by_hand, key=lambda step: step.id))))
    return waves
