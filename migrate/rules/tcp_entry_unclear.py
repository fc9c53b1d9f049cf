"""M035: a tcp-services entry whose target could not be judged."""

from collections.abc import Iterator

from migrate.model.cluster_facts import LeadsTo
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule

_FIX = (
    "Let the scan read Services, EndpointSlices and Pods in that namespace, or remove the entry "
    "by hand if it is the agents' one"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for config in inventory.cluster.tcp_services if inventory.cluster else ():
        for entry in config.entries:
            if entry.problem is None and entry.leads_to is LeadsTo.UNKNOWN:
                yield Hit(
                    f"ConfigMap {config.namespace}/{config.name}[{entry.key}]",
                    "may or may not lead to this Jenkins: it is not touched",
                    f"{entry.key}: {entry.value}; {entry.reason}",
                    "What stands behind the entry could not be read, or does not say whose it is.",
                    _FIX,
                )


RULE = Rule(
    id="M035",
    name="tcp-entry-unclear",
    title="A tcp-services entry could not be judged",
    severity=Severity.WARNING,
    find=_find,
    meaning="The Service, its endpoints or the pods of this Jenkins were not found or not "
    "readable.",
    why="If it is the agents' entry, the port stays open in front of Jenkins after the migration.",
    by_hand="kubectl get svc,endpointslices -n NS, and compare with the pods of Jenkins.",
    fix=_FIX,
    sources=("the ConfigMap, Services and EndpointSlices, as scanned",),
)
