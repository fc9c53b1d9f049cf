"""One plan there, back, and there again, and what is said when nothing is left to do."""

from copy import deepcopy
from pathlib import Path

from engine_lab import Lab, installed

SERVICE = ("", "services", "jenkins", "jenkins-agent")
CONFIRM = ("--confirm", "localhost")


def as_a_person(lab: Lab) -> None:
    """Delete the agents' Service and make it anew: the same content, another uid."""
    store = lab.sandbox.kube.store
    body = deepcopy(store.read(SERVICE))
    assert body is not None
    body["metadata"]["uid"] = "00000000-0000-0000-0000-00000000beef"
    store.write(SERVICE, body)


def ended(output: str) -> list[str]:
    """Steps whose end was told."""
    return [row for row in output.splitlines() if row.startswith("ok ")]


def test_applied_rolled_back_and_applied_again(tmp_path: Path) -> None:
    with installed(tmp_path) as lab:
        code, output = lab.apply("--until", "nodes", "--node", "a-1")
        assert code == 0, output
        code, output = lab.apply("--resume")
        assert code == 4, output
        assert "not confirmed" in output
        assert f"next: migrate apply {lab.plan} --resume --confirm localhost\n" in output
        # What was done before is not told as if it were done now, nor counted as left.
        assert not any("a-1" in row for row in ended(output)), output
        assert "wave canary: 0 of 1 node(s)" in output
        code, output = lab.apply("--resume", *CONFIRM)
        assert code == 0, output
        assert not any("node" in row.split(":")[0] for row in ended(output)), output

        before = len(lab.records())
        code, output = lab.apply("--resume", *CONFIRM)
        assert (code, ended(output)) == (0, []), output
        assert "Nothing to do: all is as planned." in output
        assert len(lab.records()) == before

        code, output = lab.run("rollback", lab.plan, "--dry-run")
        assert "nodes: node a-1: back to TCP\n" in output
        assert "create it again" in output
        assert "to WebSocket" not in output
        assert "remove" not in output
        code, output = lab.run("rollback", lab.plan, "--yes", "--poll", "0.05")
        assert code == 0, output
        assert "still offline" not in output

        code, output = lab.apply(*CONFIRM)
        assert code == 0, output
        assert "The port is closed" in output
        assert lab.transport("b-2") == "WebSocket"


def test_an_object_that_a_person_made_anew_stops_before_anything_is_changed(
    tmp_path: Path,
) -> None:
    with installed(tmp_path) as lab:
        as_a_person(lab)
        code, output = lab.apply(*CONFIRM)
        assert code == 5, output
        assert "Service jenkins/jenkins-agent was deleted and created again" in output
        assert "nothing was changed" in output
        assert lab.transport("a-1") == "JNLP4-connect"
        # The nodes alone need nothing of it, and the port stays whole.
        code, output = lab.apply("--until", "nodes")
        assert code == 0, output
        code, output = lab.apply("--resume", *CONFIRM)
        assert code == 4, output
        assert "The port stays open" in output
        assert "created again" in output
        done = [s.id for s in lab.state().steps if s.stage == "close" and s.state != "pending"]
        assert done == []
