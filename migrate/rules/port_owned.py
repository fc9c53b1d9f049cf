"""M014: somebody else writes the port or its exposure: Helm, JCasC, GitOps."""

from collections.abc import Iterator

from migrate.model.cluster_facts import Exposure, Owner
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import chart

_FIX = (
    "Change it at its source; the plan has it as a manual step with the exact value. "
    "migrate plan --allow-live-edit changes the live object all the same."
)
_CAUSE = (
    "A live edit of an owned object is reverted at the owner's next sync, or makes the owner's "
    "next deploy fail with a conflict."
)


def _owner(owner: Owner) -> str:
    return f"{owner.kind} {owner.name}".strip()


def exposure_subject(exposure: Exposure) -> str:
    """How findings name an exposure."""
    if not exposure.object_kind:
        return "controller"
    key = f"[{exposure.key}]" if exposure.key else ""
    return f"{exposure.object_kind} {exposure.namespace}/{exposure.name}{key}"


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    owner = inventory.controller.port_owner
    if owner is not None:
        yield Hit(
            "controller",
            f"{_owner(owner)} sets the agent port again at its next load",
            owner.evidence,
            "A port closed by a script comes back at the next configuration load or restart. The "
            "Jenkins chart writes slaveAgentPort into its default JCasC since 5.8.13.",
            "Change slaveAgentPort at its source (JCasC: jenkins: slaveAgentPort: -1; chart: "
            "controller.JCasC.defaultConfig=false and own configScripts). The plan hands this "
            "out as a manual step; with migrate plan --source DIR it edits a JCasC file first. "
            "A script of init.groovy.d: set -1 there, or take it out.",
        )
    for exposure in inventory.cluster.exposures if inventory.cluster else ():
        if exposure.owner is None:
            continue
        if not exposure.owner.reverts:
            yield Hit(
                exposure_subject(exposure),
                f"was applied by a person ({exposure.owner.name}): it is edited in place",
                exposure.owner.evidence,
                "Nothing puts it back by itself. The next kubectl apply --server-side of its "
                "manifest meets a conflict, or with --force-conflicts puts it back.",
                "Take it out of the manifest as well.",
                Severity.INFO,
            )
            continue
        live = choices is not None and choices.allow_live_edit
        yield Hit(
            exposure_subject(exposure),
            f"belongs to {_owner(exposure.owner)}"
            + (", and is edited live (--allow-live-edit)" if live else ": not edited live"),
            exposure.owner.evidence,
            _CAUSE,
            "Change it at its source as well, before the owner's next sync." if live else _FIX,
        )


RULE = Rule(
    id="M014",
    name="port-owned",
    title="The port or its exposure belongs to Helm, JCasC or GitOps",
    severity=Severity.WARNING,
    find=_find,
    meaning="Labels, annotations, managed fields or the JCasC sources name an owner who writes "
    "the value again.",
    why=_CAUSE + " What was closed on Saturday night would be open again on Monday.",
    by_hand="kubectl get -n NS KIND NAME -o yaml --show-managed-fields: the label "
    "app.kubernetes.io/managed-by, annotations meta.helm.sh/release-name, argocd.argoproj.io/*, "
    "kustomize.toolkit.fluxcd.io/*; for the port Manage Jenkins, Configuration as Code.",
    fix=_FIX,
    sources=(
        chart("charts/jenkins/templates/_helpers.tpl 356; 7e5c1245 (5.8.13)"),
        "kube-apiserver 1.36, recorded: a merge patch over an applied field succeeds, and the "
        "owner's next apply answers 409",
    ),
)
