"""An address of Jenkins, taken apart. Pure."""

import contextlib
import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from migrate.model.errors import UsageProblem
from migrate.model.secrets import mask
from migrate.model.text import visible


@dataclass(frozen=True)
class Address:
    """Where agents connect to, taken apart. Credentials in the URL are dropped."""

    scheme: str
    host: str
    port: int
    base: str
    """Context path with slashes on both ends: ``/`` or ``/jenkins/``."""

    @property
    def netloc(self) -> str:
        """``host[:port]`` as in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address again; ends with a slash."""
        return f"{self.scheme}://{self.netloc}{self.base}"

    @property
    def origin(self) -> str:
        """``scheme://host[:port]``: without a slash at the end and without the context path."""
        return f"{self.scheme}://{self.netloc}"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself, which no network is between."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def parse_address(url: str) -> Address:
    """Take the agents' URL apart; ``UsageProblem`` when it is none."""
    try:
        parts: SplitResult = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise _bad(url, str(error)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _bad(url, "it needs http:// or https:// and a host name")
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    if any(ord(char) <= 32 or ord(char) > 126 for char in path):
        raise _bad(url, "its path holds characters that must be percent-encoded")
    try:
        host = _ascii_host(parts.hostname)
    except UnicodeError:
        raise _bad(url, "its host name is not valid") from None
    return Address(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def _ascii_host(host: str) -> str:
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host))
    return host.encode("idna").decode("ascii")


def _bad(url: str, why: str) -> UsageProblem:
    return UsageProblem(
        f"{_shown(url)!r} cannot be the agents' URL: {why}", next_command="migrate doctor"
    )


def _shown(url: str) -> str:
    return visible(mask(url))[:120]
