"""M015: a tcp-services entry that leads nowhere."""

from collections.abc import Iterator

from migrate.model.cluster_facts import LeadsTo
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import ingress_nginx


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for config in inventory.cluster.tcp_services if inventory.cluster else ():
        where = f"ConfigMap {config.namespace}/{config.name}"
        if not config.exists:
            yield Hit(
                where,
                "does not exist, though an ingress controller is told to use it",
                f"--tcp-services-configmap of {', '.join(config.used_by)}",
                "The ingress controller serves no TCP port from a ConfigMap that is missing.",
                "Remove the flag, or create the ConfigMap if TCP services are wanted.",
            )
        for entry in config.entries:
            if entry.problem is None and entry.leads_to is not LeadsTo.NOWHERE:
                continue
            yield Hit(
                f"{where}[{entry.key}]",
                "leads nowhere: the ingress controller ignores it",
                f"{entry.key}: {entry.value}; {entry.problem or entry.reason}",
                "ingress-nginx skips an entry that it can't read, and one whose Service, port or "
                "endpoints are missing; the port is not listened on then.",
                "If it was meant for Jenkins, agents on it are not connected through it. Remove "
                "the entry, or correct it; this tool leaves it alone.",
            )


RULE = Rule(
    id="M015",
    name="tcp-entry-nowhere",
    title="A tcp-services entry leads nowhere",
    severity=Severity.WARNING,
    find=_find,
    meaning="An entry of the ConfigMap breaks ingress-nginx's grammar, or names a Service, a port "
    "or endpoints that don't exist.",
    why="It looks like an open port and is none; or the Service is down just now and the port "
    "opens again when it is back.",
    by_hand="kubectl get cm -n NS NAME -o yaml, then kubectl get svc,endpointslices -n NS2 for "
    "each NS2/SERVICE:PORT; the ingress controller's log says which entries it skips.",
    fix="Remove or correct the entry.",
    sources=(ingress_nginx("internal/ingress/controller/controller.go 467-596"),),
)
