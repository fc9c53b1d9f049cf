"""The drivers section of the config file."""

from pathlib import Path
from typing import Any

import pytest

from migrate.cli.config_file import read_drivers
from migrate.model.access import Access, CommandAccess, SshAccess
from migrate.model.errors import UsageProblem


def read(folder: Path, text: str) -> Access:
    file = folder / "config.yaml"
    file.write_text("controllers:\n  a: {url: 'http://a/'}\n" + text)
    return read_drivers(file)


def test_nothing_is_configured(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Access()


def test_both_drivers(tmp_path: Path) -> None:
    access = read(
        tmp_path,
        "drivers:\n"
        "  ssh: {host: '{node}.x', hosts: {'lab-*': lab}, user: me, sudo: true, config: my/cfg}\n"
        "  command: {program: [./run, -v], nodes: ['win-*'], actions: [switch, restart]}\n",
    )
    assert access.ssh == SshAccess(
        "{node}.x", (("lab-*", "lab"),), "me", 0, True, str(tmp_path / "my/cfg"), 10
    )
    assert access.command == CommandAccess(
        (str(tmp_path / "run"), "-v"), ("switch", "restart"), ("win-*",), 600
    )


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("[]", "drivers is not a mapping"),
        ("{telnet: {}}", "unknown key 'telnet'"),
        ("{ssh: {hosts: {'*': '-oProxyCommand=x'}}}", "is not a host name"),
        ("{ssh: {host: 'a b'}}", "is not a host name"),
        ("{ssh: {user: '-l'}}", "is not a user name"),
        ("{ssh: {port: true}}", "port is no int"),
        ("{ssh: {password: x}}", "unknown key 'password'"),
        ("{command: {}}", "has no program"),
        ("{command: {program: [1]}}", "no list of texts"),
        ("{command: {program: [x], actions: [dance]}}", "unknown actions dance"),
        ("{command: {program: [x], timeout: 0}}", "timeout is a number"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, section: str, told: str) -> None:
    with pytest.raises(UsageProblem, match=told) as caught:
        read(tmp_path, f"drivers: {section}\n")
    assert caught.value.next_command


def test_the_example_is_readable(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "config.yaml"
    text = example.read_text()
    start = text.index("# drivers:")
    lines: list[Any] = [line.removeprefix("# ") for line in text[start:].splitlines()]
    assert read(tmp_path, "\n".join(lines) + "\n").ssh is not None
