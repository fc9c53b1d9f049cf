"""M027: TLS to the address that agents use fails."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import probe_hits
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_FIX = (
    "Correct the certificate (name, dates, chain with intermediates), or name the private CA: "
    "migrate doctor --ca-file FILE. Agents need the same CA in their Java trust store."
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    yield from probe_hits(
        inventory,
        ("tls",),
        summary="TLS to this address fails",
        cause="The certificate is not trusted, expired, or for another name.",
        fix=_FIX,
    )


RULE = Rule(
    id="M027",
    name="tls-broken",
    title="TLS to the agents' address fails",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The TLS handshake with the address that agents use did not succeed from here.",
    why="WebSocket agents verify it as well ('PKIX path building failed'); TCP agents started "
    "with -direct have never made an HTTPS request before.",
    by_hand="openssl s_client -connect HOST:443 -servername HOST </dev/null",
    fix=_FIX,
    sources=(
        remoting("docs/inbound-agent.md; #690 and #786 (JENKINS-75409)"),
        "kubernetes-plugin README, TLS section",
    ),
)
