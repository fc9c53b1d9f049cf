"""Whether an agent that ends is started again, and which of its files count then."""

from dataclasses import replace
from typing import Any

import pytest

from migrate.agents.restart import EXIT, SERVICE, USER_UNIT, Restart, editable_within, restart_of
from migrate.model.inventory import Launch, LaunchFile, LaunchKind

FILES = tuple(
    LaunchFile(f"/{kind}", kind, writable)
    for kind in ("systemd-unit", "systemd-drop-in", "env-file", "script", "winsw-xml")
    for writable in (True, False)
)
UNIT = Launch(
    LaunchKind.URL_NAME,
    supervisor="systemd",
    supervisor_detail="agent.service",
    restart="always",
    restart_exit=93,
    main_process=True,
    launch_files=FILES,
)
WINSW = Launch(
    LaunchKind.URL_NAME, supervisor="winsw", restart="service", restarter=True, launch_files=FILES
)


def test_a_system_unit_starts_what_exits_and_reads_what_the_unit_names() -> None:
    found = restart_of(UNIT)
    assert found == Restart(EXIT, "agent.service", 93)
    assert editable_within(UNIT, found) == ("/env-file", "/script")


def test_a_unit_of_the_user_is_restarted_whatever_it_does_at_an_end() -> None:
    own = replace(UNIT, restart="user-unit", restart_exit=None, main_process=False)
    found = restart_of(own)
    assert found == Restart(USER_UNIT, "agent.service")
    assert editable_within(own, found) == (
        "/systemd-unit",
        "/systemd-drop-in",
        "/env-file",
        "/script",
    )


def test_winsw_through_jenkins_own_restarter() -> None:
    assert restart_of(WINSW) == Restart(SERVICE)
    assert editable_within(WINSW, restart_of(WINSW)) == ("/winsw-xml",)


@pytest.mark.parametrize(
    ("launch", "changes", "why"),
    [
        (UNIT, {"asserted": True}, "was not read"),
        (UNIT, {"restart": None, "restart_exit": None}, "could not be read"),
        (UNIT, {"restart": "no", "restart_exit": None}, "Restart=no"),
        (UNIT, {"main_process": False}, "a shell stands between"),
        (UNIT, {"main_process": None}, "a shell stands between"),
        (UNIT, {"supervisor_detail": "init.scope"}, "name of its systemd unit"),
        (UNIT, {"supervisor": "none"}, "no supervisor starts"),
        (UNIT, {"supervisor": "unknown"}, "no supervisor starts"),
        (UNIT, {"supervisor": "launchd"}, "launchd keeps the property list"),
        (UNIT, {"supervisor": "docker"}, "docker starts it from outside"),
        (UNIT, {"supervisor": "supervisord"}, "supervisord starts it, and nothing here"),
        (WINSW, {"restart": None}, "does not reach its WinSW service"),
        (WINSW, {"options": ("-url", "-noreconnect")}, "-noReconnect"),
    ],
)
def test_what_nobody_starts_again_is_never_ended(
    launch: Launch, changes: dict[str, Any], why: str
) -> None:
    found = restart_of(replace(launch, **changes))
    assert (found.by, why in found.obstacle) == ("", True)
    assert editable_within(launch, found) == ()
