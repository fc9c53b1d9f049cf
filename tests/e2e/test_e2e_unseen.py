"""What is not read to its end is said by scan, plan and verify, and an owner of agents is named."""

from typing import Any

import pytest
from e2e_cli import Cli

from migrate.sandbox.spec import NodeSpec

TRAEFIK = {
    "kind": "Deployment",
    "apiVersion": "apps/v1",
    "metadata": {"namespace": "kube-system", "name": "traefik"},
    "spec": {
        "selector": {"matchLabels": {"app": "traefik"}},
        "template": {
            "metadata": {"labels": {"app": "traefik"}},
            "spec": {
                "containers": [
                    {
                        "name": "traefik",
                        "image": "rancher/mirrored-library-traefik:2.10",
                        "args": [
                            "--entrypoints.jnlp.address=:50000/tcp",
                            "--providers.kubernetescrd",
                        ],
                    }
                ]
            },
        },
    },
}
CONTAINER = {
    "name": "a",
    "image": "jenkins/inbound-agent:latest-jdk17",
    "env": [
        {"name": "JENKINS_URL", "value": "https://ci.example.test/"},
        {"name": "JENKINS_NAME", "value": "away"},
        {"name": "JENKINS_SECRET", "value": "ab" * 32},
        {"name": "JENKINS_TUNNEL", "value": "ci:50000"},
    ],
}
DEPLOYER = {
    "kind": "DeploymentConfig",
    "apiVersion": "apps.openshift.io/v1",
    "metadata": {"namespace": "jenkins", "name": "agent"},
    "spec": {
        "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [CONTAINER]}}
    },
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("start", ["sandbox"], indirect=True)
def test_scan_plan_and_verify_name_what_they_do_not_read(start: Any) -> None:
    there = start(NodeSpec("one"), NodeSpec("away", agent=None))
    there.kube.catalog.install("apps.openshift.io", "v1", "DeploymentConfig", "deploymentconfigs")
    there.kube.add(DEPLOYER)
    there.kube.add(TRAEFIK)
    cli = Cli(there)

    scan = cli.run("scan", "--details").out
    assert "Deployment kube-system/traefik: traefik, known, TCP routes not read" in scan
    assert "IngressRouteTCP objects and entry points of Traefik are not read" in scan
    assert "jnlp on :50000" in scan
    assert "DeploymentConfig jenkins/agent" in scan
    assert "oc set env dc/agent -n jenkins -c a JENKINS_WEB_SOCKET=true JENKINS_TUNNEL-" in scan
    assert "ab" * 32 not in scan

    cli.plan("--exclude", "one")
    shown = cli.run("show", "plans/t", "-o", "md").out
    left_out = shown.partition("Left out")[2]
    assert "kube-system/traefik" in left_out
    by_hand = (there.work / "plans/t/runbooks/away.sh").read_text()
    assert "oc set env dc/agent -n jenkins" in by_hand

    verify = cli.run("verify", code=1).out
    assert "not tried: Deployment kube-system/traefik" in verify
