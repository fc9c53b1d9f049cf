"""What describe-launch says about forward proxies: the keys of the Groovy script."""

import os
import re
from typing import Any

from migrate.sandbox.agent.network import dial
from migrate.sandbox.agent.wire import address

PROPERTIES = (
    "http.proxyHost",
    "http.proxyPort",
    "https.proxyHost",
    "https.proxyPort",
    "proxyHost",
    "proxyPort",
    "http.nonProxyHosts",
    "https.nonProxyHosts",
    "socksProxyHost",
    "socksProxyPort",
    "socksNonProxyHosts",
    "java.net.useSystemProxies",
    "jdk.http.auth.tunneling.disabledSchemes",
)
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "proxy_host", "proxy_port")
_USER = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)?.*@", re.DOTALL)


def proxy_settings(given: dict[str, str], own: list[str], url: str) -> dict[str, Any]:
    """``given``: the system properties; ``own``: the words of the jar; ``url``: where agents
    connect, empty when the tool did not say; the agent's own ``-url`` goes first."""
    properties = {name: given[name] for name in PROPERTIES if name in given}
    names = [name for lower in VARIABLES for name in (lower, lower.upper())]
    environment = {name: os.environ[name] for name in names if name in os.environ}
    if "-url" in own[:-1]:
        url = own[own.index("-url") + 1]
    values = [*properties.values(), *environment.values()]
    return {
        "properties": {key: _without_user(value) for key, value in properties.items()},
        "environment": {key: _without_user(value) for key, value in environment.items()},
        "credentials": any("@" in value for value in values)
        or any(word.lower() == "-proxycredentials" for word in own)
        or "http.proxyUser" in given
        or "https.proxyUser" in given,
        "direct": _opens(url) if url and values else None,
    }


def _without_user(value: str) -> str:
    return _USER.sub(lambda match: match[1] or "", value, count=1)


def _opens(url: str) -> bool:
    """Whether the address opens from here without any proxy."""
    try:
        dial(address(url), 3).close()
    except OSError:
        return False
    return True
