"""Which driver for which node."""

from dataclasses import replace

import pytest
from planner_data import JAR, NEW_JAR, OLD_JAR, OPERATOR, choices, controller, launch, node

from migrate.model.inventory import Controller, LaunchKind, Node, Transport
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.planner.choose import choose

ADMIN = controller()
PLAIN = controller(permissions=OPERATOR)
JNLP = choices(launches=(("*", "jnlp-url"),))


@pytest.mark.parametrize(
    ("seen", "jenkins", "chosen", "driver"),
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
def test_driver(seen: Node, jenkins: Controller, chosen: Choices, driver: str) -> None:
    found = choose(seen, jenkins, chosen, ())
    assert found.driver == driver
    assert found.reason


@pytest.mark.parametrize(("remoting", "driver"), [("4.12.9", "manual"), ("4.13", "reread")])
def test_an_old_controller_takes_agents_that_websocket_does_not_hold(
    remoting: str, driver: str
) -> None:
    takes_more = controller(version="2.249.1", minimum_remoting="3.14")
    found = choose(
        node(online=False, remoting_version=remoting, launch=None), takes_more, choices(), ()
    )
    assert found.driver == driver
    assert ("does not hold a WebSocket connection" in found.reason) is (driver == "manual")


def test_upgrade_goes_only_up_and_only_where_it_can() -> None:
    assert choose(node(remoting_version=OLD_JAR), ADMIN, choices(), ()).upgrade_to == JAR
    assert choose(node(remoting_version=NEW_JAR), ADMIN, choices(), ()).upgrade_to is None
    on_disk = node(remoting_version="4.11.2", launch=launch(jar_sha256="d" * 64))
    assert choose(on_disk, ADMIN, choices(), ()).upgrade_to is None
    assert choose(on_disk, ADMIN, choices(), ()).driver == "inband"
    java8 = node(remoting_version=OLD_JAR, launch=launch(java_version="1.8.0_392"))
    found = choose(java8, ADMIN, choices(), ())
    assert found.upgrade_to is None
    assert "needs Java 11" in found.not_better
    lost = replace(java8.launch or launch(), java_version="17", options=("-jnlpUrl", "-slaveLog"))
    assert "-slaveLog" in choose(replace(java8, launch=lost), ADMIN, choices(), ()).not_better


def test_why_not_better_says_what_would_help() -> None:
    unknown = choose(node(launch=None), PLAIN, choices(), ())
    assert "--launch 'a=jnlp-url'" in unknown.not_better
    assert "Overall/Administer" in unknown.not_better
    assert "Overall/Administer" in choose(node(launch=None), PLAIN, JNLP, ()).not_better


def test_to_ask_for_reread_is_to_assert_its_launch() -> None:
    found = choose(node(launch=None), ADMIN, choices(drivers=(("*", "reread"),)), ())
    assert found.driver == "reread" and found.launch is not None
    assert (found.launch.kind, found.launch.asserted) == (LaunchKind.JNLP_URL, True)
    read = choose(node(), ADMIN, choices(drivers=(("*", "reread"),)), ())
    assert read.launch is not None and not read.launch.asserted


def test_a_name_with_brackets_matches_itself() -> None:
    assert matches("a[1]", "a[1]")
    assert matches("a1", "a[1]")
    assert not matches("A", "a")
