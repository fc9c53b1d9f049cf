"""The rights of examples/rbac.yaml, exactly as the file stands, for one user of an API server."""

import secrets
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from migrate.sandbox.kube.access import Rule, User

FILE = Path(__file__).parents[2] / "examples" / "rbac.yaml"
NAME = "least"
_GROUP = "rbac.authorization.k8s.io"
_SUBJECT = {"kind": "User", "name": NAME, "apiGroup": _GROUP}


def roles() -> list[dict[str, Any]]:
    """Its ClusterRoles and Roles."""
    found = [doc for doc in YAML(typ="safe", pure=True).load_all(FILE.read_text()) if doc]
    assert {doc["kind"] for doc in found} == {"ClusterRole", "Role"}
    return found


def sandbox_user() -> User:
    """A user with these roles bound, for the sandbox's API."""
    rules = tuple(
        Rule(
            tuple(rule["verbs"]),
            tuple(rule["apiGroups"]),
            tuple(rule["resources"]),
            (role["metadata"]["namespace"],) if role["kind"] == "Role" else (),
            tuple(rule.get("resourceNames", ())),
        )
        for role in roles()
        for rule in role["rules"]
    )
    return User(NAME, secrets.token_hex(20), rules)


def bind(kubeconfig: Path) -> None:
    """Make the roles on a real API server and bind them to the user; again is no error."""
    from kubernetes import client
    from official_client import official_client

    rbac: Any = client.RbacAuthorizationV1Api(official_client(str(kubeconfig)))
    for role in roles():
        body = {k: role[k] for k in ("metadata", "rules")}
        reference = {"apiGroup": _GROUP, "kind": role["kind"], "name": role["metadata"]["name"]}
        binding = {"metadata": body["metadata"], "roleRef": reference, "subjects": [_SUBJECT]}
        try:
            if role["kind"] == "ClusterRole":
                rbac.create_cluster_role(body)
                rbac.create_cluster_role_binding(binding)
            else:
                namespace = role["metadata"]["namespace"]
                rbac.create_namespaced_role(namespace, body)
                rbac.create_namespaced_role_binding(namespace, binding)
        except client.ApiException as error:
            if error.status != 409:
                raise
