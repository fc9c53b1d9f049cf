"""Who writes nodes and the agent port again: JCasC at each load, init.groovy.d at each start.

Read by the script ``node-owners`` (Overall/Administer). JCasC's ``nodes`` is set as a whole at each
load (configuration-as-code-plugin, JenkinsConfigurator.java); Groovy hooks run at each start
(jenkins.io, "Groovy Hook Scripts").
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from migrate.jenkins.clouds import ScriptRunner
from migrate.jenkins.errors import UnexpectedAnswer
from migrate.model.cluster_facts import Owner
from migrate.model.inventory import Node, Skip, Transport
from migrate.model.text import visible

JCASC, HOOK = "jcasc", "init.groovy.d"


@dataclass(frozen=True)
class NodeSource:
    """What writes a node again, and to which transport as far as it tells."""

    owner: Owner
    says: Transport


@dataclass(frozen=True)
class Owners:
    """What was read at one time."""

    nodes: Mapping[str, NodeSource]
    port: Owner | None
    """A hook that sets the agent port; JCasC's own word on it is read by ``inventory``."""
    skips: tuple[Skip, ...]
    unread: tuple[str, ...] = ()
    """Sources that could not be read, for a terminal."""

    def given_to(self, node: Node) -> Node:
        """The node, with its owner."""
        found = self.nodes.get(node.name)
        return replace(node, owner=found.owner, owner_says=found.says) if found else node


def read_owners(controller: ScriptRunner) -> Owners:
    """One script call; ``UnexpectedAnswer`` for a result of another form."""
    result = controller.run_script("node-owners", {})
    try:
        nodes: dict[str, NodeSource] = {}
        skips = [_unread(str(source)) for source in result["unread"]]
        port: Owner | None = None
        for hook in result["hooks"]:
            file = visible(str(hook["file"]))
            owner = Owner(HOOK, file.rpartition("/")[2], f"{file} runs at each start")
            for name in hook["nodes"]:
                nodes[str(name)] = NodeSource(owner, Transport.UNKNOWN)
            if hook["makes_nodes"] and not hook["nodes"]:
                skips.append(_unnamed(file))
            if hook["port"]:
                port = owner
        for name, entry in result["nodes"].items():
            evidence = f"{visible(str(entry['file']))} sets it under jenkins: nodes:"
            owner = Owner(JCASC, "configuration-as-code", evidence)
            nodes[str(name)] = NodeSource(owner, _says(entry))
    except (AttributeError, KeyError, TypeError) as error:
        raise UnexpectedAnswer(
            f"the script node-owners gave a result of another form ({type(error).__name__})"
        ) from None
    unread = tuple(visible(str(source)) for source in result["unread"])
    return Owners(nodes, port, tuple(skips), unread)


def _says(entry: Mapping[str, Any]) -> Transport:
    if entry["web_socket"] is None:
        return Transport.UNKNOWN
    whole = entry["web_socket"] and not entry["tunnel"]
    return Transport.WEBSOCKET if whole else Transport.TCP


def _unread(source: str) -> Skip:
    return Skip(
        "controller",
        "owners of nodes",
        f"{visible(source)} could not be read as a source of configuration",
        "a look at it: does it set nodes, or their launcher?",
    )


def _unnamed(file: str) -> Skip:
    return Skip(
        "controller",
        "owners of nodes",
        f"{file} makes nodes at each start, and names none that is there: which ones, it "
        "does not tell as text",
        "a look at it: JNLPLauncher with webSocket true and no tunnel, for each node that is moved",
    )
