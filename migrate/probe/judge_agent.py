"""What a real handshake of the probe node, and the held connection, mean. Pure."""

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.asked import Asked
from migrate.probe.front import is_jenkins
from migrate.probe.judge_http import (
    NO_SUCH_AGENT,
    ONLY_FOR_AGENTS,
    headers_dropped,
    judge_wsagents,
    lacks_upgrade,
    upgrade_stripped,
)
from migrate.probe.layers import UNKNOWN, Layer
from migrate.probe.reply import Held, NoReply, Reply, shown

ALREADY = "is already connected to this controller"
NOT_INBOUND = "is not an inbound agent"

_RIGHT_AWAY = 0.5
"""Seconds: a connection that ends sooner than this after its 101 did not end by being idle."""


def judge_probe_node(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """A real handshake on /wsagents/ with the probe node's own secret: this decides."""
    if isinstance(came, Reply):
        if came.status == 101:
            cause = "the handshake of a WebSocket agent works on /wsagents/"
            return asked.answer(came, Verdict.PASS, "jenkins", cause)
        if lacks_upgrade(came):
            return upgrade_stripped(asked, came, Verdict.FAIL)
        if ONLY_FOR_AGENTS in came.text:
            return headers_dropped(asked, came)
        if (refusal := _refused_by_jenkins(asked, came)) is not None:
            return refusal
    return judge_wsagents(asked, came)


def _refused_by_jenkins(asked: Asked, reply: Reply) -> ProbeAnswer | None:
    if NO_SUCH_AGENT in reply.text:
        return asked.answer(
            reply,
            Verdict.FAIL,
            "proxy",
            "the controller that answers does not know the node that was just made: this address "
            "leads to another controller",
            "give the address that agents of this very controller use",
            "wrong-controller",
        )
    # Up to 2.510 Jenkins throws this refusal, and its error page hides the text
    # (33-duplicate-ws-upgrade: 500); since 2.511 it is a 400 with the text.
    if ALREADY in reply.text or (reply.status == 500 and is_jenkins(reply)):
        return asked.answer(
            reply,
            Verdict.INCONCLUSIVE,
            "jenkins",
            "Jenkins refused the probe node before it looked at the upgrade, as it does for a node "
            "that it takes for connected already",
            "run the probe again in a minute",
            "already-connected",
        )
    if NOT_INBOUND in reply.text:
        return asked.answer(
            reply,
            Verdict.INCONCLUSIVE,
            "jenkins",
            "Jenkins says that the probe node is not an inbound agent: somebody changed it",
            "run the probe again",
            "unexpected",
        )
    if reply.status == 403 and not reply.body.strip():
        return asked.answer(
            reply,
            Verdict.FAIL,
            "proxy",
            "the node's secret was refused by an empty 403, as Jenkins does with a wrong one: a "
            "layer in between changes Secret-Key, or another controller answers",
            "give the address that agents of this very controller use, and look for a rule on "
            "Secret-Key in the layers in front",
            "wrong-secret",
        )
    return None


def judge_hold(asked: Asked, held: Held, layer: Layer = UNKNOWN) -> ProbeAnswer:
    """Whether the connection stood as long as was asked; ``layer`` answered the 101."""
    after = f"after {held.seconds:.1f} s"
    if held.open:
        pings = f"{held.pings} ping{'s' if held.pings != 1 else ''} answered"
        note = pings if held.pings else "no ping of Jenkins (one every 30 s) came in that time"
        return asked.answer(
            f"still open {after}",
            Verdict.PASS,
            "jenkins",
            f"the connection stood for {held.seconds:.1f} s; {note}",
        )
    if held.flood:
        return asked.answer(
            f"flooded {after}",
            Verdict.FAIL,
            "proxy",
            f"within {held.seconds:.1f} s the far side sent far more than Jenkins sends to an idle "
            "agent, and was not read on: what answers there is not Jenkins, or is broken",
            "find out what answers at this address",
            "unexpected",
        )
    if held.close_code is not None:
        return _closed_by_frame(asked, held, after)
    if held.seconds < _RIGHT_AWAY:
        return asked.answer(
            f"closed by the far side {after}",
            Verdict.FAIL,
            "proxy",
            "the connection ended right after its 101: the layer in front, or Jenkins, drops it",
            "read the logs of the layer in front and of the controller of that moment",
            "unexpected",
        )
    return asked.answer(
        f"closed by the far side {after}",
        Verdict.FAIL,
        "proxy",
        f"{layer.name} cuts a connection that is idle {after}: agents would lose theirs, and "
        "running builds with it, again and again",
        layer.idle,
        "idle-timeout",
    )


def _closed_by_frame(asked: Asked, held: Held, after: str) -> ProbeAnswer:
    reason = shown(held.close_reason, 80)
    text = f"closed by the far side {after}, code {held.close_code} {reason}".rstrip()
    # Jetty's words for its own idle timeout: "Connection Idle Timeout" (JENKINS-69955).
    if "idle" in held.close_reason.lower():
        return asked.answer(
            text,
            Verdict.FAIL,
            "jenkins",
            f"Jenkins itself closes a connection that is idle {after}: its pings do not arrive, or "
            "come no sooner than its idle timeout (2.361 to 2.394 have both at 30 s)",
            "keep jenkins.websocket.pingInterval (30) below jenkins.websocket.idleTimeout (60), "
            "and upgrade a controller of 2.361 to 2.394",
            "idle-timeout",
        )
    return asked.answer(
        text,
        Verdict.FAIL,
        "jenkins",
        f"the far side ended the WebSocket by a Close frame {after}",
        "read the controller's log of that moment, then run the probe again",
        "unexpected",
    )
