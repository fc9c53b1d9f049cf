"""M052: no Jenkins URL is configured."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Verdict
from migrate.model.plan import Choices
from migrate.model.probe_requests import wants_configured_origin
from migrate.rules.edge import evidence
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

CODE = "root-url-missing"
_FIX = (
    "Set it in Manage Jenkins, System, Jenkins URL (JCasC: unclassified: location: url) to the "
    "address that agents use, then run: migrate doctor"
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    controller = inventory.controller
    told = [answer for answer in inventory.probes if answer.code == CODE]
    if controller.root_url and not told:
        return
    read = evidence(told) if told else "the controller has no configured URL (/api/json: url)"
    if told or wants_configured_origin(controller.version):
        cause = (
            "This Jenkins compares the Origin of /cli/ws with its configured URL, and answers 403 "
            "to everybody while there is none. That says nothing of Upgrade."
        )
    else:
        cause = "Jenkins makes up its URL from each request, and agents are told that."
    failed = any(answer.verdict is Verdict.FAIL for answer in told)
    level = Severity.BLOCKER if failed else Severity.WARNING
    yield Hit("controller", "no Jenkins URL is configured", read, cause, _FIX, level)


RULE = Rule(
    id="M052",
    name="root-url-missing",
    title="No Jenkins URL is configured",
    severity=Severity.WARNING,
    find=_find,
    meaning="Manage Jenkins, System, Jenkins URL is empty, or /cli/ws answered 403 'Jenkins URL is "
    "not configured'.",
    why="Agents started with -jnlpUrl are told whatever address the request for their JNLP file "
    "came by. From 2.541.3 and 2.555 on /cli/ws refuses every upgrade then, so that without a "
    "probe node nothing can be said of the proxy: a 403 there is no answer about Upgrade.",
    by_hand="curl -s -u USER:TOKEN JENKINS_URL/api/json?tree=url says null.",
    fix=_FIX,
    sources=(
        jenkins("CLIAction.doWs of 2.541.3 and 2.555 (SECURITY-3674)"),
        "recorded on Jenkins 2.541.3: 403 with any Origin while no URL is configured",
    ),
)
