"""The scenario ``behind-proxies``: what stands between agents and their controller."""

from migrate.sandbox.networks import PROXIED, PROXY, STRIPPING
from migrate.sandbox.spec import AgentSpec, HostSpec, NodeSpec, Scenario

_HOST, _PORT = PROXY
JAVA_OPTIONS = (
    f"-Dhttp.proxyHost={_HOST}",
    f"-Dhttp.proxyPort={_PORT}",
    f"-Dhttps.proxyHost={_HOST}",
    f"-Dhttps.proxyPort={_PORT}",
)
"""Both schemes, as administrators write it; an http: controller takes the first two."""
_VARIABLE = ("http_proxy", f"http://{_HOST}:{_PORT}")

_NODES = (
    NodeSpec("plain-1", labels="linux"),
    NodeSpec("plain-2", labels="linux", agent=AgentSpec(jar_version="3206.vb_15dcf73f6a_9")),
    NodeSpec("漢字", labels="linux"),
    NodeSpec("Łódź", labels="linux"),
    NodeSpec("proxy-by-java", labels="dmz", agent=AgentSpec(java_options=JAVA_OPTIONS)),
    NodeSpec("proxy-by-env", labels="dmz", agent=AgentSpec(environment=(_VARIABLE,))),
    NodeSpec("west-office", labels="west"),
)
BEHIND_PROXIES = Scenario(
    name="behind-proxies",
    title="agents behind a forward proxy and behind a front that drops Upgrade, and two names",
    nodes=_NODES,
    hosts=(
        HostSpec("plain-01", ("plain-1", "plain-2", "漢字", "Łódź"), "systemd"),
        HostSpec("dmz-01", ("proxy-by-java", "proxy-by-env"), "systemd", PROXIED),
        HostSpec("west-01", ("west-office",), "systemd", STRIPPING),
    ),
    networks=True,
    adapts=True,
)
