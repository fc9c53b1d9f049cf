"""Which way an agent takes out of its network: over TCP today, and over WebSocket. Pure.

Sources: jenkinsci/remoting at fa5f12a8 (Engine.java, JnlpAgentEndpointResolver.java,
NoProxyEvaluator.java, docs/no_proxy.md), OpenJDK sun.net.spi.DefaultProxySelector, and Tyrus'
JdkClientContainer, which takes HTTP proxies of Java's selector only.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from migrate.model.inventory import Launch, ProxySettings
from migrate.model.text import visible
from migrate.model.versions import Version, v

PROXY_FOR_HTTP_FROM = v("3184")
"""From here on Engine itself sets a proxy for http:// controllers (3184.vc8c6efb_3b_3d7)."""
_JAVA_DIRECT = "localhost|127.*|[::1]|0.0.0.0|[::0]"
"""What Java never sends through a proxy, unless http.nonProxyHosts is empty."""
_PREFIXES = {"http": ("http.proxy", "proxy"), "https": ("https.proxy", "proxy"), "socket": ()}


@dataclass(frozen=True)
class Way:
    """How one connection goes."""

    kind: str
    """``direct``, ``http`` (a proxy, by CONNECT where there is TLS), ``socks``, ``system`` (what
    the operating system is set to, which nobody read)."""
    host: str = ""
    port: int | None = None
    by: str = ""
    """The setting that decides."""
    by_engine: bool = False
    """remoting itself gives it to its WebSocket client, which tries it before those of Java."""

    @property
    def address(self) -> str:
        """``host:port`` of the proxy."""
        bare = ":" in self.host and not self.host.startswith("[")
        host = f"[{self.host}]" if bare else self.host
        return f"{host}:{self.port}" if self.port else host

    @property
    def told(self) -> str:
        """The way in words, to stand behind a request; empty for what nobody read."""
        if self.kind == "direct":
            return "without a proxy, as the agent's Java will go"
        if self.kind == "system":
            return ""
        socks = "SOCKS " if self.kind == "socks" else ""
        return visible(f"through the {socks}proxy {self.address}, by the agent's {self.by}")


DIRECT = Way("direct")


@dataclass(frozen=True)
class Ways:
    """Both connections of one transport."""

    first: Way
    """The HTTP request before: /tcpSlaveAgentListener/ over TCP, /login over WebSocket."""
    channel: Way
    """The connection that stays."""


def tcp_ways(settings: ProxySettings, url: str, agent_host: str = "") -> Ways:
    """How the agent gets out today. ``agent_host`` is where the TCP port is, by default the URL's
    host."""
    split = _split(url)
    host = _host(split)
    first = _java(settings, split.scheme, host)
    variable = _variable(settings, host)
    own = settings.properties.get("http.proxyHost") is not None
    if split.scheme == "http" and variable is not None and not own:
        first = variable
    target = agent_host or host
    channel = _java(settings, "http", target)
    if channel.kind != "http":
        # Its socket is an NIO channel, which knows no SOCKS.
        listed = _excluded(target, settings.properties.get("http.nonProxyHosts") or "")
        otherwise = channel if channel.kind == "system" else DIRECT
        channel = (None if listed else _variable(settings, target)) or otherwise
    return Ways(first, channel)


def websocket_ways(settings: ProxySettings, url: str, version: Version | None) -> Ways:
    """How an agent of this remoting version will get out; None counts as a current one."""
    split = _split(url)
    host = _host(split)
    first = _java(settings, split.scheme, host)
    if split.scheme == "http" and (version is None or version >= PROXY_FOR_HTTP_FROM):
        chosen = _engine(settings, host)
        if chosen is not None:
            return Ways(first, chosen)
    found = [_java(settings, scheme, host) for scheme in ("https", "http")]
    for kind in ("http", "system"):
        for way in found:
            if way.kind == kind:
                return Ways(first, way)
    return Ways(first, DIRECT)


def agents_ways(launch: Launch | None, url: str, version: str | None) -> Ways | None:
    """``websocket_ways`` of the agent that was started so; None when its settings were not read."""
    if launch is None or launch.proxy is None:
        return None
    return websocket_ways(launch.proxy, url, Version.maybe(version))


def _engine(settings: ProxySettings, host: str) -> Way | None:
    """Engine.runWebSocket: http.proxyHost, else the variable proxy_host, but for no_proxy."""
    properties = settings.properties
    name = properties.get("http.proxyHost", settings.environment.get("proxy_host"))
    if not name or not _remoting_proxies(settings, host):
        return None
    by = "http.proxyHost" if "http.proxyHost" in properties else "proxy_host"
    port = _number(properties.get("http.proxyPort")) or 80
    return Way("http", name, port, by, by_engine=True)


def _variable(settings: ProxySettings, host: str) -> Way | None:
    """http_proxy, in small letters, as remoting reads it."""
    split = _split(settings.environment.get("http_proxy", ""))
    if not split.scheme or not split.hostname or not _remoting_proxies(settings, host):
        return None
    return Way("http", split.hostname, _port(split), "http_proxy")


def _java(settings: ProxySettings, scheme: str, host: str) -> Way:
    """Java's own selector; a proxy of the scheme before SOCKS before the system's."""
    properties = settings.properties
    prefixes = _PREFIXES[scheme if scheme in _PREFIXES else "http"]
    for prefix in prefixes:
        name = properties.get(f"{prefix}Host")
        if name:
            hosts = properties.get("http.nonProxyHosts", _JAVA_DIRECT)
            if _excluded(host, f"{hosts}|{_JAVA_DIRECT}" if hosts else ""):
                return DIRECT
            # The port beside the host, else that of the other prefix, since Java looks there, too.
            ports = (_number(properties.get(f"{other}Port")) for other in (prefix, *prefixes))
            port = next((number for number in ports if number), 443 if scheme == "https" else 80)
            return Way("http", name, port, f"{prefix}Host")
    socks = properties.get("socksProxyHost")
    if socks:
        hosts = properties.get("socksNonProxyHosts", _JAVA_DIRECT)
        if _excluded(host, f"{hosts}|{_JAVA_DIRECT}" if hosts else ""):
            return DIRECT
        port = _number(properties.get("socksProxyPort")) or 1080
        return Way("socks", socks, port, "socksProxyHost")
    if properties.get("java.net.useSystemProxies", "").lower() == "true":
        return Way("system", by="java.net.useSystemProxies")
    return DIRECT


def _excluded(host: str, hosts: str) -> bool:
    """Java's nonProxyHosts: a ``*`` at either end, nothing else."""
    wanted = host.lower()
    for entry in hosts.lower().split("|"):
        if not entry:
            continue
        if entry.startswith("*"):
            tail = entry[1:]
            if tail.endswith("*") and tail.rstrip("*") in wanted:
                return True
            if wanted.endswith(tail):
                return True
        elif wanted == entry or (entry.endswith("*") and wanted.startswith(entry[:-1])):
            return True
    return False


def _remoting_proxies(settings: ProxySettings, host: str) -> bool:
    """NoProxyEvaluator.shouldProxyHost, with no_proxy before NO_PROXY."""
    name = host.strip("[]")
    if name.lower() == "localhost":
        return False
    environment = settings.environment
    text = environment.get("no_proxy", environment.get("NO_PROXY", "")).strip()
    pieces = text.split("," if "," in text else "|")
    entries = [piece.strip().removeprefix(".").removeprefix("*.") for piece in pieces]
    entries = [entry for entry in entries if entry]
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        # An address or a network never matches a name.
        return not any(not _network(entry) and host.endswith(entry) for entry in entries)
    if address.is_loopback:
        return False
    return not any((net := _network(entry)) is not None and address in net for entry in entries)


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """An address or an IPv4 network; None for a name."""
    try:
        found = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
    return found if found.version == 4 or "/" not in entry else None


def _split(text: str) -> SplitResult:
    try:
        split = urlsplit(text)
        _ = split.port
    except ValueError:
        return urlsplit("")
    return split


def _host(split: SplitResult) -> str:
    host = split.hostname or ""
    return f"[{host}]" if ":" in host else host


def _port(split: SplitResult) -> int | None:
    return split.port or {"http": 80, "https": 443}.get(split.scheme)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None
