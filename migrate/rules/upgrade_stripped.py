"""M003: a proxy drops the Upgrade request."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

_FIX = (
    "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header "
    "Connection $connection_upgrade; in the location that proxies Jenkins (headers set one level "
    "up are lost when the location sets any header itself). Then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("upgrade-stripped",),
        summary="the proxy in front of Jenkins drops the WebSocket upgrade",
        unsure="the proxy in front of Jenkins drops the WebSocket upgrade on /cli/ws; unless it "
        "lets /wsagents/ alone through, no agent could come back",
        cause="Jenkins was reached and answered that no WebSocket request arrived: the proxy "
        "removes the Upgrade and Connection headers, or talks HTTP/1.0 or HTTP/2 to Jenkins.",
        fix=_FIX,
    )


RULE = Rule(
    id="M003",
    name="upgrade-stripped",
    title="The proxy drops the WebSocket upgrade",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="An upgrade request through the address that agents use arrived at Jenkins without "
    "its Upgrade header ('400 only WS connections accepted here', or 'did not manage to "
    "upgrade').",
    why="An agent older than remoting 3283 exits for good when its first WebSocket handshake "
    "fails; a newer one tries again for ever. Either way the node is lost until somebody acts.",
    by_hand="curl -si --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' "
    "-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' "
    "-H 'Origin: SCHEME://HOST[:PORT] of the configured Jenkins URL' JENKINS_URL/cli/ws should say "
    "101; 400 means that Upgrade was lost, 403 says nothing of it.",
    fix=_FIX,
    sources=(
        jenkins("websocket/jetty12-ee9/.../Jetty12EE9Provider.java: the two 400 texts"),
        "measured with nginx 1.31.3 before Jenkins 2.426.2: no Upgrade headers, HTTP/1.0 to the "
        "backend, inherited headers lost, Upgrade open for /wsagents/ alone",
    ),
    levels="A warning while only /cli/ws said so: some proxies open Upgrade for /wsagents/ alone. "
    "A probe node's handshake decides, at the start of apply or now: migrate doctor --probe-node "
    "--hold 40",
)
