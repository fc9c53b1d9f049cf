"""The whole story with the rights of examples/rbac.yaml and no other."""

import json
from typing import Any

import pytest
from e2e_cli import Cli
from e2e_installation import until

from migrate.sandbox.spec import NodeSpec


@pytest.mark.timeout(300)
@pytest.mark.parametrize("start", ["sandbox", "real-cluster"], indirect=True)
def test_the_roles_of_the_example_are_enough_for_the_whole_way_and_back(start: Any) -> None:
    there = start(NodeSpec("one"), NodeSpec("two"))
    there.with_least_rights()
    cli = Cli(there)
    before = there.everything()

    scan = json.loads(cli.run("scan", "-o", "json").out)["inventory"]
    assert scan["skips"] == []
    doctor = cli.run("doctor").out
    assert "lacks" not in doctor
    assert "may   get, patch services ingress-nginx/ingress-nginx-controller" in doctor
    assert "deployments" not in doctor
    cli.plan()
    assert "would change" in cli.apply("--dry-run").out.lower()
    applied = cli.apply()
    assert "no Lease" not in applied.text
    until(lambda: not there.port_open())
    assert "Verified: closed." in cli.run("verify").out
    cli.rollback()
    until(there.port_open)
    there.is_again(before)


@pytest.mark.parametrize("start", ["sandbox"], indirect=True)
def test_what_lacks_is_named_with_its_object_and_the_rule_for_it(start: Any) -> None:
    there = start(NodeSpec("one"))
    there.kube_user = "readonly"
    told = Cli(there).run("doctor").out
    assert "lacks patch configmaps ingress-nginx/tcp-services" in told
    assert (
        'grant {apiGroups: [""], resources: [configmaps], resourceNames: [tcp-services], '
        "verbs: [patch]} (Role in ingress-nginx)"
    ) in told
    # Declared only: no planned step takes them out.
    assert "deployments" not in told
    assert "statefulsets" not in told
