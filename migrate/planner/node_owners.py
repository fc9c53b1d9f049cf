"""Nodes whose configuration somebody else writes again: what to change at its source. Pure.

A node is moved live all the same: its agent is. But its owner puts the old setting back (JCasC at
each load, a script of init.groovy.d at each start), and an agent that was started with ``-jnlpUrl``
follows it at its next start. So the port stays open until the owner says WebSocket, too.
"""

from collections.abc import Iterable

from migrate.model.finding import Finding
from migrate.model.inventory import Inventory, Node, Transport
from migrate.model.plan import Choices
from migrate.model.plan_steps import Manual, PlanStep
from migrate.model.sources import Located, SourceEdit
from migrate.model.text import visible, yaml_word
from migrate.planner.left_out import owned_nodes
from migrate.planner.sources import RELOAD, step_id

_JCASC = "jcasc"


def owner_steps(
    inventory: Inventory,
    findings: tuple[Finding, ...],
    choices: Choices,
    located: Located,
) -> list[PlanStep]:
    """One step for a person for each kind of owner; it comes after the edits of its files."""
    found: dict[str, list[Node]] = {}
    for node in owned_nodes(inventory, findings, choices):
        if node.owner is not None:
            found.setdefault(node.owner.kind, []).append(node)
    return [_step(kind, nodes, located) for kind, nodes in sorted(found.items())]


def _step(kind: str, nodes: list[Node], located: Located) -> PlanStep:
    names = [node.name for node in nodes]
    jcasc = kind == _JCASC
    places = dict.fromkeys(node.owner.evidence for node in nodes if node.owner is not None)
    edits = [edit for edit in located.edits if edit.nodes]
    # A reference such as ${WS} in the file cannot be read back as set.
    read_back = jcasc and all(node.owner_says is Transport.TCP for node in nodes)
    return Manual(
        id=f"owners/{kind}",
        subject=f"nodes of {kind}",
        title=f"by hand: {len(names)} node(s) on WebSocket also where {kind} sets them",
        reason=f"{kind} sets {len(names)} node(s) again ({visible('; '.join(places))})",
        instructions=_jcasc(names, edits) if jcasc else _hook(names, places),
        undo="put the old values back at the same place (a source that this tool edited is put "
        "back by the rollback), and load it again",
        read_back=read_back,
        owned_nodes=tuple(names),
    )


def _jcasc(names: list[str], edits: list[SourceEdit]) -> str:
    lines = [
        "JCasC sets these nodes at each load, also those that are moved by now: their config.xml "
        "is written again, and the agent that reads it at its next start is on TCP again.",
    ]
    done: set[str] = set()
    for edit in edits:
        done.update(edit.nodes)
        lines.append(
            f"{visible(edit.path)} below {visible(edit.source)} is edited by the step "
            f"{visible(step_id(edit))} ({len(edit.nodes)} node(s))."
        )
    left = [name for name in names if name not in done]
    if left:
        lines += ["In its file:", "  jenkins:", "    nodes:", *_yaml(left)]
        if not edits:
            lines.append("With its file at hand: migrate plan --source DIR edits it for you.")
    lines += [
        RELOAD,
        "Not together with slaveAgentPort: -1: the port is closed last.",
        "This counts as done when the sources that the controller loads say so: apply --resume "
        "looks. Where they can't tell: migrate mark 'owners/jcasc' done --reason TEXT",
    ]
    return "\n".join(lines) + "\n"


def _yaml(names: Iterable[str]) -> list[str]:
    rows = []
    for name in names:
        rows += [
            "      - permanent:",
            f"          name: {yaml_word(name)}",
            "          launcher:",
            "            inbound:   # jnlp before 2.376",
            "              webSocket: true   # and without tunnel",
        ]
    return rows


def _hook(names: list[str], places: Iterable[str]) -> str:
    told = "; ".join(visible(place) for place in places)
    listed = ", ".join(visible(name) for name in names)
    return (
        f"At each start of the controller {told}, and names: {listed}.\n"
        "In it, give each of them WebSocket and no tunnel: new JNLPLauncher(true), or "
        "launcher.setWebSocket(true) and launcher.setTunnel(null); or take the script out.\n"
        "It is Groovy, which this tool does not judge: when it is done, migrate mark "
        "'owners/init.groovy.d' done --reason TEXT\n"
    )
