"""As root over a real sshd: what an agent says of itself counts only where systemd says so too."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import drivers_sshd
import pytest
from drivers_sshd import Sshd, say
from journal_entries import jar_upgrade

from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError
from migrate.drivers.remote_shell import Host
from migrate.drivers.ssh import Ssh
from migrate.model.ports import ControllerPort

NODE, UNIT = "node c é", "agent.service"
URL = "http://j/computer/node%20c%20%C3%A9/jenkins-agent.jnlp"
OLD_JAR, NEW_JAR = b"PK old", b"PK new"
USER = "nobody"


class Jenkins:
    def jar_bytes(self) -> bytes:
        return NEW_JAR


JENKINS = cast(ControllerPort, Jenkins())


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if why := drivers_sshd.missing():
        pytest.skip(why)
    if os.geteuid() != 0:
        pytest.skip("only root can act as somebody else")
    server, process = drivers_sshd.start(tmp_path_factory.mktemp("sshd"))
    # Root's stand-ins are run by others, too.
    for folder in (server.folder, *server.folder.parents[:2]):
        folder.chmod(0o755)
    yield server
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def driver(sshd: Sshd) -> Ssh:
    return Ssh(Host(sshd.host, config=str(sshd.config), sudo=True), unit=UNIT)


@pytest.fixture
def place() -> Iterator[Path]:
    """``opt`` with the agent of root's unit; ``theirs``, its user's own; ``safe``, others'."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for folder in ("opt", "theirs", "safe", "units"):
            (root / folder).mkdir()
        (root / "opt" / "agent.jar").write_bytes(OLD_JAR)
        (root / "opt" / "start.sh").write_bytes(b"old")
        (root / "safe" / "other.jar").write_bytes(OLD_JAR)
        (root / "safe" / "private").write_bytes(b"of root")
        (root / "safe" / "private").chmod(0o600)
        shutil.chown(root / "theirs", USER)
        yield root


@pytest.fixture
def running() -> Iterator[int]:
    """An agent's process, of its user, as its unit would have started it."""
    line = ("-jar", "/x/agent.jar", "-jnlpUrl", URL)
    process = subprocess.Popen(
        ["/bin/sh", "-c", "while :; do sleep 60; done", "sh", *line], user=USER
    )
    yield process.pid
    process.kill()
    process.wait()


def unit(sshd: Sshd, place: Path, pid: int, *words: str, name: str = UNIT, **more: str) -> None:
    started = " ".join(words) or f"/usr/bin/java -jar {place}/opt/agent.jar -jnlpUrl {URL}"
    properties = {
        "MainPID": str(pid),
        "User": USER,
        "FragmentPath": f"{place}/units/{name}",
        "ExecStart": f"{{ path=/usr/bin/java ; argv[]={started} ; ignore_errors=no }}",
    }
    say(sshd, name, **{**properties, **more})


def test_what_systemd_names_root_reads_and_writes(
    sshd: Sshd, driver: Ssh, place: Path, running: int
) -> None:
    unit(sshd, place, running)
    jar = place / "opt" / "agent.jar"
    assert driver.read_file(JENKINS, NODE, str(jar)) == OLD_JAR
    done = driver.upgrade(JENKINS, NODE, jar_upgrade(str(jar), sha(NEW_JAR)))
    assert jar.read_bytes() == NEW_JAR
    driver.restore_jar(JENKINS, NODE, done)
    assert jar.read_bytes() == OLD_JAR
    # A unit's new drop-in, and the agent's secret beside its jar.
    edits = (
        FileEdit(str(place / "opt" / "agent-secret"), None, b"s\n", 0o600, USER),
        FileEdit(str(place / "units" / f"{UNIT}.d" / "50-migrate.conf"), None, b"[Service]\n"),
    )
    driver.switch_launch(JENKINS, NODE, edits)
    assert (place / "opt" / "agent-secret").owner() == USER
    driver.restore_launch(JENKINS, NODE, edits)
    assert not (place / "opt" / "agent-secret").exists()
    driver.restart(JENKINS, NODE, "why")
    assert f"restart -- {UNIT}" in sshd.calls


def test_what_the_agent_alone_names_root_leaves(
    sshd: Sshd, driver: Ssh, place: Path, running: int
) -> None:
    unit(sshd, place, running)
    other, secret = place / "safe" / "other.jar", place / "safe" / "private"
    with pytest.raises(DriverError, match=r"tried as uid \d+"):
        driver.upgrade(JENKINS, NODE, jar_upgrade(str(other), sha(NEW_JAR)))
    with pytest.raises(DriverError, match=r"[Pp]ermission denied"):
        driver.read_file(JENKINS, NODE, str(secret))
    for path, before in ((secret, b"of root"), (place / "safe" / "new", None)):
        with pytest.raises(DriverError):
            driver.switch_launch(JENKINS, NODE, (FileEdit(str(path), before, b"bad"),))
    with pytest.raises(DriverError, match="no plain path"):
        driver.read_file(JENKINS, NODE, f"{place}/opt/../safe/private")
    assert other.read_bytes() == OLD_JAR and secret.read_bytes() == b"of root"
    assert {p.name for p in (place / "safe").iterdir()} == {"other.jar", "private"}


def test_what_is_its_users_own_is_done_as_that_user(
    sshd: Sshd, driver: Ssh, place: Path, running: int
) -> None:
    unit(sshd, place, running)
    start = place / "theirs" / "start.sh"
    start.write_bytes(b"old")
    shutil.chown(start, USER)
    driver.switch_launch(JENKINS, NODE, (FileEdit(str(start), b"old", b"new"),))
    assert (start.read_bytes(), start.owner()) == (b"new", USER)
    # Led to root's file by a link, it comes no further than its user.
    (place / "theirs" / "link").symlink_to(place / "safe" / "private")
    with pytest.raises(DriverError):
        driver.read_file(JENKINS, NODE, f"{place}/theirs/link")


def test_a_file_of_root_may_name_another(
    sshd: Sshd, driver: Ssh, place: Path, running: int
) -> None:
    start, variables = place / "opt" / "start.sh", place / "safe" / "private"
    unit(sshd, place, running, str(start))
    start.write_text(f"#!/bin/sh\n. {variables}\nexec java -jar agent.jar\n")
    assert driver.read_file(JENKINS, NODE, str(variables)) == b"of root"
    # One that its user writes may not.
    shutil.chown(start, USER)
    with pytest.raises(DriverError, match=r"[Pp]ermission denied"):
        driver.read_file(JENKINS, NODE, str(variables))


@pytest.mark.parametrize(
    "words",
    [
        ("/usr/sbin/sshd", "-D"),
        ("/usr/bin/systemctl", "poweroff"),
        ("/usr/bin/java", "-jar", "/opt/agent.jar", "-url", "http://j/", "-name", "another"),
    ],
    ids=["sshd", "poweroff", "another node's agent"],
)
@pytest.mark.parametrize("runs", [True, False])
def test_a_unit_that_runs_no_agent_of_this_node(
    sshd: Sshd, driver: Ssh, place: Path, words: tuple[str, ...], runs: bool
) -> None:
    stands = ["/bin/sh", "-c", "while :; do sleep 60; done", *words]
    with subprocess.Popen(stands, user=USER) as process:
        unit(sshd, place, process.pid if runs else 0, *words, name="other.service")
        lying = replace(driver, unit="other.service")
        before = len(sshd.calls)
        for act in (
            lambda: lying.restart(JENKINS, NODE, "why"),
            lambda: lying.read_file(JENKINS, NODE, str(place / "safe" / "private")),
            lambda: lying.upgrade(
                JENKINS, NODE, jar_upgrade(str(place / "opt" / "agent.jar"), sha(NEW_JAR))
            ),
        ):
            with pytest.raises(DriverError, match="knows of no agent of this node"):
                act()
        assert not [call for call in sshd.calls[before:] if "restart" in call]
        process.kill()
    assert (place / "opt" / "agent.jar").read_bytes() == OLD_JAR


def test_an_agent_that_ended_is_known_by_what_would_start_it(
    sshd: Sshd, driver: Ssh, place: Path
) -> None:
    unit(sshd, place, 0)
    jar = place / "opt" / "agent.jar"
    assert driver.read_file(JENKINS, NODE, str(jar)) == OLD_JAR
    driver.restart(JENKINS, NODE, "why")
    start = place / "opt" / "start.sh"
    start.write_text(f"exec java -jar agent.jar -jnlpUrl {URL}\n")
    unit(sshd, place, 0, str(start))
    driver.restart(JENKINS, NODE, "why")
    with pytest.raises(DriverError, match=r"[Pp]ermission denied"):
        driver.read_file(JENKINS, NODE, str(place / "safe" / "private"))


def test_without_sudo_nobody_is_asked(sshd: Sshd, driver: Ssh, place: Path) -> None:
    say(sshd, UNIT)
    plain = replace(driver, host=replace(driver.host, sudo=False))
    assert plain.read_file(JENKINS, NODE, str(place / "opt" / "start.sh")) == b"old"
