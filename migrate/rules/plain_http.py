"""M005: agents would speak plain http://."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.edge import agents_url, is_loopback, parts
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins

_CAUSE = (
    "The TCP protocol JNLP4 brings its own TLS; WebSocket has only what the URL gives. The "
    "agent's secret travels in the header Secret-Key, and every build's data in clear."
)


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    controller = inventory.controller
    url = agents_url(controller)
    split = parts(url)
    if split is None or split.scheme.lower() != "http":
        return
    read = "jenkins.agent.inboundUrl" if controller.inbound_url else "the root URL"
    evidence = f"{read} is {url}"
    if is_loopback(split.hostname):
        yield Hit(
            "controller",
            "agents use plain http:// on this machine only",
            evidence,
            "The address is a loopback one, so nothing leaves the machine.",
            "Nothing to do for a test installation; use https:// for anything else.",
            Severity.INFO,
        )
        return
    accepted = choices is not None and choices.accept_http
    yield Hit(
        "controller",
        "agents would connect without encryption over http://"
        + (" (accepted with --accept-http)" if accepted else ""),
        evidence,
        _CAUSE,
        "Set the Jenkins URL (Manage Jenkins, System, Jenkins Location) to https://, or "
        "-Djenkins.agent.inboundUrl=https://... from 2.276 on; or accept it: "
        "migrate plan --name NAME --accept-http",
        Severity.WARNING if accepted else Severity.BLOCKER,
    )


RULE = Rule(
    id="M005",
    name="plain-http",
    title="Agents would speak plain http://",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The address that agents are told starts with http://.",
    why=_CAUSE + " Moving such agents to WebSocket silently takes their encryption away.",
    by_hand="curl -s -u USER:TOKEN JENKINS_URL/api/json?tree=url shows the root URL; each "
    "agent's -url or -jnlpUrl shows what it uses.",
    fix="Serve Jenkins over https and set its URL to that, or accept the loss for this plan with "
    "migrate plan --accept-http.",
    sources=(
        "JEP-222, sections 'Automatic mode switch' and 'Channel encryption'",
        jenkins("core/src/main/java/jenkins/agents/WebSocketAgents.java: header Secret-Key"),
    ),
    levels="A warning when accepted, an info for a loopback address.",
)
