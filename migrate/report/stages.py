"""What each stage of a plan costs: downtime, risk, and whether it can be undone."""

from dataclasses import dataclass

from migrate.model.names import StageName
from migrate.model.plan import Plan, Stage
from migrate.model.plan_steps import AnnotateIngress, RemoveContainerPort, acts_as
from migrate.report.document import Block, Line, Table, line, plural


@dataclass(frozen=True)
class StageCost:
    """In the words of a change ticket."""

    downtime: str
    risk: str
    undo: str


COSTS = {
    StageName.PREFLIGHT: StageCost(
        "none",
        "none: a probe node is made and removed again, no agent is touched",
        "nothing to undo",
    ),
    StageName.NODES: StageCost(
        "each node is away while its agent restarts (an agent waits 10 s before it connects "
        "again), after its builds have ended; the others go on",
        "low: the TCP port stays open, a node that fails is put back, and the failure budget "
        "stops the wave",
        "yes, node by node: config.xml, agent.jar and connection",
    ),
    StageName.CLOSE: StageCost(
        "none for agents on WebSocket; whatever still dials the TCP port is cut off",
        "medium: only after every node was seen on WebSocket in its log, and with the "
        "controller's name confirmed",
        "yes, opened again before any node moves back",
    ),
    StageName.VERIFY: StageCost("none", "none: it only looks", "nothing to undo"),
}
_FRONT = StageCost(
    "the ingress controller reloads: within minutes, connections through it, of agents too, may be "
    "made anew",
    "low: annotations of an Ingress are set and read back, then a probe node tries the way",
    "yes, once no agent is on WebSocket any more",
)
"""Of a preflight stage that changes an Ingress."""
_UNKNOWN = StageCost("see its steps", "see its steps", "see its steps")


def rolled_over(stage: Stage) -> list[str]:
    """What a change of a workload's pod template costs, the restart of Jenkins itself first."""
    steps = [s for w in stage.waves for s in w.steps]
    jenkins = [s for s in map(acts_as, steps) if isinstance(s, RemoveContainerPort)]
    told = [
        f"JENKINS ITSELF RESTARTS, last ({s.piece.target})"
        for s in jenkins
        if s.restarts_controller
    ]
    return told + [
        f"{s.piece.target} rolls its pods over: agents behind it reconnect"
        for s in steps
        if isinstance(s, RemoveContainerPort) and not s.restarts_controller
    ]


def _of_front(stage: Stage) -> bool:
    return any(isinstance(acts_as(s), AnnotateIngress) for w in stage.waves for s in w.steps)


def table(plan: Plan) -> Block:
    """Stages in order."""
    rows: list[tuple[Line, ...]] = []
    for number, stage in enumerate(plan.stages, start=1):
        steps = sum(len(wave.steps) for wave in stage.waves)
        waves = plural(len(stage.waves), "wave")
        cost = _FRONT if _of_front(stage) else COSTS.get(stage.name, _UNKNOWN)
        downtime = "; ".join([*rolled_over(stage), cost.downtime])
        rows.append(
            (
                line(f"{number}. {stage.name}"),
                line(f"{plural(steps, 'step')} in {waves}"),
                line(downtime),
                line(cost.risk),
                line(cost.undo),
            )
        )
    return Table(("Stage", "Size", "Downtime", "Risk", "Undo"), tuple(rows))
