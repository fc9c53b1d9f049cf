"""Who would put a live edit back."""

from typing import Any

import pytest

from migrate.cluster.client import FIELD_MANAGER
from migrate.cluster.owner import container_port_field, data_field, owner_of, service_port_field
from migrate.model.cluster_facts import Owner


def obj(
    labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, **meta: Any
) -> dict[str, Any]:
    return {"metadata": {"labels": labels or {}, "annotations": annotations or {}, **meta}}


def owner(item: dict[str, Any], *path: str) -> Owner:
    found = owner_of(item, *path)
    assert found is not None
    return found


def managed(manager: str, operation: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "fieldsV1": fields, **more}


@pytest.mark.parametrize(
    ("labels", "annotations", "kind", "name"),
    [
        (
            {"app.kubernetes.io/managed-by": "Helm"},
            {"meta.helm.sh/release-name": "edge", "meta.helm.sh/release-namespace": "ns"},
            "helm",
            "ns/edge",
        ),
        # helm template | kubectl apply
        (
            {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "edge"},
            {},
            "helm",
            "edge",
        ),
        ({"argocd.argoproj.io/instance": "app"}, {}, "argocd", "app"),
        ({}, {"argocd.argoproj.io/tracking-id": "app:/ConfigMap:e/t"}, "argocd", "app"),
        (
            {
                "kustomize.toolkit.fluxcd.io/name": "infra",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            },
            {},
            "flux",
            "flux-system/infra",
        ),
        # Flux's Helm controller: Flux is who puts it back.
        (
            {"helm.toolkit.fluxcd.io/name": "edge", "app.kubernetes.io/managed-by": "Helm"},
            {"meta.helm.sh/release-name": "edge"},
            "flux",
            "edge",
        ),
        ({"app.kubernetes.io/managed-by": "jenkins-operator"}, {}, "operator", "jenkins-operator"),
    ],
)
def test_marks(labels: dict[str, Any], annotations: dict[str, Any], kind: str, name: str) -> None:
    owner = owner_of(obj(labels, annotations), "f:data", "f:1")
    assert owner is not None
    assert (owner.kind, owner.name) == (kind, name)
    assert owner.evidence


@pytest.mark.parametrize("by", ["kubectl", "kustomize-v5.4.1", ""])
def test_a_person_is_no_owner(by: str) -> None:
    assert owner_of(obj({"app.kubernetes.io/managed-by": by})) is None


def test_a_controlling_owner_reference() -> None:
    reference = {"kind": "Jenkins", "name": "ci", "controller": True}
    assert owner(obj(ownerReferences=[reference])).name == "Jenkins/ci"
    assert owner_of(obj(ownerReferences=[{**reference, "controller": False}])) is None


def test_only_the_manager_of_the_very_field_counts() -> None:
    fields: dict[str, Any] = {"f:data": {"f:50000": {}}}
    item = obj(managedFields=[managed("terraform", "Apply", fields)])
    assert owner(item, *data_field("50000")).kind == "apply"
    assert owner_of(item, *data_field("5432")) is None


@pytest.mark.parametrize(
    ("manager", "operation", "kind"),
    [
        ("helm", "Update", "helm"),
        ("helm", "Apply", "helm"),
        ("argocd-controller", "Apply", "argocd"),
        ("argocd-application-controller", "Update", "argocd"),
        ("kustomize-controller", "Apply", "flux"),
        ("helm-controller", "Update", "flux"),
        ("somebody", "Apply", "apply"),
        ("somebody", "Update", None),
        ("kubectl-client-side-apply", "Update", None),
        # A person's: nothing puts it back by itself.
        ("kubectl", "Apply", "kubectl"),
        ("kubectl-1.31", "Apply", "kubectl"),
        ("oc", "Apply", "kubectl"),
        ("kubectlish-operator", "Apply", "apply"),
        ("kubectl-edit", "Update", None),
        (FIELD_MANAGER, "Apply", None),
    ],
)
def test_managers(manager: str, operation: str, kind: str | None) -> None:
    port = {"name": "x", "port": 50000}
    fields: dict[str, Any] = {
        "f:spec": {"f:ports": {'k:{"port":50000,"protocol":"TCP"}': {"f:port": {}}}}
    }
    found = owner_of(
        obj(managedFields=[managed(manager, operation, fields)]), *service_port_field(port)
    )
    assert (found.kind if found else None) == kind


def test_a_program_goes_before_the_person_who_applied_the_same_field() -> None:
    fields: dict[str, Any] = {"f:data": {"f:50000": {}}}
    both = [managed("kubectl", "Apply", fields), managed("kustomize-controller", "Apply", fields)]
    found = owner(obj(managedFields=both), *data_field("50000"))
    assert (found.kind, found.reverts) == ("flux", True)
    alone = owner(obj(managedFields=both[:1]), *data_field("50000"))
    assert (alone.kind, alone.reverts) == ("kubectl", False)


def test_a_container_port_and_the_status() -> None:
    fields: dict[str, Any] = {
        "f:spec": {
            "f:template": {
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"controller"}': {
                            "f:ports": {'k:{"containerPort":5,"protocol":"TCP"}': {}}
                        }
                    }
                }
            }
        }
    }
    path = container_port_field("controller", {"containerPort": 5})
    assert owner_of(obj(managedFields=[managed("x", "Apply", fields)]), *path) is not None
    status = managed("x", "Apply", fields, subresource="status")
    assert owner_of(obj(managedFields=[status]), *path) is None


def test_hostile_marks_are_escaped() -> None:
    found = owner(obj({"argocd.argoproj.io/instance": "a\x1b[31m\u202e"}))
    assert "\x1b" not in found.name + found.evidence
    assert "\u202e" not in found.name + found.evidence
