"""Whether a controller's minimum remoting counts."""

from dataclasses import replace

import pytest

from migrate.agents.minimum import has_let_in_older, is_lifted, minimum
from migrate.model.inventory import AgentPort, Controller, LauncherKind, Node

ROOT = "https://ci.example.org/"


def controller(version: str, told: str | None, *, lifted: bool | None) -> Controller:
    return Controller(ROOT, ROOT, version, AgentPort(0), told, None, None, minimum_lifted=lifted)


@pytest.mark.parametrize(
    ("version", "told", "lifted", "expected"),
    [
        ("2.541.3", "3107", None, ("3107", True)),
        ("2.541.3", None, None, ("3107", False)),
        # The script console tells the number all the same.
        ("2.541.3", "3107", True, None),
        ("2.541.3", None, True, None),
        ("2.467", "3107", True, ("3107", True)),
        ("2.100", None, None, None),
    ],
)
def test_minimum(
    version: str, told: str | None, lifted: bool | None, expected: tuple[str, bool] | None
) -> None:
    found = minimum(controller(version, told, lifted=lifted))
    assert (found and (found.text, found.read)) == expected


def test_the_listener_tells_by_its_silence() -> None:
    assert is_lifted("2.541.3", listens=True, told=None) is True
    assert is_lifted("2.541.3", listens=True, told="3107") is False
    assert is_lifted("2.541.3", listens=False, told=None) is None
    assert is_lifted("2.426.2", listens=True, told=None) is None


def test_a_connected_older_agent_proves_it() -> None:
    old = Node("n", LauncherKind.INBOUND, None, online=True, remoting_version="3063.v26e24490f041")
    assert has_let_in_older("2.541.3", [old])
    assert not has_let_in_older("2.541.3", [replace(old, online=False)])
    assert not has_let_in_older("2.541.3", [replace(old, remoting_version="3107.v1")])
    assert not has_let_in_older("2.467", [old])
