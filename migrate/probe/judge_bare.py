"""Whether an agent gets through without the headers and the certificate of this tool. Pure."""

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.asked import Asked
from migrate.probe.reply import NoReply, Reply

Both = tuple[Reply | NoReply, Reply | NoReply]
"""The answer to one request with them, and without."""


def judge_bare(asked: Asked, brought: str, login: Both, upgrade: Both) -> ProbeAnswer:
    """``brought``: names of the headers, and whether there was a certificate."""
    with_them = f"/login {_line(login[0])}, an upgrade {_line(upgrade[0])}"
    without = f"/login {_line(login[1])}, an upgrade {_line(upgrade[1])}"
    if not _differs(login) and not _differs(upgrade):
        return asked.answer(
            without,
            Verdict.PASS,
            "proxy",
            f"what is in front answers the same without what migrate brings ({brought})",
        )
    if _differs(login):
        fix = (
            "let /login, /wsagents/ and /jnlpJars/ through in front without them: agents send no "
            "header of their own with GET /login, and no client certificate"
        )
    else:
        fix = (
            "let /wsagents/ through in front without them, or start agents with -webSocketHeader "
            "NAME=VALUE (remoting 4.9 and newer) for each header"
        )
    return asked.answer(
        without,
        Verdict.INCONCLUSIVE,
        "proxy",
        f"without what migrate brings ({brought}) the front answers otherwise: {without} instead "
        f"of {with_them}; an agent that comes through it needs the same",
        fix,
        "front-wants-more",
    )


def _differs(both: Both) -> bool:
    first, second = both
    if isinstance(first, Reply) and isinstance(second, Reply):
        return first.status != second.status
    return type(first) is not type(second)


def _line(reply: Reply | NoReply) -> str:
    return reply.line if isinstance(reply, Reply) else reply.detail
