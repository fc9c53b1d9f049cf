"""The ssh client as a program that may hang; a real sshd answers in test_drivers_ssh.py."""

import os
import time
from pathlib import Path

import pytest

from migrate.drivers.errors import DriverError
from migrate.drivers.remote_shell import Host, run


def test_ssh_hears_no_ctrl_c_and_ends_with_its_proxy_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(
        f"#!/bin/sh\nps -o pgid= -p $$ > {tmp_path}/group\n"
        f"sleep 60 & echo $! > {tmp_path}/proxy\nexec sleep 60\n"
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    begun = time.monotonic()
    with pytest.raises(DriverError, match="did not answer within 1 s"):
        run(Host("h1"), "true", timeout=1.0)
    # A terminal sends SIGINT to its whole foreground group; the node in hand must still finish.
    assert int((tmp_path / "group").read_text()) != os.getpgrp()
    stat = Path(f"/proc/{(tmp_path / 'proxy').read_text().strip()}/stat")
    while time.monotonic() - begun < 20 and stat.exists() and ") Z " not in stat.read_text():
        time.sleep(0.02)
    assert not stat.exists() or ") Z " in stat.read_text()
