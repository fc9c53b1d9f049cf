"""Questions about addresses and probe answers that several rules ask."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from migrate.model.finding import Severity
from migrate.model.inventory import Controller, Inventory, ProbeAnswer, Verdict
from migrate.rules.rule import Hit

TCP_PROBES = ("tcp-listener", "tcp-port")
"""Probes of the port that is to be closed; they say nothing about the way of WebSocket."""


def agents_url(controller: Controller) -> str:
    """The address that agents are told: jenkins.agent.inboundUrl, else the root URL."""
    return controller.inbound_url or controller.root_url or controller.url


def parts(url: str) -> SplitResult | None:
    """The URL taken apart; None for what is no URL."""
    try:
        split = urlsplit(url)
        _ = split.port
    except ValueError:
        return None
    return split


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address never leaves the machine."""
    if not host:
        return False
    if host.lower().rstrip(".") == "localhost" or host.lower().rstrip(".").endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def answer(inventory: Inventory, probe: str) -> ProbeAnswer | None:
    """The answer of one probe, if it was asked."""
    return next((a for a in inventory.probes if a.id == probe), None)


def handshake_proven(inventory: Inventory) -> bool:
    """Whether a real handshake on /wsagents/ went through, and the socket held if tried."""
    shaken, held = answer(inventory, "probe-node"), answer(inventory, "hold")
    return (
        shaken is not None
        and shaken.verdict is Verdict.PASS
        and (held is None or held.verdict is Verdict.PASS)
    )


def evidence(answers: list[ProbeAnswer]) -> str:
    """Requests and their answers, for a finding."""
    return "; ".join(f"{a.id}: {a.request} was answered {a.answer}" for a in answers)


def probe_hits(
    inventory: Inventory,
    codes: tuple[str, ...],
    *,
    summary: str,
    cause: str,
    fix: str,
    unsure: str = "",
) -> Iterator[Hit]:
    """One hit for all answers that accuse the same thing.

    A failed probe is a blocker; an inconclusive one a warning, and nothing at all when a real
    handshake on /wsagents/ went through. The subject is the controller where Jenkins itself
    gave the answer, else the edge. ``unsure`` is the summary where no probe failed outright.
    """
    found = [
        a
        for a in inventory.probes
        if a.code in codes and a.verdict is not Verdict.PASS and a.id not in TCP_PROBES
    ]
    if handshake_proven(inventory):
        found = [a for a in found if a.verdict is Verdict.FAIL and a.id != "cli-ws"]
    if not found:
        return
    failed = [a for a in found if a.verdict is Verdict.FAIL]
    first = (failed or found)[0]
    yield Hit(
        subject="controller" if first.layer == "jenkins" else "edge",
        summary=summary if failed else unsure or summary,
        evidence=evidence(found),
        cause=first.cause or cause,
        fix=first.fix or fix,
        severity=Severity.BLOCKER if failed else Severity.WARNING,
    )
