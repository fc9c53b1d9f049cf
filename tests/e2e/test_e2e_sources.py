"""A controller that JCasC configures: its checkout is edited, deployed by a person, put back."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_cli import PLAN, Cli
from e2e_installation import until
from e2e_sandbox import SandboxInstallation

from migrate.sandbox.checkout import FILE
from migrate.sandbox.fleet import JCASC


class Shop:
    """The installation, its checkout, and the pipeline that deploys it."""

    def __init__(self, folder: Path) -> None:
        (folder / "work").mkdir()
        self.there = SandboxInstallation(
            folder / "work", folder / "home", JCASC.nodes, frozenset(), scenario=JCASC
        )
        self.cli = Cli(self.there)
        self.checkout = folder / "home" / "checkout"
        self.file = self.checkout / FILE
        self.before = self.file.read_bytes()

    def deploy(self) -> None:
        """What the person behind the manual step does."""
        program = self.there.sandbox.home / "bin" / "deploy-casc"
        done = subprocess.run(
            [program], env=self.cli.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def cloud(self) -> tuple[bool, str | None]:
        cloud = self.there.sandbox.jenkins.cloud("kubernetes")
        return cloud.web_socket, cloud.tunnel

    def pods_on(self, protocol: str) -> None:
        """Wait until the cloud's pods, and new ones at that, connect like this."""
        nodes = self.there.sandbox
        until(
            lambda: (
                nodes.cloud_nodes
                and all(
                    node in self.there.node_names() and self.there.transport(node) == protocol
                    for node in nodes.cloud_nodes
                )
            )
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    try:
        yield shop
    finally:
        shop.there.stop()


@pytest.mark.long
def test_edited_deployed_closed_and_all_the_way_back(shop: Shop) -> None:
    cli, resume = shop.cli, ("--resume",)
    shop.file.chmod(0o640)
    told = cli.plan("--source", str(shop.checkout))
    assert "edits sources in 2 steps" in told.out
    ticket = (cli.folder / PLAN / "plan.md").read_text()
    assert "webSocket: true" in ticket and "slaveAgentPort: -1" in ticket

    dry = cli.run("apply", PLAN, "--dry-run")
    assert "+        webSocket: true" in dry.out and "drifted" not in dry.out
    assert shop.file.read_bytes() == shop.before

    # The file is edited, and that is all: nobody says that the cloud moved.
    first = cli.apply(code=4)
    assert b"webSocket: true" in shop.file.read_bytes()
    assert shop.file.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in shop.file.parent.iterdir()) == [shop.file.name]
    assert "cloud kubernetes: manual" in first.text and "port stays open" in first.text
    assert not shop.cloud()[0] and shop.there.port_open()
    # The node of that file is moved live; its file is not what the controller loads yet.
    until(lambda: shop.there.transport("by-file") == "WebSocket")
    assert b"            webSocket: true" in shop.file.read_bytes()
    assert "nodes of jcasc: manual: their source still says TCP: by-file" in first.text

    # Neither a mark nor a look past the nodes opens the gate.
    refused = cli.run("mark", PLAN, "cloud/kubernetes", "done", "--reason", "sure", code=2)
    assert "reads so" in refused.err
    closing = cli.apply(*resume, "--stage", "close", code=4)
    assert "cloud kubernetes" in closing.text and shop.there.port_open()

    shop.deploy()
    assert shop.cloud() == (True, None)
    config = shop.there.sandbox.jenkins.state.computers["by-file"].config
    assert config.web_socket and config.tunnel is None
    shop.pods_on("WebSocket")
    second = cli.apply(*resume, code=4)
    assert "slaveAgentPort: -1" in shop.file.read_text()
    assert "turn off the controller's TCP agent port" in second.text
    assert shop.there.sandbox.jenkins.agent_port > 0

    shop.deploy()
    cli.apply(*resume)
    cli.run("verify")

    # A person opens the port before any node is sent back to it.
    back = cli.rollback(code=4)
    assert "no node was moved back" in back.text
    until(lambda: shop.there.transport("linux-1") == "WebSocket")
    shop.deploy()
    again = cli.rollback(code=4)
    assert "once the rollback has put" in again.text
    assert shop.file.read_bytes() == shop.before
    shop.deploy()
    assert not shop.cloud()[0]
    until(lambda: shop.there.transport("by-file") == "JNLP4-connect")
    until(lambda: shop.there.transport("linux-1") == "JNLP4-connect")
    cli.rollback()


@pytest.mark.long
def test_elsewhere_and_changed_meanwhile(shop: Shop) -> None:
    cli, moved = shop.cli, shop.there.work / "elsewhere"
    cli.plan("--source", str(shop.checkout))
    shutil.move(shop.checkout, moved)

    blocked = cli.apply(code=4)
    assert "not below" in blocked.text and "--source DIR" in blocked.text

    file = moved / FILE
    mine = shop.before.replace(b"systemMessage", b"# new\n  systemMessage")
    file.write_bytes(mine)
    drifted = cli.apply("--resume", "--source", str(moved), code=(4, 5))
    assert "changed since the plan" in drifted.text and file.read_bytes() == mine

    file.write_bytes(shop.before)
    cli.apply("--resume", "--source", str(moved), code=4)
    assert b"webSocket: true" in file.read_bytes()
    file.write_bytes(file.read_bytes() + b"# theirs\n")
    kept = file.read_bytes()
    lost = cli.rollback(code=1)
    assert "not below" in lost.text and "--source DIR" in lost.text
    theirs = cli.rollback("--source", str(moved), code=1)
    assert "changed by somebody else since" in theirs.text and file.read_bytes() == kept


def test_what_no_source_holds_is_left_to_a_person(shop: Shop) -> None:
    other = shop.checkout / "copy.yaml"
    other.write_bytes(shop.before)
    shop.cli.plan("--source", str(shop.checkout))
    text = (shop.cli.folder / PLAN / "plan.json").read_text()
    assert "edit-file" not in text.replace('"what":"edit-file"', "")
    assert "which of them counts is open" in text
    bad = shop.cli.run("plan", "--name", "x", "--source", "/nowhere", code=2)
    assert "--source /nowhere can't be read" in bad.err


def test_a_plan_writes_patches_and_commit_messages(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "patches"
    told = shop.cli.plan("--source", str(shop.checkout), "--patch", str(out))
    assert "Patches of files:" in told.out
    assert sorted(path.name for path in out.iterdir()) == [
        "by-hand.md", "close.message", "close.patch", "nodes.message", "nodes.patch",
    ]  # fmt: skip
    assert (out / "nodes.message").read_text().startswith("Move Jenkins agents to WebSocket\n\n")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run([*git, "init", "-q"], cwd=shop.checkout, check=True)
    for stage in ("nodes", "close"):
        subprocess.run([*git, "apply", str(out / f"{stage}.patch")], cwd=shop.checkout, check=True)
        subprocess.run([*git, "add", "-A"], cwd=shop.checkout, check=True)
        command = [*git, "commit", "-q", "-F", str(out / f"{stage}.message")]
        subprocess.run(command, cwd=shop.checkout, check=True)
    assert b"webSocket: true" in shop.file.read_bytes()
    assert b"slaveAgentPort: -1" in shop.file.read_bytes()
    again = shop.cli.run("scan", "--source", str(shop.checkout))
    assert "0 edits" in again.out


def test_patches_need_files(shop: Shop, tmp_path: Path) -> None:
    told = shop.cli.run("plan", "--name", "x", "--patch", str(tmp_path / "out"), code=2)
    assert "--patch needs --source or --nginx" in told.err
