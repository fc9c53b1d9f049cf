"""M016: a tcp-services entry of another service."""

from collections.abc import Iterator

from migrate.model.cluster_facts import LeadsTo
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import ingress_nginx


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for config in inventory.cluster.tcp_services if inventory.cluster else ():
        for entry in config.entries:
            if entry.problem is None and entry.leads_to is LeadsTo.OTHER:
                yield Hit(
                    f"ConfigMap {config.namespace}/{config.name}[{entry.key}]",
                    f"serves {entry.namespace}/{entry.service}, which is not this Jenkins: it "
                    "is never touched",
                    f"{entry.key}: {entry.value}; {entry.reason}",
                    "The same ConfigMap publishes other services besides Jenkins.",
                    "Nothing to do: this entry and its Service port stay.",
                )


RULE = Rule(
    id="M016",
    name="tcp-entry-other",
    title="A tcp-services entry belongs to another service",
    severity=Severity.INFO,
    find=_find,
    meaning="The entry's Service ends at other pods than this Jenkins, or at another port of it.",
    why="Closing it would cut off somebody else, such as a database.",
    by_hand="kubectl get endpointslices -n NS -l kubernetes.io/service-name=SERVICE -o wide",
    fix="Nothing to do.",
    sources=(ingress_nginx("internal/ingress/controller/controller.go 467-596"),),
)
