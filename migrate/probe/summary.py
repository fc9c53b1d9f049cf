"""All answers of a probe in one verdict and one sentence. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from migrate.model.inventory import ProbeAnswer, Verdict

_ASIDE = ("tcp-listener", "tcp-port", "as-tool")
"""They have no say: the port's, and this tool's own requests beside the agent's."""
_PROVEN_BY_NODE = ("wsagents-bare", "wsagents-made-up", "cli-ws")
"""What a handshake of the probe node makes irrelevant."""


@dataclass(frozen=True)
class Summary:
    """What scan, doctor and the gate of apply say."""

    verdict: Verdict
    sentence: str
    """One line, in the administrator's words."""
    code: str
    """Of the deciding answer, as in ``ProbeAnswer.code``; ``ok`` when all is well."""
    fix: str = ""
    proven: bool = False
    """Whether a real handshake on /wsagents/ worked, and stood as long as was asked."""


def summarise(answers: Iterable[ProbeAnswer]) -> Summary:
    """The overall answer to: can WebSocket agents come in through this address?

    FAIL: they cannot, whoever is at fault is named. PASS with ``proven``: a probe node's
    handshake worked and stood. PASS without it: everything that can be asked without a
    secret worked. INCONCLUSIVE: only a probe node's handshake would tell. The TCP probes
    have no say in it.
    """
    said = {answer.id: answer for answer in answers if answer.id not in _ASIDE}
    if not said:
        return Summary(Verdict.INCONCLUSIVE, "nothing was probed", "not-done")
    node = said.get("probe-node")
    if node is not None and node.verdict is Verdict.PASS:
        said = {id: answer for id, answer in said.items() if id not in _PROVEN_BY_NODE}
    failed = [answer for answer in said.values() if answer.verdict is Verdict.FAIL]
    if failed:
        first = failed[0]
        lead = (
            "the agents' address cannot be asked from here"
            if first.layer == "network"
            else "WebSocket agents cannot work"
        )
        return Summary(Verdict.FAIL, f"{lead}: {first.cause}", first.code, first.fix)
    return _without_node(said) if node is None else _with_node(node, said)


def _with_node(node: ProbeAnswer, said: dict[str, ProbeAnswer]) -> Summary:
    unsure = [one for one in said.values() if one.verdict is Verdict.INCONCLUSIVE]
    if unsure:
        # The node's own answer is what decides, so it is the one to tell.
        first = node if node in unsure else unsure[0]
        return Summary(Verdict.INCONCLUSIVE, f"not proven: {first.cause}", first.code, first.fix)
    hold = said.get("hold")
    if hold is None:
        return Summary(
            Verdict.INCONCLUSIVE,
            "a handshake on /wsagents/ works; how long the connection stands is not known",
            "not-done",
            "run: migrate doctor --probe-node --hold 40",
        )
    return Summary(
        Verdict.PASS,
        f"proven: a handshake on /wsagents/ works, and {hold.cause}",
        "ok",
        proven=True,
    )


def _without_node(said: dict[str, ProbeAnswer]) -> Summary:
    cli = said.get("cli-ws")
    unsure = [answer for answer in said.values() if answer.verdict is Verdict.INCONCLUSIVE]
    if cli is not None and cli.verdict is Verdict.INCONCLUSIVE and len(unsure) == 1:
        if cli.code == "upgrade-stripped":
            sentence = (
                f"{cli.cause}; unless it opens /wsagents/ alone, agents can't come back: only a "
                "handshake of a probe node there decides"
            )
        else:
            sentence = (
                f"not proven: {cli.cause}; only a handshake of a probe node on /wsagents/ decides"
            )
        return Summary(Verdict.INCONCLUSIVE, sentence, cli.code, cli.fix)
    if unsure:
        first = unsure[0]
        return Summary(Verdict.INCONCLUSIVE, f"not proven: {first.cause}", first.code, first.fix)
    if cli is None:
        return Summary(
            Verdict.INCONCLUSIVE,
            "the agents' paths reach Jenkins; whether Upgrade survives was not asked",
            "not-done",
        )
    held = said.get("hold")
    stood = f", and {held.cause}" if held is not None else ""
    untried = "" if held is not None else "; how long a socket stands was not tried (--hold 40)"
    return Summary(
        Verdict.PASS,
        "/login, the agents' path and headers, and Upgrade (on /cli/ws) reach Jenkins"
        f"{stood}; a probe node's handshake on /wsagents/ is left to apply{untried}",
        "ok",
    )
