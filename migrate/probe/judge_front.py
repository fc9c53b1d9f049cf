"""Whether the front treats an agent's requests otherwise than this tool's own. Pure.

Fronts look at User-Agent: a rule against bad bots that knows ``Java/`` refuses every agent and
lets curl and this tool through (jenkinsci/jenkins#27372).
"""

from dataclasses import dataclass

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.asked import Asked
from migrate.probe.reply import NoReply, Reply


@dataclass(frozen=True)
class Pair:
    """One request, sent twice."""

    what: str
    """``GET /login``."""
    agent: Reply | NoReply
    """To the request as an agent sends it."""
    tool: Reply | NoReply
    """To the same under this tool's own name."""

    @property
    def differs(self) -> bool:
        """Whether the two were answered by another status; silence is no status."""
        return (
            isinstance(self.agent, Reply)
            and isinstance(self.tool, Reply)
            and self.agent.status != self.tool.status
        )


def judge_front(asked: Asked, pairs: tuple[Pair, ...]) -> ProbeAnswer | None:
    """``as-tool`` when any of the two were answered differently; None when none was.

    It decides nothing: the answers to the agent's requests do. Gateway errors are a moment's, and
    tell nothing of who asked.
    """
    told = [
        f"{pair.what}: {pair.agent.line} as an agent, {pair.tool.line} as migrate"
        for pair in pairs
        if pair.differs
        and isinstance(pair.agent, Reply)
        and isinstance(pair.tool, Reply)
        and not {pair.agent.status, pair.tool.status} & {502, 503, 504}
    ]
    if not told:
        return None
    return asked.answer(
        "; ".join(told),
        Verdict.INCONCLUSIVE,
        "proxy",
        "the front treats an agent's requests otherwise than this tool's: " + "; ".join(told),
        "look there for rules on User-Agent (agents ask /login as Java/VERSION, and send none with "
        "the handshake), then run: migrate doctor",
        "front-differs",
    )
