"""Whatever a user's ssh configuration lends to every host, a real sshd gets none of it."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import drivers_sshd
import pytest
from drivers_sshd import Sshd

from migrate.drivers.errors import DriverError, HostUnreachable
from migrate.drivers.remote_shell import Host, run


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if why := drivers_sshd.missing():
        pytest.skip(why)
    server, process = drivers_sshd.start(tmp_path_factory.mktemp("sshd"))
    yield server
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """A running ssh-agent's socket."""
    place = Path(f"/tmp/migrate-test-agent-{tmp_path.name}-{id(tmp_path)}")
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield place
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()
    place.unlink(missing_ok=True)


def lending(sshd: Sshd, folder: Path, more: str) -> Host:
    config = folder / "lending"
    config.write_text(f"Host *\n{more}\n" + sshd.config.read_text())
    return Host(sshd.host, config=str(config))


def plain_ssh(host: Host, command: str) -> str:
    done = subprocess.run(
        ["ssh", "-F", host.config, host.name, command], capture_output=True, text=True, timeout=30
    )
    return done.stdout


def test_no_agent_is_lent(
    sshd: Sshd, agent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
    host = lending(sshd, tmp_path, "  ForwardAgent yes")
    asked = 'echo "[${SSH_AUTH_SOCK:-none}]"'
    assert "[none]" not in plain_ssh(host, asked)
    assert run(host, asked).out.decode().strip() == "[none]"


def test_no_port_is_opened(sshd: Sshd, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    host = lending(sshd, tmp_path, f"  RemoteForward 127.0.0.1:{port} 127.0.0.1:{sshd.port}")
    asked = f"(: < /dev/tcp/127.0.0.1/{port}) 2>/dev/null && echo open || echo shut"
    assert plain_ssh(host, f"bash -c '{asked}'").strip() == "open"
    assert run(host, f"bash -c '{asked}'").out.decode().strip() == "shut"


def test_no_command_runs_here(sshd: Sshd, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    host = lending(sshd, tmp_path, f"  PermitLocalCommand yes\n  LocalCommand touch {mark}")
    assert run(host, "echo done").out == b"done\n"
    assert not mark.exists()
    plain_ssh(host, "true")
    assert mark.exists()


@pytest.mark.parametrize("checking", ["no", "accept-new"])
def test_a_host_with_an_unknown_key_gets_nothing(sshd: Sshd, tmp_path: Path, checking: str) -> None:
    known = tmp_path / "known_hosts"
    known.touch()
    host = lending(
        sshd, tmp_path, f"  UserKnownHostsFile {known}\n  StrictHostKeyChecking {checking}"
    )
    mark = tmp_path / "mark"
    with pytest.raises(HostUnreachable, match=r"[Hh]ost key"):
        run(replace(host), f"touch {mark}")
    assert not mark.exists() and not known.read_text()


def test_what_is_too_long_is_not_taken_for_its_end(sshd: Sshd) -> None:
    host = Host(sshd.host, config=str(sshd.config))
    with pytest.raises(DriverError, match="sent more than 4 MiB"):
        run(host, "yes | head -c 5000000")
    with pytest.raises(DriverError, match="did not answer within 2 s"):
        run(host, "yes", timeout=2)
