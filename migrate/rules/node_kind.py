"""M033: nodes that may dial in over TCP and that this tool does not move."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, LauncherKind, Transport
from migrate.model.plan import Choices
from migrate.rules.nodes import subject
from migrate.rules.rule import Hit, Rule

_CAUSES = {
    LauncherKind.CLOUD: "A cloud makes such nodes from its own template; changing the node would "
    "change nothing for the next one, and may break this one.",
    LauncherKind.OTHER: "This launcher is not one that the tool knows; some of them start agents "
    "that dial in over TCP by themselves.",
    LauncherKind.UNKNOWN: "The node's configuration could not be read, so its kind is not known.",
}
_FIXES = {
    LauncherKind.CLOUD: "Set WebSocket in the cloud's configuration (Kubernetes: webSocket true, "
    "jenkinsTunnel and directConnection empty); nodes that run now keep TCP until they end.",
    LauncherKind.OTHER: "Find out in the plugin's documentation whether its agents use the TCP "
    "port, and move them there before the port is closed.",
    LauncherKind.UNKNOWN: "Scan as a user with Agent/ExtendedRead or Agent/Configure.",
}


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inventory.nodes:
        if node.launcher not in _CAUSES or node.transport is Transport.WEBSOCKET:
            continue
        kind = "a cloud" if node.launcher is LauncherKind.CLOUD else "a kind that is not known"
        yield Hit(
            subject(node),
            f"is of {kind} and is not moved",
            f"node class {node.node_class or 'not read'}, launcher "
            f"{node.launcher_class or 'not read'}, transport {node.transport}",
            _CAUSES[node.launcher],
            _FIXES[node.launcher],
        )


RULE = Rule(
    id="M033",
    name="node-kind",
    title="A node of a kind that is not moved",
    severity=Severity.WARNING,
    find=_find,
    meaning="The node is neither a plain inbound one nor one that Jenkins starts by itself (SSH, "
    "command, built-in).",
    why="If its agent uses the TCP port, it is cut off when the port is closed.",
    by_hand="The first lines of the node's config.xml, and 'Communication Protocol' in its log.",
    fix="Move it where it is defined: the cloud, or the plugin that makes it.",
    sources=(
        "jenkinsci/kubernetes-plugin at a82d78a0: KubernetesCloud.java, PodTemplateBuilder.java",
        "docker-swarm-plugin#134, openstack-cloud#300, azure-vm-agents#421: plugins with TCP only",
    ),
)
