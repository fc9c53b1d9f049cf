"""M047: a probe got an answer that no other rule explains."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule

EXPLAINED = (
    "ok",
    "websocket-unsupported",
    "controller-too-old",
    "upgrade-stripped",
    "auth-in-front",
    "headers-dropped",
    "idle-timeout",
    "backend-down",
    "redirect",
    "wrong-path",
    "not-jenkins",
    "tls",
    "unreachable",
    "not-done",
    "already-connected",
    "root-url-missing",
    "origin-rejected",
    "cli-off",
    "front-differs",
    "sockets-capped",
    "front-wants-more",
)
"""Codes of other rules."""


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    codes = tuple(sorted({a.code for a in inventory.probes} - set(EXPLAINED)))
    yield from probe_hits(
        inventory,
        codes,
        summary="a probe got an answer that is not understood",
        cause="The answer fits none of those that Jenkins or the usual proxies give.",
        fix="Look at the evidence, ask who runs the layer that answered, then run: migrate doctor",
    )


RULE = Rule(
    id="M047",
    name="probe-unexpected",
    title="A probe got an unexpected answer",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The request failed in a way that this tool has no name for.",
    why="What agents would meet is not known, so nothing is moved.",
    by_hand="Repeat the request of the evidence with curl -si.",
    fix="Find the layer that answered, and let the agents' paths through it unchanged.",
    sources=("the answer, as probed",),
    levels="A warning when the probe was inconclusive.",
)
