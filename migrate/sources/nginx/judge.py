"""What a location does to an agent's WebSocket: headers, HTTP version, timeouts. Pure.

``proxy_buffering`` is not judged: nginx copies an upgraded connection as it comes
(``ngx_http_upstream_process_upgraded``).
"""

from dataclasses import dataclass

from migrate.sources.http_way import PING
from migrate.sources.nginx.conf import Block
from migrate.sources.nginx.effective import PLAIN, UPGRADE, Headers, Values, headers, nearest
from migrate.sources.nginx.effective import seconds as seconds_of
from migrate.sources.nginx.match import Chain
from migrate.sources.nginx.ways import Way

TIMEOUTS = ("proxy_read_timeout", "proxy_send_timeout")
NEW_TIMEOUT = "3600s"


@dataclass(frozen=True)
class Judged:
    """What is wrong in the location that serves /wsagents/."""

    headers: Headers
    upgrade: bool
    """Whether the header has to be set."""
    connection: bool
    version: bool
    timeouts: tuple[str, ...]
    """Those that are not above the ping."""
    faults: tuple[str, ...]
    """In words, of the location."""
    unknown: tuple[str, ...] = ()
    """What can't be told."""


def judge(way: Way, values: Values) -> Judged:
    """All faults; none when an upgrade arrives and is kept."""
    chain = way.chain
    sent = headers(chain)
    upgrade = _arrives(sent.of("Upgrade"), chain, values, "websocket")
    connection = _arrives(sent.of("Connection"), chain, values, "upgrade")
    faults = _header_faults(sent, chain, upgrade is False, connection is False)
    version = nearest(chain, "proxy_http_version")
    told = version.args[0] if version and version.args else ""
    if told != "1.1":
        faults.append(
            f"speaks HTTP/{told} to Jenkins: no upgrade"
            if told
            else "speaks HTTP/1.0 to Jenkins where nginx is older than 1.29.7: no upgrade"
        )
    short = []
    for name in TIMEOUTS:
        found = nearest(chain, name)
        seconds = seconds_of(" ".join(found.args)) if found else None
        if found is not None and seconds is not None and seconds <= PING:
            short.append(name)
            faults.append(f"has {name} {' '.join(found.args)}{_from(chain, found)}, not above "
                          f"Jenkins' ping of {PING} s")  # fmt: skip
    unknown = [
        f"{name} is {lines[-1].args[1]}, of which no value is seen here"
        for name, verdict, lines in (
            ("Upgrade", upgrade, sent.of("Upgrade")),
            ("Connection", connection, sent.of("Connection")),
        )
        if verdict is None
    ]
    return Judged(
        sent, upgrade is False, connection is False, told != "1.1", tuple(short), tuple(faults),
        tuple(unknown),
    )  # fmt: skip


def _arrives(lines: list[Block], chain: Chain, values: Values, wanted: str) -> bool | None:
    """Whether a header says ``wanted`` on a handshake; None when that can't be told."""
    results = []
    for line in lines:
        got = values.of(line.args[1], chain, UPGRADE) if len(line.args) > 1 else ""
        results.append(None if got is None else wanted in got.lower())
    if True in results:
        return True
    return None if None in results else False


def _from(chain: Chain, found: Block) -> str:
    level = next((one for one in reversed(chain) if found in one.children), None)
    if level is None or level is chain[-1]:
        return ""
    return f" (inherited from {level.name} in {found.file.path})"


def _header_faults(sent: Headers, chain: Chain, no_upgrade: bool, no_connection: bool) -> list[str]:
    above = headers(chain[:-1])
    lost = (
        sent.level is chain[-1]
        and above.level is not None
        and (no_upgrade or no_connection)
        and all(
            above.of(name) for name, wanted in
            (("Upgrade", no_upgrade), ("Connection", no_connection)) if wanted
        )
    )  # fmt: skip
    if lost and above.level is not None:
        return [
            f"sets proxy_set_header {sent.lines[0].args[0]}, so Upgrade and Connection of the "
            f"{above.level.name} block do not count there"
        ]
    faults = []
    now = sent.of("Connection")
    if no_upgrade and no_connection and not now and not sent.of("Upgrade"):
        return ["sends neither Upgrade nor Connection to Jenkins"]
    if no_upgrade:
        faults.append("sends no Upgrade to Jenkins")
    if no_connection:
        what = now[-1].args[1] if now and len(now[-1].args) > 1 else ""
        said = f"Connection: {what}" if what else "Connection empty" if now else "no Connection"
        faults.append(f"sends {said}, so the upgrade never reaches Jenkins")
    return faults


def keeps_alive(way: Way, values: Values) -> tuple[bool, bool]:
    """(whether the upstream has ``keepalive``, whether it has an effect in this location now)."""
    upstream = way.backend.upstream if way.backend else None
    if upstream is None or not any(upstream.named("keepalive")):
        return False, False
    lines = headers(way.chain).of("Connection")
    plain = [values.of(b.args[1], way.chain, PLAIN) for b in lines if len(b.args) > 1]
    return True, bool(plain) and all(one in ("", "keep-alive") for one in plain)
