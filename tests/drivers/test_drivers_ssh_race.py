"""The ssh driver as root, where somebody without rights plants and exchanges what it touches."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import drivers_sshd
import pytest
from drivers_sshd import Sshd
from journal_entries import jar_upgrade

from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError
from migrate.drivers.remote_shell import Host
from migrate.drivers.ssh import Ssh
from migrate.model.ports import ControllerPort

NODE = "n"
OLD_JAR, NEW_JAR = b"PK old", b"PK" + os.urandom(50_000)
GROUP, RACER, OWNER = 65533, 65532, 65531

RACE = """
import os, sys
os.setgroups([]); os.setgid(GROUP); os.setuid(RACER)
folder, victim, base = sys.argv[1:]
for pid in range(int(base), int(base) + 3000):
    for name in ('start.sh', 'agent.jar', 'new.sh'):
        for end in ('', '.old'):
            try: os.symlink(victim, f'{folder}/.{name}.migrate-{pid}{end}')
            except OSError: pass
print('sprayed', flush=True)
number = 0
while os.path.exists(sys.argv[2] + '.racing'):
    for name in os.listdir(folder):
        if not name.startswith('.migrate-') or os.path.islink(f'{folder}/{name}'): continue
        number += 1
        try:
            os.rename(f'{folder}/{name}', f'{folder}/.taken-{number}')
            os.symlink(os.path.dirname(victim), f'{folder}/{name}')
        except OSError: pass
"""


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
    yield server
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def driver(sshd: Sshd) -> Ssh:
    return Ssh(Host(sshd.host, config=str(sshd.config), sudo=True))


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "safe").mkdir()
        (root / "safe" / "victim").write_bytes(b"victim")
        (root / "opt").mkdir()
        yield root


@contextmanager
def racing(place: Path, folder: Path) -> Iterator[None]:
    """A member of the folder's group, who plants links under every name that was ever used."""
    victim = place / "safe" / "victim"
    flag = Path(f"{victim}.racing")
    flag.touch()
    race = RACE.replace("GROUP", str(GROUP)).replace("RACER", str(RACER))
    racer = subprocess.Popen(
        # Gives its rights up itself: others may not even start this Python.
        [sys.executable, "-I", "-c", race, str(folder), str(victim), str(os.getpid())],
        stdout=subprocess.PIPE,
    )
    try:
        assert racer.stdout is not None and racer.stdout.readline() == b"sprayed\n"
        yield
    finally:
        flag.unlink()
        racer.communicate(timeout=20)


def files(folder: Path) -> None:
    for name, body in (("start.sh", b"old"), ("agent.jar", OLD_JAR)):
        (folder / name).write_bytes(body)


def edits(folder: Path) -> tuple[FileEdit, ...]:
    return (
        FileEdit(str(folder / "start.sh"), b"old", b"new"),
        FileEdit(str(folder / "new.sh"), None, b"new\n"),
    )


def test_root_writes_nothing_where_a_group_may_write(driver: Ssh, place: Path) -> None:
    folder = place / "opt"
    files(folder)
    os.chown(folder, 0, GROUP)
    folder.chmod(0o775)
    with racing(place, folder):
        for edit in edits(folder):
            with pytest.raises(DriverError, match="others than root may write to"):
                driver.switch_launch(JENKINS, NODE, (edit,))
        with pytest.raises(DriverError, match="chmod go-w"):
            driver.upgrade(JENKINS, NODE, jar_upgrade(f"{folder}/agent.jar", sha(NEW_JAR)))
    assert (place / "safe" / "victim").read_bytes() == b"victim"
    assert (folder / "start.sh").read_bytes() == b"old"


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_nor_below_such_a_folder(driver: Ssh, place: Path, mode: int) -> None:
    folder = place / "opt" / "agent"
    folder.mkdir()
    files(folder)
    os.chown(place / "opt", 0, GROUP)
    (place / "opt").chmod(mode)
    if mode == 0o1777:
        # What is root's in a sticky folder nobody else renames.
        driver.switch_launch(JENKINS, NODE, edits(folder))
        assert (folder / "start.sh").read_bytes() == b"new"
        folder = place / "opt"
        files(folder)
    with pytest.raises(DriverError, match="others than root may write to"):
        driver.switch_launch(JENKINS, NODE, edits(folder))
    assert (folder / "start.sh").read_bytes() == b"old"


@pytest.mark.parametrize("how", ["folder", "file", "chain"])
def test_nor_through_a_link_that_somebody_else_may_turn(driver: Ssh, place: Path, how: str) -> None:
    theirs, safe = place / "opt", place / "safe"
    files(safe)
    shutil.chown(theirs, OWNER, GROUP)
    path = theirs / "start.sh"
    if how == "folder":
        (theirs / "lib").symlink_to(safe)
        path = theirs / "lib" / "start.sh"
    else:
        path.symlink_to(safe / "start.sh")
    if how == "chain":
        (place / "start.sh").symlink_to(path)
        path = place / "start.sh"
    with pytest.raises(DriverError):
        driver.switch_launch(JENKINS, NODE, (FileEdit(str(path), b"old", b"new"),))
    assert (safe / "start.sh").read_bytes() == b"old"


def test_the_owner_is_led_nowhere_by_the_group(driver: Ssh, place: Path) -> None:
    folder, safe = place / "opt", place / "safe"
    files(folder)
    for path in (safe, safe / "victim", *folder.iterdir(), folder):
        os.chown(path, OWNER, GROUP)
    folder.chmod(0o775)
    jar = jar_upgrade(f"{folder}/agent.jar", sha(NEW_JAR))
    with racing(place, folder):
        for _ in range(6):
            try:
                driver.switch_launch(JENKINS, NODE, edits(folder))
                driver.restore_launch(JENKINS, NODE, edits(folder))
                driver.restore_jar(JENKINS, NODE, driver.upgrade(JENKINS, NODE, jar))
            except DriverError as error:
                # Noticed in time: nothing else may have come of it.
                assert "was exchanged" in error.cause or "migrate-" in error.cause
    assert [p.name for p in safe.iterdir()] == ["victim"]
    assert (safe / "victim").read_bytes() == b"victim"
    assert (folder / "start.sh").read_bytes() in (b"old", b"new")
    assert (folder / "agent.jar").read_bytes() in (OLD_JAR, NEW_JAR)
