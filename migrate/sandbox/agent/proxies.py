"""Which forward proxy an agent takes for which of its connections.

Four ways decide on it, each by rules of its own: Java's HttpURLConnection
(``DefaultProxySelector``, tried on Java 17.0.15), remoting's look for the agent port
(JnlpAgentEndpointResolver.openURLConnection), its TCP connection (the same class,
getResolvedHttpProxyAddress), and the WebSocket client (Engine.runWebSocket, then Tyrus'
JdkClientContainer.processProxy). jenkinsci/remoting at fa5f12a8. SOCKS is not imitated.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from migrate.sandbox.agent.jar import numbers
from migrate.sandbox.agent.network import Address

_PORTS = {"http": 80, "https": 443}
_NOT_PROXIED = "localhost|127.*|[::1]|0.0.0.0|[::0]"
"""What http.nonProxyHosts is when nobody sets it, and what Java adds to one that is not empty
(DefaultProxySelector)."""
_WEB_SOCKET_ASKS = (3184,)
"""From here on Engine.runWebSocket looks at http.proxyHost itself (c8c6efb3)."""


class BadProxy(Exception):
    """Java throws an unchecked exception for this setting, which ends the agent."""


class Proxies:
    """The choices of one process, by its system properties and its environment."""

    def __init__(self, properties: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self._properties = properties
        self._environment = environment

    def for_url(self, url: str) -> Address | None:
        """For a plain HttpURLConnection: /login, and what a script downloads."""
        parts = urlsplit(url)
        return self._selected(parts.scheme, parts.hostname or "")

    def for_listener(self, url: str) -> Address | None:
        """For the JNLP file and /tcpSlaveAgentListener/."""
        parts = urlsplit(url)
        if parts.scheme == "http" and "http.proxyHost" not in self._properties:
            proxy = self._environment_proxy(parts.hostname or "")
            if proxy is not None:
                return proxy
        return self.for_url(url)

    def for_tcp(self, host: str) -> Address | None:
        """For the connection to the agent port."""
        selected = self._selected("http", host)
        if selected is not None:
            return selected
        excluded = self._properties.get("http.nonProxyHosts")
        if excluded and _matches(excluded, host):
            return None
        return self._environment_proxy(host)

    def for_web_socket(self, url: str, version: str) -> list[Address]:
        """For the WebSocket, each tried in turn; none: direct. ``url``: as given, http or https."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        found: list[Address] = []
        named = self._properties.get("http.proxyHost", self._environment.get("proxy_host"))
        asked = numbers(version) >= _WEB_SOCKET_ASKS and parts.scheme == "http"
        if named is not None and asked and self._should_proxy(host):
            found.append((named, int(self._properties.get("http.proxyPort") or "80")))
        return found + self.for_tyrus(url)

    def for_tyrus(self, url: str) -> list[Address]:
        """What Tyrus finds by itself: Java's choice for socket: (SOCKS only), https: and http:,
        whatever the controller's own scheme is."""
        host = urlsplit(url).hostname or ""
        asked = (self._selected(scheme, host) for scheme in ("https", "http"))
        return [proxy for proxy in asked if proxy is not None]

    def _selected(self, scheme: str, host: str) -> Address | None:
        """ProxySelector.getDefault().select."""
        properties = self._properties
        for prefix in (f"{scheme}.proxy", "proxy"):
            name = properties.get(f"{prefix}Host")
            if name:
                break
        else:
            return None
        excluded = properties.get("http.nonProxyHosts")
        if excluded != "" and _matches(f"{excluded or ''}|{_NOT_PROXIED}", host):
            return None
        # The port beside the host, else that of the other prefix.
        found = (properties.get(f"{p}Port") or "" for p in (prefix, f"{scheme}.proxy", "proxy"))
        port = next((p for p in found if p.isdigit() and int(p)), "")
        return name, int(port) if port else _PORTS[scheme]

    def _environment_proxy(self, host: str) -> Address | None:
        given = self._environment.get("http_proxy")
        if given is None or not self._should_proxy(host):
            return None
        parts = urlsplit(given)
        if parts.scheme not in _PORTS:
            # java.net.MalformedURLException: remoting logs it and goes on without.
            return None
        if parts.port is None:
            raise BadProxy("java.lang.IllegalArgumentException: port out of range:-1")
        return parts.hostname or "", parts.port

    def _should_proxy(self, host: str) -> bool:
        """hudson.remoting.NoProxyEvaluator."""
        spec = self._environment.get("no_proxy", self._environment.get("NO_PROXY", "")).strip()
        if host.lower() == "localhost":
            return False
        separator = "," if "," in spec else "|"
        words = [w.strip().removeprefix(".").removeprefix("*.") for w in spec.split(separator)]
        if host.replace(".", "").isdigit() or ":" in host:
            return not _listed(host, words)
        return not any(word and host.endswith(word) for word in words)


def _listed(host: str, words: list[str]) -> bool:
    """Whether an IP address is loopback, or stands among the words or in a network of theirs."""
    import ipaddress

    address = ipaddress.ip_address(host)
    if address.is_loopback:
        return True
    for word in words:
        try:
            if address in ipaddress.ip_network(word, strict=False):
                return True
        except ValueError:
            continue
    return False


def _matches(patterns: str, host: str) -> bool:
    """http.nonProxyHosts: a star counts at the beginning or the end of an entry only."""
    host = host.lower()
    for entry in filter(None, patterns.lower().split("|")):
        if entry.startswith("*"):
            matched = host.endswith(entry[1:])
        elif entry.endswith("*"):
            matched = host.startswith(entry[:-1])
        else:
            matched = host == entry
        if matched:
            return True
    return False
