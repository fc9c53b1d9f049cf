"""Which proxy of the environment leads to a URL, and by which variable."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from migrate.model.address import is_loopback
from migrate.model.text import visible


@dataclass(frozen=True)
class Proxy:
    """A forward proxy. ``url`` may hold a password: ``shown`` does not."""

    url: str
    variable: str
    """``HTTPS_PROXY``, as it is written in the environment."""

    @property
    def shown(self) -> str:
        """``proxy.example:3128 (HTTPS_PROXY)``."""
        place = self.url.partition("://")[2].rpartition("@")[2].rstrip("/")
        return f"{visible(place)} ({self.variable})"


def proxy_for(url: str, environment: Mapping[str, str] | None = None) -> Proxy | None:
    """The proxy for ``url``; None: there is none, or NO_PROXY names its host. Never to loopback.

    HTTPS_PROXY or HTTP_PROXY by the URL's scheme, else ALL_PROXY; in small letters first, as curl
    has them. HTTP_PROXY in capitals counts for nothing within a CGI script (httpoxy).
    """
    found = os.environ if environment is None else environment
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or _left_out(host, parts.port, found):
        return None
    names = [f"{parts.scheme}_proxy", f"{parts.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"]
    if "REQUEST_METHOD" in found and "HTTP_PROXY" in names:
        names.remove("HTTP_PROXY")
    for name in names:
        value = found.get(name, "").strip()
        if value:
            return Proxy(value if "://" in value else f"http://{value}", name)
    return None


def _left_out(host: str, port: int | None, found: Mapping[str, str]) -> bool:
    text = found.get("no_proxy") or found.get("NO_PROXY") or ""
    return any(_matches(host, port, entry.strip().lower()) for entry in text.split(","))


def _matches(host: str, port: int | None, entry: str) -> bool:
    """``*``, a domain with or without its dot, ``host:port``, an address, a network."""
    if not entry:
        return False
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdigit() and "]" not in wanted and name.count(":") == 0:
        if port != int(wanted):
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").removeprefix(".")
    return host == entry or host.endswith(f".{entry}")
