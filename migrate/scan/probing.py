"""What a scan asks beyond the requests that need nothing: a held socket, a node, many at once."""

from dataclasses import dataclass

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.ports import ControllerPort, ProbePort
from migrate.probe.asked import Asked
from migrate.probe.node import NoJournal, probe_with_own_node

DEFAULT_HOLD = 35.0
"""Seconds: longer than Jenkins' ping of 30 s."""


@dataclass(frozen=True)
class Holding:
    """What the user asked for; nothing by default."""

    hold: float = 0.0
    """Seconds; 0: as the other two need it, or not at all."""
    probe_node: bool = False
    """Hold on /wsagents/ by a node made for it, and not on /cli/ws. Changes the controller."""
    sockets: int = 0
    """So many on /cli/ws at once."""

    @property
    def seconds(self) -> float:
        """How long a socket is held."""
        return self.hold or DEFAULT_HOLD


def held_answers(
    holding: Holding,
    controller: ControllerPort,
    prober: ProbePort,
    before: tuple[ProbeAnswer, ...],
    made_by: str,
) -> tuple[ProbeAnswer, ...]:
    """The answers to what was asked for; a socket that never opened is held by nobody, and says so.

    ``before``: the answers of ``without_secret``; a held ``cli-ws`` is not told twice.
    """
    answers: list[ProbeAnswer] = []
    if holding.probe_node:
        answers += probe_with_own_node(controller, prober, holding.seconds, NoJournal(), made_by)
    elif holding.hold:
        shaken, *held = prober.hold_cli(holding.hold)
        known = {answer.id for answer in before}
        answers += ([] if shaken.id in known else [shaken]) + (held or [_not_held(holding, shaken)])
    if holding.sockets:
        # Long enough to be open all at once; the idle timeout is the single socket's matter.
        answers.append(prober.sockets(holding.sockets, 2.0))
    return tuple(answers)


def _not_held(holding: Holding, shaken: ProbeAnswer) -> ProbeAnswer:
    asked = Asked("hold", f"the WebSocket of /cli/ws held for {holding.hold:g} s", "", "cli/ws")
    return asked.answer(
        "not held",
        Verdict.INCONCLUSIVE,
        shaken.layer,
        f"no socket on /cli/ws could be held: {shaken.cause}",
        "hold one on /wsagents/ instead: migrate doctor --probe-node --hold 40",
        "not-done",
    )
