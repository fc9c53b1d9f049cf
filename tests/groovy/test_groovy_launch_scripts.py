"""Reading and writing a launch file, and restarting the agent, run by a real Groovy 2.4."""

import base64
import hashlib
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from groovy_runner import JAVA, Sent, needs_groovy, run_all, run_groovy

from migrate.drivers.inband import MOST_BYTES
from migrate.jenkins.console import render
from migrate.jenkins.errors import ScriptFailed

pytestmark = [pytest.mark.groovy, needs_groovy]

OLD = b"#!/bin/sh\r\nexec java \xc3\xa9 \xff $HOME\n\n"
NEW = OLD + b"# new\n"


def sha(body: bytes | None) -> str | None:
    return None if body is None else hashlib.sha256(body).hexdigest()


def write(path: Path, before: bytes | None, after: bytes | None, mode: str | None = None) -> Sent:
    asked: dict[str, Any] = {"path": str(path), "before": sha(before), "after": sha(after)}
    if after is not None:
        asked |= {"body": base64.b64encode(after).decode(), "mode": mode}
    return "write-launch-file", asked, ""


def states(tmp_path: Path, *scripts: Sent) -> list[str]:
    return [result["state"] for result, _ in run_all(list(scripts), tmp_path)]


def test_reading(tmp_path: Path) -> None:
    folder = tmp_path / "it's $(here) \u00e9"
    folder.mkdir()
    file = folder / "start.sh"
    file.write_bytes(OLD)

    def asked(path: object, limit: int = 1000) -> Sent:
        return "read-launch-file", {"path": str(path), "limit": limit}, ""

    (there, output), (gone, _) = run_all([asked(file), asked(folder / "none")], tmp_path)
    assert base64.b64decode(there["body"]) == OLD
    assert gone == {"missing": True}
    # Nothing of it in clear, where a log of the console could show it.
    assert "exec java" not in output
    for path, limit, told in (
        (file, 5, "more than any launch file"),
        (folder, 1000, "no regular file"),
        ("start.sh", 1000, "not an absolute path"),
    ):
        with pytest.raises(ScriptFailed, match=told):
            run_groovy("read-launch-file", {"path": str(path), "limit": limit}, tmp_path)


def test_writing_is_a_rename_that_keeps_who_may_read_and_can_be_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "agent"
    folder.mkdir()
    file, link = folder / "start \u00e9.sh", folder / "link.sh"
    file.write_bytes(OLD)
    file.chmod(0o750)
    link.symlink_to(file)
    os.link(file, tmp_path / "the-old-one")
    told = states(tmp_path, write(file, OLD, NEW), write(file, OLD, NEW), write(link, NEW, OLD))
    assert told == ["written", "already", "written"]
    assert file.read_bytes() == OLD
    assert not file.samefile(tmp_path / "the-old-one")
    assert file.stat().st_mode & 0o777 == 0o750
    assert link.is_symlink()
    assert sorted(p.name for p in folder.iterdir()) == sorted([file.name, link.name])


def test_the_largest_file_that_is_read_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / "start.sh"
    old, new = os.urandom(MOST_BYTES), os.urandom(MOST_BYTES)
    file.write_bytes(old)
    assert states(tmp_path, write(file, old, new)) == ["written"]
    assert file.read_bytes() == new


def test_a_new_file_has_the_mode_asked_for_and_goes_again(tmp_path: Path) -> None:
    secret, drop_in = tmp_path / "agent-secret", tmp_path / "a.service.d" / "50-migrate.conf"
    told = states(
        tmp_path,
        write(secret, None, b"s\n", "600"),
        write(drop_in, None, NEW),
        write(secret, None, b"s\n", "600"),
    )
    assert told == ["written", "written", "already"]
    assert secret.stat().st_mode & 0o777 == 0o600
    assert drop_in.stat().st_mode & 0o777 == 0o644
    back = [write(p, body, None) for p, body in ((secret, b"s\n"), (drop_in, NEW))]
    assert states(tmp_path, *back, *back) == ["removed", "removed", "already", "already"]
    assert not drop_in.parent.exists()


def test_what_somebody_changed_is_left(tmp_path: Path) -> None:
    file = tmp_path / "start.sh"
    file.write_bytes(b"theirs")
    told = states(tmp_path, write(file, OLD, NEW), write(file, None, NEW), write(file, NEW, None))
    assert told == ["changed"] * 3
    assert file.read_bytes() == b"theirs"


def test_a_text_that_arrived_damaged_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "start.sh"
    file.write_bytes(OLD)
    script, asked, _ = write(file, OLD, NEW)
    with pytest.raises(ScriptFailed, match="arrived damaged"):
        run_groovy(script, asked | {"body": base64.b64encode(b"x").decode()}, tmp_path)
    deep = write(tmp_path / "no" / "such" / "file", None, NEW)
    with pytest.raises(ScriptFailed):
        run_groovy(deep[0], deep[1], tmp_path)
    assert file.read_bytes() == OLD
    assert [p.name for p in tmp_path.iterdir() if ".migrate-" in p.name] == []


def ends(tmp_path: Path, asked: dict[str, Any], then: str) -> tuple[int, str, float]:
    """Exit status, output and seconds of a JVM that runs the script and would go on for long."""
    source = tmp_path / "sent.groovy"
    source.write_text(render("restart-agent", asked) + "\n" + then, encoding="utf-8")
    began = time.monotonic()
    done = subprocess.run([*JAVA, str(source)], capture_output=True, text=True, timeout=90)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


def test_the_process_ends_with_the_status_after_it_has_answered(tmp_path: Path) -> None:
    asked = {"by": "exit", "unit": "a.service", "status": 93, "delay": 0.5}
    status, output, _ = ends(tmp_path, asked, "Thread.sleep(60000)")
    assert status == 93
    assert '{"by":"exit","status":93}' in output


@pytest.mark.long
def test_a_hook_that_hangs_does_not_keep_it(tmp_path: Path) -> None:
    asked = {"by": "exit", "unit": "a.service", "status": 93, "delay": 0.1}
    hang = "Runtime.runtime.addShutdownHook(new Thread({ Thread.sleep(80000) } as Runnable))"
    status, _, seconds = ends(tmp_path, asked, f"{hang}\nThread.sleep(80000)")
    assert status == 93
    assert seconds > 15


SYSTEMCTL = """#!/bin/sh
echo "$@" >> {log}
case $2 in
  daemon-reload) [ -e {folder}/broken ] && {{ echo no bus >&2; exit 1; }};;
  show) printf 'LoadState=loaded\\nActiveState=%s\\n' "$(cat {folder}/state)";;
esac
exit 0
"""


def test_the_users_own_systemd_restarts_the_unit(tmp_path: Path) -> None:
    log, systemctl = tmp_path / "log", tmp_path / "usr" / "bin" / "systemctl"
    systemctl.parent.mkdir(parents=True)
    systemctl.write_text(SYSTEMCTL.format(log=log, folder=tmp_path))
    systemctl.chmod(0o755)
    (tmp_path / "state").write_text("active")
    asked = {"by": "user-unit", "unit": "a.service", "delay": 0.3, "root": str(tmp_path)}
    result, _ = run_groovy("restart-agent", asked, tmp_path)
    assert result == {"by": "user-unit", "unit": "a.service"}
    # It has answered, and restarts then.
    until = time.monotonic() + 30
    while log.read_text().count("\n") < 3 and time.monotonic() < until:
        time.sleep(0.02)
    assert log.read_text().splitlines() == [
        "--user daemon-reload",
        "--user show -p LoadState,ActiveState a.service",
        "--user --no-block restart a.service",
    ]
    (tmp_path / "state").write_text("failed")
    with pytest.raises(ScriptFailed, match="would not start again"):
        run_groovy("restart-agent", asked, tmp_path)
    (tmp_path / "broken").touch()
    with pytest.raises(ScriptFailed, match="no bus"):
        run_groovy("restart-agent", asked, tmp_path)
    with pytest.raises(ScriptFailed, match="not a unit"):
        run_groovy("restart-agent", asked | {"unit": "--force x.service"}, tmp_path)
    assert log.read_text().count("restart") == 1


def test_the_owner_of_a_file_stays(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of somebody else")
    file = tmp_path / "start.sh"
    file.write_bytes(OLD)
    os.chown(file, 65534, 65534)
    assert states(tmp_path, write(file, OLD, NEW)) == ["written"]
    assert (file.stat().st_uid, file.stat().st_gid) == (65534, 65534)
