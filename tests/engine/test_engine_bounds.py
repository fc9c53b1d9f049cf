"""What an intent may name: what its step is about, and nothing else."""

from typing import Any

import pytest
from journal_entries import entry

from migrate.agents.launch.base import Wanted
from migrate.agents.launch.registry import editor_for
from migrate.engine.record.bounds import stranger
from migrate.model.journal.base import Intent
from migrate.model.names import DriverName
from migrate.model.plan_steps import (
    CloudSettings,
    EditFile,
    FilesEdit,
    JarUpgrade,
    KubeTarget,
    MoveNode,
    MoveWorkload,
    Piece,
    ProbeWebSocket,
    RemoveServicePort,
    SwitchCloud,
)
from migrate.steps.node.launch_files import may_write

EDIT = FilesEdit(
    files=("/lib/systemd/system/a.service",), url="https://j/", unit="a.service",
    secret_file="/var/lib/a/secret",
)  # fmt: skip
NODE = MoveNode(
    id="node/a", subject="node a", title="a", node="a", driver=DriverName.INBAND, launch_edit=EDIT,
    upgrade=JarUpgrade(
        from_version=None, from_sha256=None, to="2", sha256=None, jar="/agent.jar", url="https://j/"
    ),
)  # fmt: skip
PLAIN = MoveNode(id="node/p", subject="node p", title="p", node="p", driver=DriverName.REREAD)
CLOUD = SwitchCloud(
    id="cloud/k", subject="k", title="k", cloud="k",
    before=CloudSettings(web_socket=False, tunnel=None, direct=False),
)  # fmt: skip
PORT = RemoveServicePort(
    id="close/x", subject="x", title="x",
    piece=Piece(target=KubeTarget(kind="Service", namespace="ci", name="jenkins"), port=50000),
)  # fmt: skip
WORKLOAD = MoveWorkload(
    id="workload/w", subject="w", title="w", node="a", nodes=("a", "b"),
    driver=DriverName.KUBERNETES, target=KubeTarget(kind="Deployment", namespace="ci", name="w"),
    container="agent",
)  # fmt: skip
PROBE = ProbeWebSocket(id="preflight/probe", subject="p", title="p", url="https://j/", hold=1)
FILE = EditFile(id="source/x", subject="x", title="x", source="/s", path="a.yaml")
DROP_IN = "/etc/systemd/system/a.service.d/50-migrate.conf"
OTHER = "Service ci/db"


def kept(path: str) -> dict[str, Any]:
    return {"node": "a", "files": [{"path": path, "before_backup": "b", "before_sha256": "0"}]}


@pytest.mark.parametrize(
    ("step", "action", "said", "strange"),
    [
        (NODE, "switch", {"node": "a", "backup": "a.config.xml"}, ""),
        (NODE, "switch", {"node": "a", "backup": "a.config.xml.2"}, ""),
        (NODE, "switch", {"node": "a", "backup": "b.config.xml"}, "b.config.xml"),
        (NODE, "switch", {"node": "a", "backup": "a.launch-0.before"}, "a.launch-0.before"),
        (NODE, "switch", {"node": "b", "backup": "b.config.xml"}, "the node 'b'"),
        (NODE, "hold", {"node": "b"}, "the node 'b'"),
        (NODE, "restart", {"node": "a"}, ""),
        (NODE, "launch", kept("/var/lib/a/secret"), ""),
        (NODE, "launch", kept("/lib/systemd/system/a.service"), ""),
        (NODE, "launch", kept(DROP_IN), ""),
        (NODE, "launch", kept("/etc/passwd"), "/etc/passwd"),
        (NODE, "upgrade", {"jar": "/agent.jar"}, ""),
        (NODE, "upgrade", {"jar": "/usr/bin/java"}, "/usr/bin/java"),
        (NODE, "file", {"path": "a.yaml"}, "a.yaml"),
        (PLAIN, "launch", {"node": "p", "files": [{"path": "/etc/passwd"}]}, "/etc/passwd"),
        (PLAIN, "upgrade", {"jar": "/agent.jar"}, "/agent.jar"),
        (WORKLOAD, "hold", {"node": "b"}, ""),
        (WORKLOAD, "hold", {"node": "c"}, "the node 'c'"),
        (WORKLOAD, "template", {"object": "Deployment ci/w"}, ""),
        (WORKLOAD, "template", {"object": "Deployment ci/v"}, "Deployment ci/v"),
        (WORKLOAD, "rollout", {"object": "Deployment ci/v"}, "Deployment ci/v"),
        (WORKLOAD, "launch", kept("/etc/passwd"), "/etc/passwd"),
        (FILE, "file", {"path": "a.yaml"}, ""),
        (FILE, "file", {"path": "b.yaml"}, "b.yaml"),
        (CLOUD, "cloud", {"cloud": "k"}, ""),
        (CLOUD, "cloud", {"cloud": "l"}, "the cloud 'l'"),
        (PORT, "remove", {"object": "Service ci/jenkins", "piece": {"value": "v"}}, ""),
        (PORT, "remove", {"object": OTHER, "piece": {"value": "v"}}, OTHER),
        (PORT, "delete", {"object": OTHER}, OTHER),
        (PROBE, "create-probe-node", {"node": "migrate-probe-h-1"}, ""),
        (PROBE, "delete-probe-node", {"node": "linux-1"}, "the node 'linux-1'"),
    ],
)
def test_an_intent_names_what_its_step_is_about(
    step: Any, action: str, said: dict[str, Any], strange: str
) -> None:
    intent = entry("intent", action, **said)
    assert isinstance(intent, Intent)
    found = stranger(step, intent)
    assert bool(found) == bool(strange)
    assert strange in found


def test_what_may_be_written_is_what_the_editor_writes() -> None:
    unit = (
        "[Service]\nExecStart=/usr/bin/java -jar /a/agent.jar -url https://j/ -name a"
        f" -secret {'0' * 64}\n"
    )
    path = EDIT.files[0]
    asked = Wanted(
        node="a", url="https://j/", version="3283", path=path, unit=EDIT.unit,
        secret_file=EDIT.secret_file,
    )  # fmt: skip
    made = editor_for(unit, path).to_websocket(unit, asked)
    assert made.secret is not None
    assert {made.path, made.secret.path, path} == may_write(EDIT)
