"""Many WebSockets at once: what a cap of connections per address shows. Judged purely."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.asked import Asked
from migrate.probe.judge_http import judge_cli
from migrate.probe.reply import Held, NoReply, Reply
from migrate.probe.wire import Channel

Came = tuple[Reply | NoReply, Held | None]
"""What one handshake was answered, and how its socket fared."""


def open_and_hold(
    opener: Callable[[], tuple[Reply | NoReply, Channel | None]], count: int, hold: float
) -> tuple[Came, ...]:
    """Open ``count`` sockets, and keep all that open for ``hold`` seconds from then on."""
    with ThreadPoolExecutor(max_workers=count) as pool:
        opened = list(pool.map(lambda _: opener(), range(count)))
        channels = [channel for _, channel in opened if channel is not None]
        try:
            held = dict(
                zip(
                    map(id, channels),
                    pool.map(lambda channel: channel.hold(hold), channels),
                    strict=True,
                )
            )
        finally:
            for channel in channels:
                channel.close()
    return tuple((reply, held.get(id(channel))) for reply, channel in opened)


def judge_sockets(asked: Asked, count: int, came: tuple[Came, ...]) -> ProbeAnswer:
    """All stood: pass. None opened: as one upgrade of /cli/ws is judged. Else a cap."""
    stood = [held for _, held in came if held is not None and held.open]
    refused = [reply for reply, held in came if held is None]
    if len(stood) == count:
        return asked.answer(
            f"{count} stood", Verdict.PASS, "jenkins", f"{count} WebSockets stood at once"
        )
    if len(refused) == count:
        return judge_cli(asked, refused[0])
    why = ""
    if refused:
        first = refused[0]
        why = f", and others were answered {_line(first)}"
    ended = count - len(stood) - len(refused)
    if ended:
        why += f", and {ended} ended before the others"
    return asked.answer(
        f"{len(stood)} of {count} stood{why}",
        Verdict.FAIL,
        "proxy",
        f"only {len(stood)} of {count} WebSockets from this address stood at once{why}: a layer in "
        "front caps connections, perhaps for each address",
        "raise that cap above the number of agents behind one address (nginx: limit_conn; cloud "
        "firewalls: rules of rate), then run the same command again",
        "sockets-capped",
    )


def _line(reply: Reply | NoReply) -> str:
    return reply.line if isinstance(reply, Reply) else reply.detail
