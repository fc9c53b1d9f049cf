"""Scenarios whose front does not let WebSocket agents in as it stands."""

from migrate.sandbox.spec import AgentSpec, Front, NodeSpec, Scenario

_NODES = (
    NodeSpec("linux-1", labels="linux"),
    NodeSpec("linux-2", labels="linux", agent=AgentSpec(jar_version="3206.vb_15dcf73f6a_9")),
    NodeSpec("tunnelled", labels="dmz", tunnel="{edge}"),
)
_COMMUNITY = "nginx.ingress.kubernetes.io/"
NGINX_INC = Scenario(
    name="nginx-inc",
    title="NGINX Inc's ingress controller, which was never told of Jenkins' WebSocket",
    nodes=_NODES,
    front=Front(inc=True),
    adapts=True,
)
SHORT_TIMEOUT = Scenario(
    name="short-timeout",
    title="an ingress-nginx that ends quiet connections before Jenkins' ping",
    nodes=_NODES,
    front=Front(
        annotations=(
            (f"{_COMMUNITY}proxy-read-timeout", "5"),
            (f"{_COMMUNITY}proxy-send-timeout", "5"),
        )
    ),
    adapts=True,
)
SSO = Scenario(
    name="sso",
    title="a single sign-on in front of Jenkins, open for what agents on TCP ask for and no more",
    nodes=_NODES,
    front=Front(
        annotations=(
            (f"{_COMMUNITY}auth-url", "https://sso.example.org/oauth2/auth"),
            (f"{_COMMUNITY}auth-signin", "https://sso.example.org/oauth2/start"),
        ),
        open_paths=("/tcpSlaveAgentListener/", "/jnlpJars/", "/computer/"),
    ),
    adapts=True,
)
FRONTS = (NGINX_INC, SHORT_TIMEOUT, SSO)
