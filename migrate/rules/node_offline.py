"""M010: an inbound node is offline."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, OfflineMark
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins


def _mark(mark: OfflineMark) -> str:
    by = f" by {mark.by}" if mark.by else ""
    return f"marked offline{by}" + (f": {mark.reason}" if mark.reason else "")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        mark = node.offline_mark
        if node.online and mark is not None:
            yield Hit(
                subject(node),
                "is connected, and marked offline by a person",
                f"/computer/{node.name}/api/json: {_mark(mark)}",
                "A person keeps builds away from it; its agent is connected all the same.",
                "Nothing to do: it is moved like any other, and the mark stays as it is.",
                Severity.INFO,
            )
        elif not node.online and node.ever_connected is not False:
            reason = _mark(mark) if mark else node.offline_reason or "no reason given"
            yield Hit(
                subject(node),
                "is offline" + (" and marked so" if mark else ""),
                f"/computer/{node.name}/api/json: offline, {reason}",
                "Its agent is not connected, so nothing can be read from it or proven about it.",
                "Bring its agent back and run: migrate plan --name NAME. Or change it unseen with "
                "migrate apply --include-offline; closing the port then wants --accept-offline.",
            )


RULE = Rule(
    id="M010",
    name="node-offline",
    title="A node is offline",
    severity=Severity.WARNING,
    find=_find,
    meaning="The inbound node's agent is not connected (somebody marked it offline, or it went "
    "away by itself), or it is connected and marked.",
    why="The transport is read from the agent's log, so a move of an offline node can't be "
    "verified. Once the port is closed, an agent that still wants TCP can't come back.",
    by_hand="curl -s -u USER:TOKEN JENKINS_URL/computer/NAME/api/json?tree=offline,"
    "temporarilyOffline,offlineCauseReason",
    fix="Bring it back first, delete the node if it is gone for good, or accept it by name: "
    "migrate apply PLAN --accept-offline NAME.",
    sources=(jenkins("core/src/main/java/hudson/model/Computer.java, offlineCause"),),
    levels="An info for a node that is connected and only marked.",
)
