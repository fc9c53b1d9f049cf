"""Whether the sources of the controller's nodes say WebSocket, as the controller reads them now."""

from collections.abc import Sequence

from migrate.jenkins.clouds import ScriptRunner
from migrate.jenkins.node_owners import read_owners
from migrate.model.errors import MigrateError
from migrate.model.inventory import Transport, Verdict
from migrate.model.text import first_of, visible
from migrate.steps.base import Verification

_NAMED = 5


def owned_nodes_read(controller: ScriptRunner, names: Sequence[str]) -> Verification:
    """Of these nodes, which their sources leave on TCP; one that nobody sets any more is good."""
    try:
        owners = read_owners(controller)
    except MigrateError as error:
        return Verification(Verdict.INCONCLUSIVE, error.cause)
    says = {name: owners.nodes[name].says for name in names if name in owners.nodes}
    for transport, verdict, told in (
        (Transport.TCP, Verdict.FAIL, "their source still says TCP"),
        (Transport.UNKNOWN, Verdict.INCONCLUSIVE, "what their source sets can't be read"),
    ):
        found = [visible(name) for name, said in says.items() if said is transport]
        if found:
            return Verification(verdict, f"{told}: {first_of(found, _NAMED)}")
    if owners.unread and len(says) < len(names):
        sources = ", ".join(owners.unread)
        return Verification(Verdict.INCONCLUSIVE, f"not all sources can be read: {sources}")
    return Verification(Verdict.PASS, f"the sources of {len(names)} node(s) say WebSocket")
