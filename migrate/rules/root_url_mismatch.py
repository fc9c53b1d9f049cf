"""M029: agents are told another address than the one that was probed."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.versions import Version, v
from migrate.rules.edge import agents_url, parts
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

SINGLE_URL_WEEKLY = v("2.246")
SINGLE_URL_LTS = v("2.249.1")
_PORTS = {"http": 80, "https": 443}


def _same(one: str, other: str) -> bool:
    a, b = parts(one), parts(other)
    if a is None or b is None:
        return one == other
    return (
        a.scheme.lower(),
        (a.hostname or "").lower(),
        a.port or _PORTS.get(a.scheme.lower()),
        a.path.rstrip("/"),
    ) == (
        b.scheme.lower(),
        (b.hostname or "").lower(),
        b.port or _PORTS.get(b.scheme.lower()),
        b.path.rstrip("/"),
    )


def _double_url(core: str) -> bool:
    """Whether this core puts a second -url into the JNLP file (JENKINS-63014)."""
    version = Version.maybe(core)
    if version is None:
        return False
    first = SINGLE_URL_LTS if len(version.numbers) > 2 else SINGLE_URL_WEEKLY
    return version < first


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    controller = inventory.controller
    if controller.root_url is None and controller.inbound_url is None:
        return  # M052
    told = agents_url(controller)
    if _same(told, controller.url):
        return
    second = (
        " This core also puts the address of the request as a second -url into the JNLP file, "
        "which a WebSocket agent refuses ('supports only a single -url')."
        if _double_url(controller.version)
        else ""
    )
    yield Hit(
        "controller",
        f"agents are told {told}, and this scan used {controller.url}",
        ("jenkins.agent.inboundUrl" if controller.inbound_url else "url of /api/json")
        + f" is {told}",
        "What was probed is not the way that agents started with -jnlpUrl will take." + second,
        f"Scan through the address that agents use: migrate scan --jenkins-url {told} ; or "
        "correct the Jenkins URL.",
    )


RULE = Rule(
    id="M029",
    name="root-url-mismatch",
    title="Agents are told another address",
    severity=Severity.WARNING,
    find=_find,
    meaning="The root URL (or jenkins.agent.inboundUrl) differs from the address given to this "
    "tool.",
    why="The JNLP file tells agents the root URL. If that goes through another proxy, the probes "
    "proved nothing about it. From 2.541.3 and 2.555 on /cli/ws wants the configured URL as "
    "Origin, whatever address is asked (this tool sends it); before, that of the request.",
    by_hand="curl -s -u USER:TOKEN JENKINS_URL/api/json?tree=url",
    fix="Use the same address for the scan (migrate scan --jenkins-url URL), or set the Jenkins "
    "URL right.",
    sources=(
        jenkins("SlaveComputer/jenkins-agent.jnlp.jelly; jenkins.agent.inboundUrl from 2.276"),
        jenkins("535797ec2d (JENKINS-63014): a second -url before 2.246 and LTS 2.249.1"),
    ),
)
