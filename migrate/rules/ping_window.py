"""M030: cores whose WebSocket ping and idle timeout are both 30 s."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.versions import Version, v
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

FIRST, FIXED = v("2.361"), v("2.395")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    version = Version.maybe(inventory.controller.version)
    if version is not None and FIRST <= version < FIXED:
        yield Hit(
            "controller",
            f"Jenkins {inventory.controller.version} may drop quiet WebSocket agents",
            f"X-Jenkins is {inventory.controller.version}, between 2.361 and 2.394",
            "In these versions Jetty's idle timeout equals Jenkins' ping interval (30 s each), so "
            "a late ping ends the connection (JENKINS-69955).",
            "Upgrade to 2.395, LTS 2.401.1 or newer; or start the controller with "
            "-Djenkins.websocket.pingInterval=15",
        )


RULE = Rule(
    id="M030",
    name="ping-window",
    title="Ping and idle timeout of this core are too close",
    severity=Severity.WARNING,
    find=_find,
    meaning="The controller's version is from 2.361 to 2.394, where both are 30 seconds.",
    why="Agents drop at random with 'WebSocketTimeoutException: Connection Idle Timeout'.",
    by_hand="The version, and Manage Jenkins, System Information: jenkins.websocket.*",
    fix="Upgrade the controller, or shorten the ping interval.",
    sources=(
        jenkins("PR #7670 (JENKINS-69955): jenkins.websocket.idleTimeout 60 s, 2.395/2.401.1"),
        "whether LTS lines in that window got a backport was not checked",
    ),
)
