"""Addresses that the script ``try-ports`` asks on an agent's host: what it gets, and what its
answers mean. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from migrate.model.inventory import ProbeAnswer
from migrate.probe.judge_port import PortAnswer, judge_port
from migrate.probe.reply import Failure, NoReply, no_reply_from_java, shown

SCRIPT = "try-ports"
Address = tuple[str, int]


def arguments(places: Iterable[Address], timeout: float) -> dict[str, object]:
    """Its arguments; ``timeout`` in seconds for connecting and for what is said then."""
    asked = [{"host": host, "port": port} for host, port in places]
    return {"places": asked, "timeout": timeout}


def judge_host_ports(places: Sequence[Address], result: object) -> tuple[ProbeAnswer, ...]:
    """``tcp-port`` of each place, as ``Prober.tcp_port`` would have it there. What the script
    did not say of a place, or said in another form, is inconclusive."""
    parts = (
        result if isinstance(result, list) and len(result) == len(places) else [None] * len(places)
    )
    return tuple(
        judge_port(host, port, tuple(_answer(one) for one in part if isinstance(one, dict)))
        if isinstance(part, list)
        else judge_port(host, port, ())
        for (host, port), part in zip(places, parts, strict=True)
    )


def _answer(one: Mapping[str, object]) -> PortAnswer:
    address = shown(str(one.get("address") or ""), 80)
    error = one.get("error")
    if one.get("accepted") is not True:
        failed = no_reply_from_java(str(error or "no answer"))
        # Of a connection that never came about: whatever the words, nothing was accepted.
        known = (Failure.REFUSED, Failure.TIMEOUT, Failure.DNS)
        kind = failed.kind if failed.kind in known else Failure.NO_ROUTE
        return PortAnswer(address, NoReply(kind, failed.detail))
    said = one.get("said")
    came = said.encode("latin-1", "replace") if isinstance(said, str) else b""
    if not came and one.get("silent") is True:
        return PortAnswer(address, NoReply(Failure.PROTOCOL, "accepted, and silent"))
    if not came and error:
        return PortAnswer(address, NoReply(Failure.CLOSED, "reset"))
    return PortAnswer(address, came)
