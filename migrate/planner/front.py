"""What the front needs before any node is moved: steps on its Ingress, or a person's."""

from migrate.model.cluster_facts import IngressRoute, Owner
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices, Wave
from migrate.model.plan_steps import (
    AnnotateIngress,
    AnnotationEdit,
    FrontAnnotation,
    KubeTarget,
    Manual,
    PlanStep,
)
from migrate.model.sources import NOTHING_LOCATED, Located
from migrate.model.text import visible
from migrate.planner.proxy import opened
from migrate.rules.front_annotations import needed


def front_wave(
    inventory: Inventory, choices: Choices, located: Located = NOTHING_LOCATED
) -> tuple[Wave, ...]:
    """The wave ``front``, or none: every Ingress of the controller lets WebSocket in already, as
    far as its annotations tell, and so does nginx, as far as its files were named."""
    steps: list[PlanStep] = [*opened(located, inventory.controller, choices)]
    steps += [
        _step(route, wanted, choices)
        for route in (inventory.cluster.ingresses if inventory.cluster else ())
        if (wanted := needed(route))
    ]
    return (Wave("front", tuple(steps)),) if steps else ()


def _step(route: IngressRoute, wanted: dict[str, str | None], choices: Choices) -> PlanStep:
    place = f"Ingress {route.namespace}/{route.name}"
    told = ", ".join(
        f"without {name}" if value is None else f"{name}={value}" for name, value in wanted.items()
    )
    owner = route.owner
    step = AnnotateIngress(
        id=f"preflight/front/{route.namespace}/{route.name}",
        subject=place,
        title=visible(f"let WebSocket through {place}: {told}"),
        target=KubeTarget(kind="Ingress", namespace=route.namespace, name=route.name),
        annotations=tuple(
            AnnotationEdit(
                name=FrontAnnotation(name), before=route.annotations.get(name), after=value
            )
            for name, value in wanted.items()
        ),
        owner=_owner_text(owner) if owner else None,
    )
    if owner is None or not owner.reverts or choices.allow_live_edit:
        return step
    return Manual(
        id=step.id,
        subject=step.subject,
        title=f"by hand: {step.title}",
        reason=f"{_owner_text(owner)} would set it back",
        instructions=_instructions(route, wanted, owner),
        undo="set the old annotations again at the source, once no agent is on WebSocket",
        would_be=step,
    )


def _owner_text(owner: Owner) -> str:
    return visible(f"{owner.kind} {owner.name}".strip()) + f" ({visible(owner.evidence)})"


def _instructions(route: IngressRoute, wanted: dict[str, str | None], owner: Owner) -> str:
    rows = [
        f"Ingress {visible(route.namespace)}/{visible(route.name)} is made by "
        f"{_owner_text(owner)}. Change it there:",
        "  metadata:",
        "    annotations:",
    ]
    for name, value in wanted.items():
        rows.append(f"      # without {name}" if value is None else f'      {name}: "{value}"')
    rows += [
        "and let it be applied. apply goes on once the Ingress itself reads so.",
        "Or plan again with --allow-live-edit: then it is edited in place.",
    ]
    return "\n".join(rows) + "\n"
