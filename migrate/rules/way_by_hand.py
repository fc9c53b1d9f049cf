"""M057: a way in that this tool does not close."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.port_owned import exposure_subject
from migrate.rules.rule import Hit, Rule


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for exposure in inventory.cluster.exposures if inventory.cluster else ():
        if exposure.obstacle:
            yield Hit(
                exposure_subject(exposure),
                f"leads to the agent port ({exposure.value}) and is not changed by this tool",
                exposure.value,
                exposure.obstacle[:1].upper() + exposure.obstacle[1:] + ".",
                exposure.by_hand,
            )


RULE = Rule(
    id="M057",
    name="way-by-hand",
    title="A way to the agent port must be closed by a person",
    severity=Severity.WARNING,
    find=_find,
    meaning="A route of Gateway API, Istio, Traefik, NGINX Inc, Kong and the like, or a key of an "
    "immutable ConfigMap, leads to the agent port of this Jenkins.",
    why="After the controller's port is off, the listener in front still accepts connections. The "
    "plan has it as a manual step of the stage close.",
    by_hand="kubectl get tcproutes,ingressroutetcps,transportservers,tcpingresses -A -o yaml "
    "(those that are installed), kubectl get configmap -n NS NAME -o jsonpath='{.immutable}'",
    fix="Take it out with the command given, in the stage close, then: migrate mark STEP done",
    sources=(
        "kube-apiserver 1.36, recorded: an immutable ConfigMap answers 422 on data, in a dry run "
        "too",
        "gateway-api apis/v1alpha2/tcproute_types.go; traefik.io/v1alpha1 IngressRouteTCP; "
        "kubernetes-ingress pkg/apis/configuration/v1 TransportServer",
    ),
)
