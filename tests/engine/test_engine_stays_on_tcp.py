"""A node that can never be moved keeps the port open, and the run says why."""

from pathlib import Path

from engine_lab import installed

from migrate.sandbox.spec import NodeSpec, Scenario

NAMES = Scenario(
    "names", "a name that no WebSocket agent sends", (NodeSpec("élan"), NodeSpec("漢字"))
)


def test_the_gate_names_the_reason(tmp_path: Path) -> None:
    with installed(tmp_path, scenario=NAMES) as lab:
        host = lab.sandbox.environment("admin")["JENKINS_URL"].split("/")[2].split(":")[0]
        code, output = lab.apply("--confirm", host)
        assert code == 4, output
        assert "The port stays open" in output
        assert "is still connected over TCP (M049: it has a name that no WebSocket agent" in output
        assert lab.transport("élan") == "WebSocket"
        assert lab.transport("漢字") == "JNLP4-connect"
        assert all(record.step != "node/漢字" for record in lab.records())
