"""What the raw TCP agent port answers. Pure.

Source: TcpSlaveAgentListener.respondHello, and the recording of nginx' stream block: a GET
is answered by ``HTTP/1.0 200`` with lines such as ``Jenkins-Agent-Protocols: ...``.
"""

import re
from dataclasses import dataclass

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.ways import at
from migrate.probe.reply import Failure, NoReply, shown


@dataclass(frozen=True)
class PortAnswer:
    """One address of the host: what it said (``b""`` when it closed at once), or why not."""

    address: str
    came: bytes | NoReply


_LINE = re.compile(rb"^(Jenkins-Agent-Protocols|Jenkins-Version): *([^\r\n]{0,200})", re.MULTILINE)


def judge_port(host: str, port: int, answers: tuple[PortAnswer, ...]) -> ProbeAnswer:
    """``tcp-port``: the address that reaches most decides, since one open way is open.

    PASS: a Jenkins agent listener answers. FAIL with ``port-closed``: every address refuses.
    FAIL with ``port-hangs-up``: accepts and hangs up without a word, as a proxy does whose
    entry leads nowhere: no agent gets through, and yet the port is open.
    INCONCLUSIVE: silence (``port-closed`` when nothing even accepted), or no address.
    """
    ranked = sorted((_judge_one(one) for one in answers), key=lambda judged: judged[0])
    if not ranked:
        ranked = [(9, _Judged("no address", Verdict.INCONCLUSIVE, "network", "", "unreachable"))]
    best = ranked[0][1]
    where = at(host, port)
    return ProbeAnswer(
        id="tcp-port",
        request=f"GET / on {shown(where, 120)}",
        answer=best.answer,
        verdict=best.verdict,
        layer=best.layer,
        cause=f"{shown(where, 120)} {best.cause}",
        code=best.code,
    )


@dataclass(frozen=True)
class _Judged:
    answer: str
    verdict: Verdict
    layer: str
    cause: str
    code: str


def _judge_one(one: PortAnswer) -> tuple[int, _Judged]:
    """Rank (lowest reaches furthest) and judgement of one address."""
    if isinstance(one.came, NoReply):
        return _no_answer(one.came)
    found = {match[1]: match[2].decode("latin-1").strip() for match in _LINE.finditer(one.came)}
    if b"Jenkins-Agent-Protocols" in found:
        version = shown(found.get(b"Jenkins-Version", "of unknown version"), 40)
        protocols = shown(found[b"Jenkins-Agent-Protocols"], 80)
        first = shown(one.came.split(b"\r\n", 1)[0].decode("latin-1"), 60)
        cause = f"reaches the agent listener of Jenkins {version} ({protocols})"
        return 0, _Judged(first, Verdict.PASS, "jenkins", cause, "ok")
    if one.came:
        said = shown(one.came.split(b"\n", 1)[0].decode("latin-1").strip(), 60)
        cause = "is answered by something that is not a Jenkins agent listener"
        return 1, _Judged(said or "unreadable", Verdict.FAIL, "network", cause, "not-jenkins")
    cause = "accepts and hangs up without a word: nothing is behind it"
    return 4, _Judged("closed without an answer", Verdict.FAIL, "proxy", cause, "port-hangs-up")


def _no_answer(came: NoReply) -> tuple[int, _Judged]:
    if came.kind is Failure.REFUSED:
        cause = "refuses connections: the port is closed"
        return 5, _Judged(came.detail, Verdict.FAIL, "network", cause, "port-closed")
    if came.kind is Failure.CLOSED:
        cause = "accepts and resets the connection: nothing is behind it"
        return 4, _Judged("reset", Verdict.FAIL, "proxy", cause, "port-hangs-up")
    if came.kind is Failure.PROTOCOL:
        cause = "accepts connections and stays silent: not a Jenkins agent listener, or a hung one"
        return 2, _Judged(came.detail, Verdict.INCONCLUSIVE, "network", cause, "not-jenkins")
    if came.kind is Failure.TIMEOUT:
        cause = "does not answer at all: a firewall drops the packets, or the host is away"
        # Before those that are known to be closed: this one is not known to be.
        return 3, _Judged(came.detail, Verdict.INCONCLUSIVE, "network", cause, "port-closed")
    cause = "cannot be reached from here"
    return 6, _Judged(came.detail, Verdict.INCONCLUSIVE, "network", cause, "unreachable")
