"""M053: /cli/ws refuses before it looks at Upgrade."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

CODES = ("origin-rejected", "cli-off")
_FIX = (
    "Let a handshake on /wsagents/ decide: migrate doctor --probe-node --hold 40 ; or set the "
    "Jenkins URL to the address that agents use and have the proxy pass on Host and "
    "X-Forwarded-Proto, then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        CODES,
        summary="/cli/ws refuses the probe, so nothing is known of Upgrade",
        cause="Jenkins looks at Origin before it looks at Upgrade.",
        fix=_FIX,
    )


RULE = Rule(
    id="M053",
    name="cli-refused",
    title="/cli/ws refuses, which says nothing of Upgrade",
    severity=Severity.WARNING,
    find=_find,
    meaning="Jenkins answered 403 'Unexpected request origin' or 'WebSocket support for CLI "
    "disabled' to an upgrade of /cli/ws.",
    why="Only 101 and 400 tell whether Upgrade comes through; a 403 is given before it is looked "
    "at. Until 2.541.2 and 2.554 Origin must be the address that Host and X-Forwarded-* name, so a "
    "403 means that the proxy changes them; from 2.541.3 and 2.555 on it must be the configured "
    "Jenkins URL, which this tool sends.",
    by_hand="curl -si --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' "
    "-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' "
    "-H 'Origin: SCHEME://HOST[:PORT] of the configured Jenkins URL' JENKINS_URL/cli/ws",
    fix=_FIX,
    sources=(jenkins("CLIAction.doWs: 2.442 (SECURITY-3315), 2.541.3 and 2.555 (SECURITY-3674)"),),
)
