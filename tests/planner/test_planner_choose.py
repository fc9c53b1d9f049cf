"""Which driver for which node."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import (
    JAR,
    NEW_JAR,
    OLD_JAR,
    OPERATOR,
    SCRIPT,
    SSH,
    UNIT,
    choices,
    controller,
    launch,
    node,
)

from migrate.model.access import NO_ACCESS, Access, CommandAccess
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.inventory import Controller, LaunchKind, Node, Transport
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.planner.choose import ORDER, Choice, choose, facts_of
from migrate.planner.offers.base import Offer

ADMIN = controller()
PLAIN = controller(permissions=OPERATOR)
JNLP = choices(launches=(("*", "jnlp-url"),))


def chosen(seen: Node, jenkins: Controller, wanted: Choices, **more: Any) -> Choice:
    made = facts_of(seen, jenkins, wanted, more.pop("access", NO_ACCESS), **more)
    return choose(seen, made)


@pytest.mark.parametrize(
    ("seen", "jenkins", "wanted", "driver"),
    [
        pytest.param(node(), ADMIN, choices(), "inband", id="exits-on-a-failed-handshake"),
        # It would retry over WebSocket for ever, so its host tries the way first, too.
        pytest.param(node(remoting_version=NEW_JAR), ADMIN, choices(), "inband", id="new-enough"),
        pytest.param(
            node(remoting_version=NEW_JAR), PLAIN, JNLP, "reread", id="nothing-runs-there"
        ),
        pytest.param(node(remoting_version=OLD_JAR), ADMIN, choices(), "inband", id="upgrade"),
        pytest.param(
            node(remoting_version=OLD_JAR, launch=launch(jar_writable=False)),
            ADMIN,
            choices(),
            "inband",
            id="probe-without-upgrade",
        ),
        pytest.param(node(launch=None), PLAIN, choices(), "manual", id="unknown-launch"),
        pytest.param(node(launch=None), PLAIN, JNLP, "reread", id="asserted"),
        pytest.param(
            node(launch=None),
            PLAIN,
            choices(drivers=(("a", "reread"),)),
            "reread",
            id="driver-asserts",
        ),
        pytest.param(
            node(launch=launch(LaunchKind.URL_NAME)), ADMIN, JNLP, "manual", id="read-beats-said"
        ),
        pytest.param(
            node(launch=launch(LaunchKind.URL_NAME)),
            ADMIN,
            choices(drivers=(("*", "reread"),)),
            "manual",
            id="reread-cannot",
        ),
        pytest.param(
            node(launch=launch(LaunchKind.CONTAINER)), ADMIN, choices(), "manual", id="container"
        ),
        pytest.param(
            node(remoting_version="4.11.2", launch=launch(jar_writable=False)),
            ADMIN,
            choices(),
            "manual",
            id="too-old",
        ),
        pytest.param(
            node(remoting_version="4.11.2"), ADMIN, choices(), "inband", id="too-old-but-upgraded"
        ),
        pytest.param(
            node(remoting_version="4.11.2"),
            ADMIN,
            choices(upgrade=False),
            "manual",
            id="too-old-no-upgrade",
        ),
        pytest.param(
            node(launch=launch(restarter=False)), ADMIN, choices(), "manual", id="no-restarter"
        ),
        pytest.param(
            node(launch=launch(options=("-jnlpUrl", "-noReconnect"))),
            ADMIN,
            choices(),
            "manual",
            id="no-reconnect",
        ),
        pytest.param(
            node(launch=launch(options=("-jnlpUrl", "-jnlpCredentials"))),
            ADMIN,
            choices(),
            "manual",
            id="credentials",
        ),
        pytest.param(
            node(launch=launch(options=("-jnlpUrl", "-cert"))),
            ADMIN,
            choices(),
            "manual",
            id="cert-below-3184",
        ),
        pytest.param(
            node(remoting_version="3206", launch=launch(options=("-jnlpUrl", "-cert"))),
            ADMIN,
            choices(),
            "inband",
            id="cert-from-3184",
        ),
        pytest.param(
            node(remoting_version=None, launch=None), PLAIN, JNLP, "manual", id="log-not-readable"
        ),
        pytest.param(
            node(online=False, transport=Transport.UNKNOWN, remoting_version=None, launch=None),
            ADMIN,
            choices(),
            "reread",
            id="offline",
        ),
        pytest.param(
            node(online=False, remoting_version="4.2", launch=None),
            ADMIN,
            choices(),
            "manual",
            id="offline-too-old",
        ),
        pytest.param(
            node(online=False, remoting_version="4.13", launch=None),
            ADMIN,
            choices(),
            "reread",
            id="offline-just-new-enough",
        ),
        pytest.param(
            node(online=False, remoting_version="4.12.9", launch=None),
            ADMIN,
            choices(),
            "manual",
            id="offline-just-too-old",
        ),
        pytest.param(
            node(), ADMIN, choices(drivers=(("b", "inband"), ("*", "manual"))), "manual", id="asked"
        ),
        pytest.param(
            node(), PLAIN, choices(drivers=(("*", "inband"),)), "reread", id="inband-needs-admin"
        ),
    ],
)
def test_driver(seen: Node, jenkins: Controller, wanted: Choices, driver: str) -> None:
    found = chosen(seen, jenkins, wanted)
    assert found.driver == driver
    assert found.offer.reason


@pytest.mark.parametrize(("remoting", "driver"), [("4.12.9", "manual"), ("4.13", "reread")])
def test_an_old_controller_takes_agents_that_websocket_does_not_hold(
    remoting: str, driver: str
) -> None:
    takes_more = controller(version="2.249.1", minimum_remoting="3.14")
    away = node(online=False, remoting_version=remoting, launch=None)
    found = chosen(away, takes_more, choices())
    assert found.driver == driver
    assert ("does not hold a WebSocket connection" in found.offer.reason) is (driver == "manual")


def test_the_first_that_offers_is_taken_and_those_before_it_are_kept() -> None:
    found = chosen(node(launch=UNIT), ADMIN, choices(), access=SSH)
    assert (found.driver, [driver for driver, _ in found.refused]) == (
        "ssh", ["kubernetes", "command"],
    )  # fmt: skip
    found = chosen(node(launch=SCRIPT), ADMIN, choices())
    assert (found.driver, [driver for driver, _ in found.refused]) == (
        "inband", ["kubernetes", "command", "ssh"],
    )  # fmt: skip
    assert "ssh is not configured" in found.refused[-1][1].reason
    found = chosen(node(launch=UNIT), ADMIN, choices())
    assert found.driver == "manual"
    assert [driver for driver, _ in found.refused] == list(ORDER)


def test_one_that_is_asked_for_is_asked_alone() -> None:
    for driver in ("kubernetes", "command", "ssh"):
        found = chosen(node(), ADMIN, choices(drivers=(("*", driver),)))
        assert (found.driver, [name for name, _ in found.refused]) == ("manual", [driver])
        assert found.offer.reason.startswith(f"--driver {driver} was asked for, and ")
    found = chosen(node(launch=SCRIPT), ADMIN, choices(drivers=(("*", "inband"),)), access=SSH)
    assert (found.driver, found.refused) == ("inband", ())
    found = chosen(node(), ADMIN, choices(drivers=(("*", "manual"),)))
    assert (found.driver, found.refused) == ("manual", ())


def test_of_a_node_that_is_away_the_flag_is_set_whatever_was_asked_for() -> None:
    away = node(online=False)
    for driver in ("ssh", "inband"):
        found = chosen(away, ADMIN, choices(drivers=(("*", driver),)), access=SSH)
        assert (found.driver, [name for name, _ in found.refused]) == ("reread", [driver])


def test_a_workload_and_a_program_have_their_nodes_for_themselves() -> None:
    served = AgentWorkload("Deployment", "build", "w", "jnlp", "image", ("a",), obstacle="no way")
    found = chosen(node(), ADMIN, choices(), workload=served)
    assert (found.driver, found.offer.reason) == (
        "manual", "Deployment build/w can't be edited safely: no way",
    )  # fmt: skip
    program = Access(command=CommandAccess(("/x",), ("restart",), ("*",)))
    stuck = node(launch=launch(LaunchKind.URL_NAME))
    assert chosen(stuck, ADMIN, choices(), access=program).driver == "manual"
    # Unless a person asks for another one.
    asked = choices(drivers=(("*", "reread"),))
    assert chosen(node(), ADMIN, asked, workload=served, access=program).driver == "reread"


def test_what_the_controller_would_not_take_is_left_to_a_person() -> None:
    strict = controller(minimum_remoting="3107")
    found = chosen(node(remoting_version=OLD_JAR), strict, choices(upgrade=False))
    assert found.driver == "manual"
    assert "its agent.jar has to be replaced before the move" in found.offer.reason
    assert found.refused[-1][0] == "inband"
    assert chosen(node(remoting_version=OLD_JAR), strict, choices()).driver == "inband"


def test_upgrade_goes_only_up_and_only_where_it_can() -> None:
    def offer(seen: Node) -> Offer:
        return chosen(seen, ADMIN, choices()).offer

    assert offer(node(remoting_version=OLD_JAR)).upgrade_to == JAR
    assert offer(node(remoting_version=NEW_JAR)).upgrade_to is None
    on_disk = node(remoting_version="4.11.2", launch=launch(jar_sha256="d" * 64))
    assert offer(on_disk).upgrade_to is None
    assert chosen(on_disk, ADMIN, choices()).driver == "inband"
    java8 = node(remoting_version=OLD_JAR, launch=launch(java_version="1.8.0_392"))
    assert offer(java8).upgrade_to is None
    assert "needs Java 11" in offer(java8).note
    lost = launch(java_version="17", options=("-jnlpUrl", "-slaveLog"))
    assert "-slaveLog" in offer(replace(java8, launch=lost)).note


def test_to_ask_for_reread_is_to_assert_its_launch() -> None:
    found = chosen(node(launch=None), ADMIN, choices(drivers=(("*", "reread"),)))
    assert found.driver == "reread" and found.launch is not None
    assert (found.launch.kind, found.launch.asserted) == (LaunchKind.JNLP_URL, True)
    read = chosen(node(), ADMIN, choices(drivers=(("*", "reread"),)))
    assert read.launch is not None and not read.launch.asserted


def test_a_name_with_brackets_matches_itself() -> None:
    assert matches("a[1]", "a[1]")
    assert matches("a1", "a[1]")
    assert not matches("A", "a")
