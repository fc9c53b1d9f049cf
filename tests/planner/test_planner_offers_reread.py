"""What the driver ``reread`` offers, and why not."""

from typing import Any

import pytest
from planner_data import JAR, OLD_JAR, OPERATOR, controller, facts, launch, node
from typed import a

from migrate.model.inventory import Launch, LaunchKind
from migrate.planner.offers.base import Offer, Refusal
from migrate.planner.offers.reread import offer

PLAIN = controller(permissions=OPERATOR)


def test_a_jnlp_url_agent_reads_its_settings_again() -> None:
    found = a(Offer, offer(node(), facts(launch(), controller=PLAIN)))
    assert found.upgrade_to is None
    assert "reads its JNLP file again" in found.reason
    asserted = a(Offer, offer(node(launch=None), facts(launch(asserted=True))))
    assert "nobody read that on its host" in asserted.reason


def test_an_older_jar_stays_and_the_offer_says_so() -> None:
    old = node(remoting_version=OLD_JAR)
    found = a(Offer, offer(old, facts(launch(), controller=PLAIN)))
    assert f"is older than the controller's {JAR}" in found.note
    asked = a(Offer, offer(old, facts(launch(), asked="reread")))
    assert "was asked for" in asked.note


@pytest.mark.parametrize(
    ("of", "changes", "why", "possible"),
    [
        (launch(LaunchKind.URL_NAME), {}, "its own command line (-url and -name)", ""),
        (launch(LaunchKind.JNLP_MAIN), {}, "hudson.remoting.jnlp.Main", ""),
        (launch(LaunchKind.SWARM), {}, "Swarm client", ""),
        (None, {}, "how its agent was started is not known", "Overall/Administer"),
        (launch(), {"remoting_version": None}, "version is not known", "Agent/Connect"),
        (launch(), {"remoting_version": "4.12.9"}, "does not hold a WebSocket", "agent.jar"),
        (launch(restarter=False), {}, "restarter does not work on it", "supervisor"),
        (launch(options=("-noReconnect",)), {}, "ends it at a disconnect", "-noReconnect"),
        (launch(options=("-tunnel",)), {}, "has -tunnel, which ends", "without -tunnel"),
    ],
)
def test_why_a_disconnect_does_not_move_it(
    of: Launch | None, changes: dict[str, Any], why: str, possible: str
) -> None:
    told = a(Refusal, offer(node(launch=of, **changes), facts(of, controller=PLAIN)))
    assert why in told.reason
    assert possible in told.possible


@pytest.mark.parametrize(("remoting", "offered"), [(None, True), ("4.13", True), ("4.12.9", False)])
def test_of_an_agent_that_is_away_the_flag_is_set_where_that_can_help(
    remoting: str | None, offered: bool
) -> None:
    away = node(online=False, launch=None, remoting_version=remoting)
    found = offer(away, facts())
    assert isinstance(found, Offer) is offered
    assert "it is not connected" in found.reason
