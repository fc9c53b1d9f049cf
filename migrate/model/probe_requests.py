"""What a probe sends: one definition for every sender. Pure.

Five things ask a controller whether WebSocket agents can come in: this tool's own prober, the
script on an agent's host (Groovy), the runbook for Unix, the driver ``ssh`` and the runbook for
Windows. Each is given, or rendered from, what stands here.

Agents send their handshake by Tyrus: a colon without a space, the headers sorted by name, no
User-Agent; Host and Origin without a default port (Tyrus Handshake.updateHostAndOrigin,
HttpRequestBuilder; recordings jenkins-2.541.3/61-agent-*). Their plain GETs are Java's own.
"""

import base64
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from migrate.model.address import Address, parse_address
from migrate.model.errors import UsageProblem
from migrate.model.forward_proxy import Ways
from migrate.model.versions import Version, v

CAPABILITY = "rO0ABXNyABpodWRzb24ucmVtb3RpbmcuQ2FwYWJpbGl0eQAAAAAAAAABAgABSgAEbWFza3hwAAAAAAAAAf4="
"""``hudson.remoting.Capability`` as agents send it (recording 20-ws-upgrade-right-on-tcp-node)."""
JAVA_USER_AGENT = "Java/17.0.15"
"""Of ``GET /login`` and every other plain request of an agent (61-agent-3352-url-ws)."""
JAVA_ACCEPT = "text/html, image/gif, image/jpeg, */*; q=0.2"
"""sun.net.www.protocol.http.HttpURLConnection of Java 17, as recorded there."""
NO_SECRET = "0"  # noqa: S105 - no secret at all
"""Secret-Key for a node that there is not: Jenkins looks for the node first."""

_CONFIGURED_URL_LTS = v("2.541.3")
_CONFIGURED_URL_WEEKLY = v("2.555")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Target:
    """The controller that a probe asks, and what is known of it."""

    url: str
    """The address that agents use."""
    root_url: str | None = None
    """The Jenkins URL that is configured; None: none is, or it is not known."""
    version: str | None = None
    """Of Jenkins; None: not known."""
    ways: Ways | None = None
    """How the WebSocket client of the agent in question gets there; None: not read."""

    @property
    def cli_origin(self) -> str:
        """The Origin that ``/cli/ws`` wants.

        The configured URL as it was typed, without its slash and its context path: Jenkins
        compares the text (CLIAction.doWs of 2.541.3 and 2.555). Older ones build it from Host and
        X-Forwarded-*, so it is the origin of the address that is asked (2.442).
        """
        asked = origin_of(self.url)
        if not self.root_url or not wants_configured_origin(self.version):
            return asked
        return origin_of(self.root_url) or asked


def wants_configured_origin(version: str | None) -> bool:
    """Whether ``/cli/ws`` compares Origin with the configured URL; unknown: as a current one.

    SECURITY-3674: LTS 2.541.3 and weekly 2.555; the weeklies in between have the older rule.
    """
    known = Version.maybe(version)
    if known is None:
        return True
    is_lts = len(known.numbers) > 2
    return known >= (_CONFIGURED_URL_LTS if is_lts else _CONFIGURED_URL_WEEKLY)


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` of ``url`` as it is typed; empty for what is no URL of HTTP."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("http", "https") or not host:
        return ""
    # urlsplit makes the scheme small, and Jenkins compares what was typed.
    return f"{url.strip()[: len(parts.scheme)]}://{host}"


@dataclass(frozen=True)
class Request:
    """A GET, as it goes over the wire."""

    target: str
    """Path from the root, context path included."""
    headers: Headers
    """In the order in which they are sent; Host among them."""
    colon: str = ": "
    """Between name and value: Tyrus leaves the space out."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Request line and headers, without line ends."""
        named = (f"{name}{self.colon}{value}" for name, value in self.headers)
        return (f"GET {self.target} HTTP/1.1", *named)

    @property
    def own_lines(self) -> tuple[str, ...]:
        """The headers for a client that writes Host by itself (curl)."""
        return tuple(line for line in self.lines[1:] if not line.lower().startswith("host:"))

    @property
    def text(self) -> str:
        """All of it, with line ends; what is outside of ISO-8859-1 becomes ``?``, as in Java."""
        return "".join(f"{line}\r\n" for line in self.lines) + "\r\n"

    @property
    def wire(self) -> bytes:
        """The bytes."""
        return self.text.encode("iso-8859-1", "replace")


def new_key() -> str:
    """A Sec-WebSocket-Key: 16 bytes, as RFC 6455 wants them (another length is a 400)."""
    return base64.b64encode(secrets.token_bytes(16)).decode("ascii")


def login_request(address: Address) -> Request:
    """``GET /login`` as an agent's Java sends it before it connects (remoting 3283 and newer)."""
    return plain_request(address, "login")


def plain_request(address: Address, path: str) -> Request:
    """A plain GET of ``path`` below the address, as java.net.HttpURLConnection sends it."""
    headers = (
        ("User-Agent", JAVA_USER_AGENT),
        ("Host", address.netloc),
        ("Accept", JAVA_ACCEPT),
        ("Connection", "keep-alive"),
    )
    return Request(address.base + path, headers)


def as_tool(request: Request, user_agent: str) -> Request:
    """The same under this tool's own name, in the form that most clients use."""
    kept = [(name, value) for name, value in request.headers if name != "User-Agent"]
    return Request(request.target, (("User-Agent", user_agent), *kept))


def cli_handshake(target: Target, key: str) -> Request:
    """An upgrade of ``/cli/ws``, with the Origin that Jenkins wants there."""
    address = parse_address(target.url)
    return _handshake(address, "cli/ws", {"Origin": target.cli_origin}, key)


def agent_handshake(address: Address, node: str, secret: str, key: str) -> Request:
    """An agent's own request on ``/wsagents/``."""
    of_agent = {"Node-Name": node, "Secret-Key": secret, "X-Remoting-Capability": CAPABILITY}
    return _handshake(address, "wsagents/", {"Origin": address.origin, **of_agent}, key)


def _by_name(header: tuple[str, str]) -> str:
    return header[0].lower()


def _handshake(address: Address, path: str, more: dict[str, str], key: str) -> Request:
    headers = {
        "Connection": "Upgrade",
        "Host": address.netloc,
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        "Upgrade": "websocket",
        **more,
    }
    if any(char in value for value in headers.values() for char in "\r\n"):
        raise UsageProblem(
            "a line break in a name or address would be a header of its own",
            next_command="migrate doctor",
        )
    return Request(address.base + path, tuple(sorted(headers.items(), key=_by_name)), colon=":")
