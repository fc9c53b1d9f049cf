"""M007: an agent's remoting is too old for the controller, or to be trusted on WebSocket."""

from collections.abc import Iterator

from migrate.agents.minimum import Minimum, minimum
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Node, Transport
from migrate.model.plan import Choices
from migrate.model.versions import (
    AGENT_BLOCK_BELOW,
    AGENT_FIRST_WEBSOCKET,
    AGENT_SAME_FRAMING,
    AGENT_WARN_BELOW,
    Version,
)
from migrate.rules.nodes import Way, inbound, subject, upgrade
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_BY_HAND_FIX = (
    "Replace agent.jar on its host by the controller's (download JENKINS_URL/jnlpJars/agent.jar "
    "beside it and rename it into place, never overwrite it), restart the agent, then run: "
    "migrate plan"
)


def _cause(version: Version, refused: Minimum | None) -> str:
    if refused is not None and not refused.read:
        return (
            f"A controller of this version takes remoting {refused.text} and newer, unless its "
            "property hudson.slaves.SlaveComputer.allowUnsupportedRemotingVersions lets older ones "
            "in, which was not read: else it refuses this agent at its next connect."
        )
    if refused is not None:
        return (
            f"The controller takes remoting {refused.text} and newer: it refuses an older agent at "
            "its next connect, and over WebSocket such an agent stops by itself."
        )
    if version < AGENT_FIRST_WEBSOCKET:
        return "Remoting below 4.0 cannot do WebSocket at all."
    if version < AGENT_SAME_FRAMING:
        return "Remoting 4.0 to 4.2 speaks a wire format that controllers from 2.229 on don't."
    if version < AGENT_BLOCK_BELOW:
        return "Remoting below 4.13 does not reconnect over WebSocket on Java 11 and newer."
    return (
        "Remoting below 3107 has no write timeout: an agent can hang for ever after the proxy "
        "was reloaded."
    )


def _hit(inventory: Inventory, node: Node, version: Version, choices: Choices | None) -> Hit:
    lowest = minimum(inventory.controller)
    refused = lowest if lowest is not None and version < lowest.version else None
    evidence = f"its log says: Remoting version: {node.remoting_version}"
    if refused is not None:
        evidence += f"; the controller's minimum is {refused.text} ({refused.source})"
    cause = _cause(version, refused)
    if node.transport is Transport.WEBSOCKET:
        return Hit(
            subject(node),
            f"is on WebSocket with old remoting {node.remoting_version}",
            evidence,
            cause,
            _BY_HAND_FIX,
            Severity.WARNING,
        )
    how = upgrade(inventory, node, choices)
    served = inventory.controller.jar_version
    if how.way is Way.DRIVER:
        return Hit(
            subject(node),
            f"runs remoting {node.remoting_version}, and is upgraded to {served} before its switch",
            evidence,
            cause,
            "Nothing to do: the plan replaces agent.jar first, and keeps the old one.",
            Severity.INFO,
        )
    if how.way is Way.HAND:
        return Hit(
            subject(node),
            f"runs remoting {node.remoting_version}: its runbook upgrades it to {served}",
            evidence,
            cause,
            "Run the upgrade part of its runbook before the switch.",
            Severity.WARNING,
        )
    too_old = version < AGENT_BLOCK_BELOW or (refused is not None and refused.read)
    return Hit(
        subject(node),
        f"runs remoting {node.remoting_version}, which is "
        + (
            (
                f"below the controller's minimum {refused.text}"
                if refused.read
                else f"below the minimum {refused.text} of the controller's version"
            )
            if refused is not None
            else "too old for WebSocket"
            if too_old
            else "risky on WebSocket"
        ),
        f"{evidence}; not upgraded by the plan: {how.reason}",
        cause,
        _BY_HAND_FIX,
        Severity.BLOCKER if too_old else Severity.WARNING,
    )


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    lowest = minimum(inventory.controller)
    bar = max(AGENT_WARN_BELOW, lowest.version) if lowest else AGENT_WARN_BELOW
    for node in inbound(inventory):
        version = Version.maybe(node.remoting_version)
        if version is not None and version < bar:
            yield _hit(inventory, node, version, choices)


RULE = Rule(
    id="M007",
    name="agent-too-old",
    title="An agent is too old",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The remoting version in the agent's log is below 3107, or below the controller's "
    "minimum.",
    why="Below 4.0 there is no WebSocket; 4.0 to 4.2 cannot talk to newer controllers; below 4.13 "
    "a reconnect fails on Java 11; below 3107 an agent can hang for ever when the proxy is "
    "reloaded. Below the controller's minimum (3107 from 2.467, LTS 2.479.1; 3176 from 2.545, LTS "
    "2.555.1) it is refused when it connects next, unless the controller's property "
    "hudson.slaves.SlaveComputer.allowUnsupportedRemotingVersions lets it in (2.469): then its TCP "
    "listener announces no minimum, and none is held against an agent here.",
    by_hand="The line 'Remoting version' at JENKINS_URL/computer/NAME/log, or on the host: "
    "java -jar agent.jar -version. The minimum: header X-Remoting-Minimum-Version of "
    "JENKINS_URL/tcpSlaveAgentListener/ while the port is on.",
    fix="Let the plan upgrade agent.jar (it needs Overall/Administer, a readable launch and a "
    "writable folder), or replace it by hand.",
    sources=(
        remoting("tags 4.0, 4.2.1 (082530f1), 4.13 (JENKINS-66446), 3107 (JENKINS-70531)"),
        "jenkinsci/remoting#621: agent hung for ever after an nginx reload",
    ),
    levels="A blocker for the node below 4.13 or the minimum that the controller says, a warning "
    "below 3107, below the minimum of its version where it was not read, or where its runbook "
    "upgrades it, an info when the plan upgrades it.",
)
