"""Why nodes are moved by their drivers and not by others: of a whole plan, and of one node."""

from migrate.model.inventory import Skip
from migrate.model.plan import Plan, Refused, for_node
from migrate.model.plan_steps import Manual, MoveWorkload, NodeStep, PlanStep, node_of
from migrate.report import commands
from migrate.report.document import (
    Block,
    Bullets,
    Code,
    Document,
    Fields,
    Line,
    Para,
    Span,
    joined,
    line,
)

_FEW = 3
"""Names that a bullet still has; above it, the first and how many more."""


def not_otherwise(refused: tuple[Refused, ...]) -> list[Block]:
    """What the drivers that were asked before said, each once for all its nodes."""
    if not refused:
        return []
    return [
        Para(line("Why not by another driver, and what would make it possible:")),
        Bullets(tuple((*_names(told), ": ", *_refusal(told, told.possible)) for told in refused)),
    ]


def _names(told: Refused) -> Line:
    few = told.nodes[: _FEW if len(told.nodes) <= _FEW else 1]
    more = len(told.nodes) - len(few)
    names: list[Span] = [*joined([(Code(name),) for name in few])]
    return (Code(told.driver), " for ", *names, f" and {more} more" if more else "")


def _refusal(told: Refused, possible: str) -> Line:
    return line(told.reason, f". To make it possible: {possible}" if possible else "")


def document(plan: Plan, node: str) -> Document | None:
    """All that the plan says of a node; None: it says nothing of it."""
    subjects = (f"node {node}", f"secret of node {node}")
    skips = [skip for skip in plan.skips if skip.subject in subjects]
    placed = [(wave.name, s) for stage in plan.stages for wave in stage.waves for s in wave.steps]
    steps = [(wave, step) for wave, step in placed if node in nodes_of(step)]
    blocks = [block for wave, step in steps for block in _moved(plan, node, wave, step)]
    blocks += [_left_out(skip) for skip in skips]
    if not blocks:
        return None
    return Document(f"Node {node} in plan {plan.choices.name}", tuple(blocks))


def nodes_of(step: PlanStep) -> tuple[str, ...]:
    """The nodes that a step moves."""
    if isinstance(step, MoveWorkload):
        return step.nodes
    name = node_of(step)
    return (name,) if name else ()


def _moved(plan: Plan, node: str, wave: str, step: PlanStep) -> list[Block]:
    refused = [told for told in plan.refused if node in told.nodes]
    asked: list[Line] = [
        (Code(told.driver), ": ", *_refusal(told, for_node(told.possible, node)))
        for told in refused
    ]
    if isinstance(step, Manual):
        asked.append((Code("manual"), f": {step.reason}"))
    elif isinstance(step, NodeStep):
        asked.append((Code(step.driver), f" moves it: {step.driver_reason}"))
    note = step.note if isinstance(step, NodeStep) else ""
    return [
        Fields(
            (
                ("Step", line(Code(step.id), f" ({step.kind}, wave {wave}): {step.title}")),
                *((("Note", line(note)),) if note else ()),
            )
        ),
        Para(line("The drivers, in the order in which they were asked:")),
        Bullets(tuple(asked), ordered=True),
        Para(line("How they are chosen: ", Code("migrate explain drivers"))),
        Para(line("The whole plan: ", Code(commands.show(plan.choices.folder)))),
    ]


def _left_out(skip: Skip) -> Block:
    needed = f". What would help: {skip.needed}" if skip.needed else ""
    return Para(line(f"Left out: {skip.subject}: {skip.reason}{needed}"))
