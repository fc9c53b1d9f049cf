"""M001: the controller is too old for WebSocket agents that are still around."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.versions import Version, practical_websocket
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins, remoting


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    version = inventory.controller.version
    if Version.maybe(version) is None:
        yield Hit(
            "controller",
            "the controller's version could not be read",
            f"X-Jenkins of {inventory.controller.url} is {version!r}",
            "A proxy may remove the header X-Jenkins, or the address is not a Jenkins controller.",
            "Let the header X-Jenkins through, or correct --jenkins-url, and scan again.",
            Severity.WARNING,
        )
    elif not practical_websocket(version):
        yield Hit(
            "controller",
            f"Jenkins {version} is too old for WebSocket agents",
            f"X-Jenkins of {inventory.controller.url} is {version}",
            "WebSocket agents came with 2.217; the wire format that agents from 4.2.1 on speak "
            "came with 2.229 and LTS 2.222.4.",
            "Upgrade the controller to an LTS release from 2.222.4 on (better: a current one), "
            "then run: migrate scan",
        )


RULE = Rule(
    id="M001",
    name="controller-too-old",
    title="The controller is too old for WebSocket agents",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The version that the controller reports in the header X-Jenkins is below LTS 2.222.4 "
    "or weekly 2.229.",
    why="An agent that is told to use WebSocket finds no /wsagents/, or one whose messages it "
    "can't read. It would not come back after its restart.",
    by_hand="curl -sI JENKINS_URL/login | grep -i '^x-jenkins:'",
    fix="Upgrade the controller. The move to WebSocket comes after that.",
    sources=(
        jenkins("core/src/main/java/jenkins/agents/WebSocketAgents.java; commit 5b5040298f, 2.217"),
        remoting("082530f1 (JENKINS-61409): framing changed in 4.2.1; core 2.229, LTS 2.222.4"),
    ),
    levels="A warning when the version could not be read at all.",
)
