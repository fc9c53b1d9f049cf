"""The ssh driver against a real sshd on loopback."""

import getpass
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import drivers_sshd
import msgspec
import pytest
from drivers_sshd import Sshd
from journal_entries import jar_upgrade

from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError, HostUnreachable, LaunchChanged
from migrate.drivers.remote_shell import Host, run
from migrate.drivers.ssh import Ssh
from migrate.model.access import SshAccess, is_host, ssh_host
from migrate.model.errors import UsageProblem
from migrate.model.host_work import RestartDone
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target

NEW_JAR = b"PK" + os.urandom(200_000)
OLD_JAR = b"PK old"
NODE = "node; rm -rf / é"


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if why := drivers_sshd.missing():
        pytest.skip(why)
    server, process = drivers_sshd.start(tmp_path_factory.mktemp("sshd"))
    yield server
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def driver(sshd: Sshd) -> Ssh:
    return Ssh(Host(sshd.host, config=str(sshd.config)), unit="agent.service")


class Jenkins:
    def __init__(self) -> None:
        self.disconnected: list[str] = []

    def jar_bytes(self) -> bytes:
        return NEW_JAR

    def disconnect(self, node: str, reason: str) -> None:
        self.disconnected.append(node)


@pytest.fixture
def jenkins() -> ControllerPort:
    return cast(ControllerPort, Jenkins())


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


def test_upgrade_keeps_the_old_jar_and_is_idempotent(
    driver: Ssh, jenkins: ControllerPort, tmp_path: Path
) -> None:
    jar = tmp_path / "it's a $(jar); é.jar"
    jar.write_bytes(OLD_JAR)
    jar.chmod(0o640)
    inode = jar.stat().st_ino
    upgrade = jar_upgrade(str(jar), sha(NEW_JAR))
    done = driver.upgrade(jenkins, NODE, upgrade)
    assert jar.read_bytes() == NEW_JAR
    # A rename, never a write over the open jar; who may read it stays.
    assert jar.stat().st_ino != inode
    assert jar.stat().st_mode & 0o777 == 0o640
    assert done.before_sha256 == sha(OLD_JAR)
    assert Path(done.backup or "").read_bytes() == OLD_JAR
    again = driver.upgrade(jenkins, NODE, upgrade)
    assert (again.before_sha256, again.backup) == (sha(NEW_JAR), None)
    driver.restore_jar(jenkins, NODE, done)
    driver.restore_jar(jenkins, NODE, done)
    assert jar.read_bytes() == OLD_JAR
    assert leftovers(tmp_path) == []


def test_upgrade_refuses_a_jar_that_is_not_the_planned_one(
    driver: Ssh, jenkins: ControllerPort, tmp_path: Path
) -> None:
    jar = tmp_path / "agent.jar"
    jar.write_bytes(OLD_JAR)
    with pytest.raises(DriverError, match=r"another agent\.jar"):
        driver.upgrade(jenkins, NODE, jar_upgrade(str(jar), "0" * 64))
    with pytest.raises(DriverError, match="there is no"):
        driver.upgrade(jenkins, NODE, jar_upgrade(f"{jar}.gone", sha(NEW_JAR)))
    assert jar.read_bytes() == OLD_JAR


def test_launch_files_go_and_come_back(
    driver: Ssh, jenkins: ControllerPort, tmp_path: Path, sshd: Sshd
) -> None:
    unit, drop_in = tmp_path / "a.service", tmp_path / "a.service.d" / "50-migrate.conf"
    old = b"[Service]\r\nExecStart=java \xc3\xa9 $HOME `x`\n\n"
    unit.write_bytes(old)
    edits = (
        FileEdit(str(unit), old, old + b"# new\n"),
        FileEdit(str(drop_in), None, b"[Service]\nExecStart=\n", 0o600),
    )
    assert driver.read_file(jenkins, NODE, str(unit)) == old
    assert driver.read_file(jenkins, NODE, str(drop_in)) is None
    for _ in range(2):
        driver.switch_launch(jenkins, NODE, edits)
        assert unit.read_bytes() == old + b"# new\n"
        assert drop_in.read_bytes() == b"[Service]\nExecStart=\n"
    assert drop_in.stat().st_mode & 0o777 == 0o600
    assert "daemon-reload" in sshd.calls
    for _ in range(2):
        driver.restore_launch(jenkins, NODE, edits)
        assert unit.read_bytes() == old
        assert not drop_in.parent.exists()
    assert leftovers(tmp_path) == []


def test_a_file_that_somebody_changed_is_left(
    driver: Ssh, jenkins: ControllerPort, tmp_path: Path
) -> None:
    unit = tmp_path / "a.service"
    unit.write_bytes(b"theirs")
    edit = FileEdit(str(unit), b"old", b"new")
    for change in (driver.switch_launch, driver.restore_launch):
        with pytest.raises(LaunchChanged):
            change(jenkins, NODE, (edit,))
    gone = FileEdit(str(unit), None, b"new")
    with pytest.raises(LaunchChanged):
        driver.restore_launch(jenkins, NODE, (gone,))
    assert unit.read_bytes() == b"theirs"


def test_a_symbolic_link_stays_one(driver: Ssh, jenkins: ControllerPort, tmp_path: Path) -> None:
    real, link = tmp_path / "real.conf", tmp_path / "link.conf"
    real.write_bytes(b"old")
    link.symlink_to(real)
    driver.switch_launch(jenkins, NODE, (FileEdit(str(link), b"old", b"new"),))
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_secret_belongs_to_the_agents_user(
    driver: Ssh, jenkins: ControllerPort, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / "agent-secret-a"
    me = getpass.getuser()
    edit = FileEdit(str(path), None, b"s3cret\n", 0o600, me)
    for _ in range(2):
        driver.switch_launch(jenkins, NODE, (edit,))
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"s3cret\n", 0o600)
    for _ in range(2):
        driver.restore_launch(jenkins, NODE, (edit,))
        assert not path.exists()
    path.write_bytes(b"theirs")
    with pytest.raises(LaunchChanged):
        driver.switch_launch(jenkins, NODE, (edit,))
    assert path.read_bytes() == b"theirs"
    path.unlink()
    for owner in ("nobody:root", "-R", "a b", ""):
        with pytest.raises(DriverError, match="is not the name of a user"):
            driver.switch_launch(jenkins, NODE, (replace(edit, owner=owner),))
    with pytest.raises(DriverError, match="cannot be given to no-such-user-here"):
        driver.switch_launch(jenkins, NODE, (replace(edit, owner="no-such-user-here"),))
    assert list(folder.iterdir()) == []


def test_root_hands_a_secret_over(driver: Ssh, jenkins: ControllerPort, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to somebody else")
    path = tmp_path / "agent-secret-a"
    driver.switch_launch(jenkins, NODE, (FileEdit(str(path), None, b"s\n", 0o600, "nobody"),))
    assert path.owner() == "nobody"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder of the agent's user, whom root can't trust with its links."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as somebody else")
    # Not below pytest's own folder, which nobody else may enter.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "agent"
        folder.mkdir()
        shutil.chown(folder, "nobody")
        yield folder


def test_root_writes_as_the_owner_of_the_place(
    driver: Ssh, jenkins: ControllerPort, theirs: Path
) -> None:
    jar, start = theirs / "agent.jar", theirs / "start.sh"
    for file, body in ((jar, OLD_JAR), (start, b"old")):
        file.write_bytes(body)
        shutil.chown(file, "nobody")
    done = driver.upgrade(jenkins, NODE, jar_upgrade(str(jar), sha(NEW_JAR)))
    edits = (
        FileEdit(str(theirs / "secret"), None, b"s\n", 0o600, "nobody"),
        FileEdit(str(start), b"old", b"new"),
    )
    driver.switch_launch(jenkins, NODE, edits)
    assert {path.owner() for path in theirs.iterdir()} == {"nobody"}
    assert (jar.read_bytes(), start.read_bytes()) == (NEW_JAR, b"new")
    driver.restore_launch(jenkins, NODE, edits)
    driver.restore_jar(jenkins, NODE, done)
    assert (jar.read_bytes(), start.read_bytes()) == (OLD_JAR, b"old")


def test_a_link_in_the_agents_folder_leads_root_nowhere(
    driver: Ssh, jenkins: ControllerPort, theirs: Path
) -> None:
    precious = theirs.parent / "precious"
    precious.mkdir()
    (precious / "start.sh").write_bytes(b"old")
    (theirs / "lib").symlink_to(precious)
    # Between the scan and now: the folder became a link to one of root's.
    edit = FileEdit(str(theirs / "lib" / "start.sh"), b"old", b"new")
    shutil.chown(theirs.parent, "nobody")
    with pytest.raises(DriverError):
        driver.switch_launch(jenkins, NODE, (edit,))
    assert [p.read_bytes() for p in precious.iterdir()] == [b"old"]


def test_only_the_jar_that_was_read_is_replaced(
    driver: Ssh, jenkins: ControllerPort, tmp_path: Path
) -> None:
    other = tmp_path / "passwd"
    other.write_bytes(b"root:x:0:0")
    asked = jar_upgrade(str(other), sha(NEW_JAR))
    with pytest.raises(DriverError, match="is no jar"):
        driver.upgrade(jenkins, NODE, asked)
    other.write_bytes(OLD_JAR)
    other_jar = msgspec.structs.replace(asked, from_sha256=sha(b"PK another"))
    with pytest.raises(LaunchChanged):
        driver.upgrade(jenkins, NODE, other_jar)
    assert other.read_bytes() == OLD_JAR


def test_restart_uses_the_unit_or_else_a_disconnect(
    driver: Ssh, jenkins: ControllerPort, sshd: Sshd
) -> None:
    told = driver.restart(jenkins, NODE, "why")
    assert told.unit_state == "active"
    assert "restart -- agent.service" in sshd.calls
    without = replace(driver, unit="")
    assert without.restart(jenkins, NODE, "why") == RestartDone(by="disconnect")
    assert cast(Any, jenkins).disconnected == [NODE]
    with pytest.raises(DriverError, match=r"Job for broken\.service failed"):
        replace(driver, unit="broken.service").restart(jenkins, NODE, "why")


def test_sudo(driver: Ssh, jenkins: ControllerPort, sshd: Sshd, tmp_path: Path) -> None:
    secret = tmp_path / "file"
    secret.write_bytes(b"x")
    with_sudo = replace(driver, host=replace(driver.host, sudo=True))
    line = f"java -jar agent.jar -name {NODE} @{secret} ;"
    drivers_sshd.say(sshd, "agent.service", ExecStart=line)
    assert with_sudo.read_file(jenkins, NODE, str(secret)) == b"x"
    assert sshd.sudo_calls
    (sshd.folder / "deny-sudo").touch()
    try:
        with pytest.raises(HostUnreachable, match="sudo on build-1 refuses"):
            with_sudo.read_file(jenkins, NODE, str(secret))
    finally:
        (sshd.folder / "deny-sudo").unlink()


def test_the_host_asks_curl(driver: Ssh, jenkins: ControllerPort) -> None:
    # Nothing listens on port 9 of loopback.
    answers = driver.probe_from_host(jenkins, NODE, Target("http://127.0.0.1:9/"), 3)
    assert {a.id for a in answers} <= {"login", "cli-ws"}
    assert all(a.verdict.value != "pass" for a in answers)


def test_no_session_is_told_apart_from_a_failed_command(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(HostUnreachable, match="no ssh session on elsewhere"):
        run(Host("elsewhere", port=sshd.port, config=str(sshd.config)), "exit 0")
    # An unknown host key: the user's known_hosts decides.
    config = tmp_path / "config"
    config.write_text(sshd.config.read_text().replace("/known_hosts", "/none"))
    with pytest.raises(HostUnreachable, match="Host key verification failed"):
        run(Host(sshd.host, config=str(config)), "exit 0")
    assert run(Host(sshd.host, config=str(sshd.config)), "exit 9").status == 9


@pytest.mark.parametrize(
    "name",
    ["-oProxyCommand=touch x", "a b", "a;b", "$(x)", "", "a\nb", "é", "a@b", "..", "a/b", "-"],
)
def test_a_hostile_node_name_is_never_a_host(name: str) -> None:
    assert not is_host(name)
    with pytest.raises(UsageProblem):
        ssh_host(SshAccess(), name)
    with pytest.raises(DriverError):
        run(Host(name), "exit 0")


def test_hosts_come_from_the_table_then_the_template() -> None:
    access = SshAccess("{node}.example.com", hosts=(("lab-*", "bastion-lab"), ("x y", "x-y")))
    assert ssh_host(access, "linux-1") == "linux-1.example.com"
    assert ssh_host(access, "lab-7") == "bastion-lab"
    assert ssh_host(access, "x y") == "x-y"
    assert is_host("fe80::1%eth0")
    assert is_host("10.0.0.7")


def test_output_and_variables_survive_any_text(sshd: Sshd) -> None:
    host = Host(sshd.host, config=str(sshd.config))
    text = "'\"$(id)`id`\\ \t\n*é" * 50
    answer = run(host, 'printf %s "$TEXT"; cat', {"TEXT": text}, payload=bytes(range(256)))
    assert answer.out == text.encode() + bytes(range(256))
