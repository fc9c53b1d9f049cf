"""What came back to one probe request, as plain data for the judge."""

import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from migrate.model.secrets import mask
from migrate.model.text import visible


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. ``headers`` has lower-case names; repeated ones are joined by ``, ``."""

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    """The head of the body, decoded; it is only looked through for known texts."""

    @property
    def line(self) -> str:
        """``400 Bad Request``, safe to show."""
        return shown(f"{self.status} {self.reason}".strip(), 80)

    @property
    def text(self) -> str:
        """The body without markup, on one line."""
        return " ".join(re.sub(r"<[^<>]*>", " ", self.body).split())


class Failure(StrEnum):
    """Why there was no HTTP answer."""

    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NO_ROUTE = "no-route"
    TLS = "tls"
    CLOSED = "closed"
    """The connection was closed or reset before an answer."""
    PROTOCOL = "protocol"
    """What came back is not HTTP."""


@dataclass(frozen=True)
class NoReply:
    """A request that got no HTTP answer; ``detail`` is safe to show."""

    kind: Failure
    detail: str


@dataclass(frozen=True)
class Held:
    """How an open WebSocket fared. ``seconds`` is how long it stood, of ``wanted``."""

    seconds: float
    wanted: float
    pings: int = 0
    """Ping frames of the far side that were answered."""
    open: bool = True
    close_code: int | None = None
    """Of a Close frame; None when the connection just ended."""
    close_reason: str = ""
    flood: bool = False
    """The far side sent far more than Jenkins does; it was not read on."""


def shown(text: str, limit: int = 200) -> str:
    """Text from outside: secrets masked, one visible line, cut at ``limit`` characters."""
    text = visible(mask(text))
    # Unassigned and private characters too: what a terminal makes of them is not known.
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


# What ssl says, and what it means to an administrator.
_TLS_WORDS = (
    ("self-signed certificate in certificate chain", "its chain ends in a private CA"),
    ("self-signed certificate", "the certificate is self-signed"),
    ("self signed certificate", "the certificate is self-signed"),
    ("certificate has expired", "the certificate has expired"),
    ("not yet valid", "the certificate is not valid yet"),
    ("hostname mismatch", "the certificate is for another host name"),
    ("ip address mismatch", "the certificate is for another address"),
    ("unable to get local issuer", "the issuer of the certificate is not known here"),
    ("unable to verify the first certificate", "the server leaves out an intermediate certificate"),
    ("wrong_version_number", "the port does not speak TLS (is it the http:// port?)"),
    ("record_layer_failure", "the port does not speak TLS (is it the http:// port?)"),
    ("http_request", "the port does not speak TLS (is it the http:// port?)"),
    ("unrecognized_name", "the server knows no certificate for that host name"),
    ("protocol_version", "the two sides share no TLS version"),
    ("certificate_required", "the server asks for a client certificate, which agents do not send"),
    ("handshake_failure", "the server refused the TLS handshake"),
)


def _tls_detail(text: str) -> str:
    lower = text.lower()
    for needle, meaning in _TLS_WORDS:
        if needle in lower:
            return meaning
    return shown(text)


def no_reply(error: Exception) -> NoReply:
    """Name the layer of a failed request. Pure; for OSError and http.client's exceptions."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoReply(Failure.TLS, _tls_detail(error.verify_message or str(error)))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return NoReply(Failure.TLS, "the server closed the connection within the TLS handshake")
    if isinstance(error, ssl.SSLError):
        return NoReply(Failure.TLS, _tls_detail(f"{error.reason} {error}"))
    if isinstance(error, ssl.CertificateError):
        return NoReply(Failure.TLS, _tls_detail(str(error)))
    if isinstance(error, socket.gaierror):
        return NoReply(Failure.DNS, shown(error.strerror or str(error)))
    if isinstance(error, TimeoutError):
        return NoReply(Failure.TIMEOUT, "no answer in time")
    if isinstance(error, ConnectionRefusedError):
        return NoReply(Failure.REFUSED, "connection refused")
    # http.client.RemoteDisconnected is a ConnectionResetError.
    if isinstance(error, ConnectionError):
        return NoReply(Failure.CLOSED, "connection closed before an answer")
    if isinstance(error, OSError):
        return NoReply(Failure.NO_ROUTE, shown(error.strerror or str(error)))
    return NoReply(Failure.PROTOCOL, shown(f"{type(error).__name__}: {error}"))


# Java's exception texts, as the script on an agent's host reports them.
_JAVA_WORDS = (
    ("unknownhost", Failure.DNS),
    ("name or service not known", Failure.DNS),
    ("nodename nor servname", Failure.DNS),
    ("pkix", Failure.TLS),
    ("sslhandshake", Failure.TLS),
    ("sslexception", Failure.TLS),
    ("certificate", Failure.TLS),
    ("connection refused", Failure.REFUSED),
    ("timed out", Failure.TIMEOUT),
    ("timeout", Failure.TIMEOUT),
    ("no route to host", Failure.NO_ROUTE),
    ("network is unreachable", Failure.NO_ROUTE),
    ("connection reset", Failure.CLOSED),
    ("unexpected end of file", Failure.CLOSED),
    ("eofexception", Failure.CLOSED),
)


def no_reply_from_java(text: str) -> NoReply:
    """The same for the text of a Java exception."""
    lower = text.lower()
    for needle, kind in _JAVA_WORDS:
        if needle in lower:
            return NoReply(kind, shown(text))
    return NoReply(Failure.PROTOCOL, shown(text))
