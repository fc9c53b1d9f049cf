"""Scan, plan and dry run send nothing that could change anything: a recorder in between proves it.

Against the sandbox always; against a controller in use with JENKINS_URL and its credentials.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from e2e_cli import Done
from e2e_recorder import Recorder, Request
from e2e_sandbox import SandboxInstallation
from forked import run_migrate

from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, NodeSpec

READ_ONLY_SCRIPTS = {
    "inventory",
    "describe-launch",
    "probe-from-host",
    "try-ports",
    "list-clouds",
    "node-owners",
    "echo",
}
REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
NODES = (
    NodeSpec("linux-1"),
    NodeSpec("linux-old", agent=AgentSpec(jar_version=OLDEST_JAR)),
    NodeSpec("never-seen", agent=None),
)


@dataclass
class Target:
    """Something to read through recorders."""

    environment: dict[str, str]
    jenkins: Recorder
    kube: Recorder | None
    flags: tuple[str, ...]
    there: Any = None


@pytest.fixture(params=["sandbox", "in_use"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    with ExitStack() as stack:
        if request.param == "sandbox":
            yield _sandbox(tmp_path, stack)
        else:
            yield _in_use(stack)


def _sandbox(folder: Path, stack: ExitStack) -> Target:
    (folder / "work").mkdir()
    there = SandboxInstallation(folder / "work", folder / "home", NODES, frozenset())
    stack.callback(there.stop)
    environment = {**os.environ, **there.environment("admin")}
    jenkins = stack.enter_context(Recorder(environment["JENKINS_URL"]))
    kube = stack.enter_context(Recorder(there.kube.url))
    config = Path(environment["KUBECONFIG"]).read_text().replace(there.kube.url, kube.url)
    (folder / "kubeconfig").write_text(config)
    environment |= {"JENKINS_URL": jenkins.url, "KUBECONFIG": str(folder / "kubeconfig")}
    # The edge knows its controller by the name that the Ingress has.
    return Target(environment, jenkins, kube, ("--jenkins-service", "jenkins/jenkins"), there)


def _in_use(stack: ExitStack) -> Target:
    url = os.environ.get("JENKINS_URL")
    if not url or os.environ.get("JENKINS_WAR"):
        pytest.skip("JENKINS_URL, JENKINS_USER_ID and JENKINS_API_TOKEN name no controller to read")
    jenkins = stack.enter_context(Recorder(url))
    return Target({**os.environ, "JENKINS_URL": jenkins.url}, jenkins, None, ("--no-cluster",))


def run(target: Target, folder: Path, *words: str) -> Done:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**target.environment, "PYTHONPATH": root}
    done = run_migrate((*words, *target.flags), cwd=folder, environment=environment, timeout=110)
    return Done(done.returncode, done.stdout, done.stderr)


def harmless_to_jenkins(request: Request) -> bool:
    """GET, or one of the tool's scripts that only read."""
    if request.method in ("GET", "HEAD"):
        return True
    if request.method != "POST" or not request.path.endswith("/scriptText"):
        return False
    script = parse_qs(request.body)["script"][0]
    first = script.splitlines()[0].split()
    return first[:2] == ["//", "migrate-script:"] and first[2] in READ_ONLY_SCRIPTS


def harmless_to_the_cluster(request: Request) -> bool:
    """GET, a question about one's own rights, or a write that the server only rehearses."""
    if request.method == "GET":
        return True
    if request.method == "POST" and request.path.rpartition("/")[2] in REVIEWS:
        return True
    if request.method == "DELETE" and request.body:
        # Its query does not count then: such a delete with ?dryRun=All is a real one.
        return bool(json.loads(request.body).get("dryRun") == ["All"])
    return request.query.get("dryRun") == ["All"]


@pytest.mark.timeout(400)
def test_nothing_is_sent_that_could_change_anything(target: Target, tmp_path: Path) -> None:
    folder = tmp_path / "plans-here"
    folder.mkdir()
    before = target.there.everything() if target.there else None
    scan = run(target, folder, "scan", "-o", "json")
    assert scan.code == 0, scan.text
    json.loads(scan.out)
    plan = run(target, folder, "plan", "--name", "t")
    assert plan.code == 0, plan.text
    rehearsed = run(target, folder, "apply", "plans/t", "--dry-run")
    assert rehearsed.code in (0, 3, 5), rehearsed.text
    assert "Nothing was changed." in rehearsed.out
    assert target.jenkins.requests
    assert [r for r in target.jenkins.requests if not harmless_to_jenkins(r)] == []
    if target.kube is not None:
        asked = target.kube.requests
        assert [r for r in asked if not harmless_to_the_cluster(r)] == []
        assert {r.method for r in asked} >= {"GET", "POST", "PATCH"}
    if target.there:
        assert target.there.everything() == before


def test_the_recorder_would_see_a_change() -> None:
    changes = (
        Request("POST", "/computer/a/doDisconnect", ""),
        Request("POST", "/scriptText", "script=%2F%2F%20migrate-script%3A%20set-agent-port%20e30"),
        Request("POST", "/scriptText", "script=println%201"),
        Request("POST", "/computer/a/config.xml", "<slave/>"),
    )
    assert not any(harmless_to_jenkins(change) for change in changes)
    service = "/api/v1/namespaces/n/services/s"
    assert not harmless_to_the_cluster(Request("PATCH", service, "[]"))
    assert not harmless_to_the_cluster(Request("DELETE", f"{service}?dryRun=All", "{}"))
    assert harmless_to_the_cluster(Request("DELETE", service, '{"dryRun": ["All"]}'))
    assert not harmless_to_the_cluster(Request("DELETE", "/api/v1/namespaces/n/services/s", ""))
