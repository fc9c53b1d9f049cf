"""The agent log of a node: which transport the connection really runs on. Pure.

The lines are those that SlaveComputer.setChannel and DefaultJnlpSlaveReceiver write (facts
A5); the log is rewound at each connect, so it holds the current or the last session only.
"""

import hashlib
import ipaddress
import re
from dataclasses import dataclass

from migrate.model.inventory import Transport
from migrate.model.ports import AgentLog
from migrate.model.secrets import mask

HEAD_BYTES = 192 * 1024
TAIL_BYTES = 64 * 1024
"""At most these are read: what a session is stands in its head, how it ended in its tail."""

_CONNECTED_FROM = re.compile(r"^(?:Inbound|JNLP) agent connected from (.+)$")
_REMOTING = re.compile(r"^(?:Remoting|[Ss]lave\.jar) version: (\S+)$")
_PROTOCOL = re.compile(r"^Communication Protocol: (.+)$")
_SUCCESS = "Agent successfully connected and online"
_TERMINATED = re.compile(r"^(?:ERROR: )?Connection terminated\b")
_REJECTED = re.compile(
    r"Rejecting the connection because the Remoting version is older"
    r"|Rejecting this connection|is older than the minimum required"
    r"|is already connected to this (?:controller|master)"
)
_ENDPOINT = re.compile(r".*(?:/|^)\[?[0-9A-Fa-f:.]+\]?:\d{1,5}$")


@dataclass
class _Session:
    """What has been read of one session so far."""

    first: str = ""
    address: str | None = None
    version: str | None = None
    protocol: str | None = None
    online: bool = False
    terminated: bool = False


def parse_log(raw: bytes) -> AgentLog:
    """Read the log as served or as stored; bytes that are not UTF-8 are replaced.

    A success line counts only while no termination follows it: right after a disconnect the
    log still holds the old one (facts E, stale success).
    """
    text = raw.decode("utf-8", "replace")
    session, rejected = _read(text)
    never = not text.strip()
    return AgentLog(
        transport=_transport(session),
        protocol=session.protocol,
        remoting_version=session.version,
        address=session.address,
        connected=session.online and not session.terminated,
        terminated=session.terminated,
        never_connected=never,
        session="" if never else _fingerprint(session),
        rejected=mask(rejected),
        text=mask(text.replace("\r\n", "\n")),
    )


def _read(text: str) -> tuple[_Session, str]:
    session = _Session()
    rejected = ""
    for raw_line in re.split(r"\r\n|\r|\n", text):
        line = raw_line.strip()
        if not line:
            continue
        if found := _CONNECTED_FROM.match(line):
            session = _Session(first=line, address=found[1])
            rejected = ""
            continue
        session.first = session.first or line
        if found := _REMOTING.match(line):
            session.version = found[1]
        elif found := _PROTOCOL.match(line):
            session.protocol = found[1]
        elif line == _SUCCESS:
            session.online, session.terminated = True, False
        elif _TERMINATED.match(line):
            session.terminated = True
        elif _REJECTED.search(line) and not line.startswith("WARNING"):
            rejected = line
    return session, rejected


def _transport(session: _Session) -> Transport:
    if session.protocol is None:
        return _from_address(session)
    if session.protocol == "WebSocket":
        return Transport.WEBSOCKET
    if session.protocol.startswith(("JNLP", "CLI")) or session.protocol == "TCP":
        return Transport.TCP
    return Transport.UNKNOWN


def _from_address(session: _Session) -> Transport:
    """Cores below 2.343 and agents below 4.8 name no protocol; the address tells it.

    WebSocket gives a bare IP (HttpServletRequest.getRemoteAddr), TCP ``host/ip:port``. Only
    for a session that got as far as ``online``, so that the protocol line is known to be
    missing rather than still to come.
    """
    if not session.online or not session.address:
        return Transport.UNKNOWN
    address = session.address.strip()
    try:
        ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError:
        return Transport.TCP if _ENDPOINT.match(address) else Transport.UNKNOWN
    return Transport.WEBSOCKET


def _fingerprint(session: _Session) -> str:
    """Changes when another session rewinds the log, unless the two look exactly alike.

    Two WebSocket sessions from one address with one remoting version do: there is no time
    and no port in the log, so only having seen the agent gone in between tells them apart.
    """
    head = "\n".join((session.first, session.version or "", session.protocol or ""))
    return hashlib.sha256(head.encode("utf-8", "replace")).hexdigest()[:16]
