"""M056: somebody else writes a node's transport again: JCasC, or a script of init.groovy.d."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Transport
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule

_JCASC_FIX = (
    "In its file: webSocket: true and no tunnel under launcher: inbound:. migrate plan --source "
    "DIR edits the file; without it the plan has a manual step with the exact YAML."
)
_HOOK_FIX = (
    "In that script: new JNLPLauncher(true), no tunnel, for this node; or take the script out. The "
    "plan has it as a manual step."
)


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    del choices
    for node in inbound(inventory):
        owner = node.owner
        if owner is None or node.owner_says is Transport.WEBSOCKET:
            continue
        jcasc = owner.kind == "jcasc"
        says = " to TCP" if node.owner_says is Transport.TCP else ""
        yield Hit(
            subject(node),
            f"{owner.kind} sets it again{says}",
            owner.evidence,
            "JCasC writes a node's configuration anew at each load."
            if jcasc
            else "A script of init.groovy.d runs at each start of the controller.",
            _JCASC_FIX if jcasc else _HOOK_FIX,
        )


RULE = Rule(
    id="M056",
    name="node-owned",
    title="A node's transport belongs to JCasC or to a script of init.groovy.d",
    severity=Severity.WARNING,
    find=_find,
    meaning="The sources of configuration as code, or a Groovy hook, name this node and do not say "
    "WebSocket for it.",
    why="What the plan sets on the node is written over at the next load or start. An agent that "
    "was started with -jnlpUrl reads that at its own next start and is back on TCP; if the same "
    "deploy turns the port off, it is lost. So the port stays open until the owner says WebSocket.",
    by_hand="Manage Jenkins, Configuration as Code, View Configuration shows jenkins: nodes: as it "
    "is live; the sources are named on that page. grep -l JNLPLauncher "
    "$JENKINS_HOME/init.groovy.d/*.groovy.",
    fix=_JCASC_FIX + " " + _HOOK_FIX,
    sources=(
        "configuration-as-code-plugin: demos/build_agents/README.md, JenkinsConfigurator.java "
        "(nodes is an attribute like the others, set at each load)",
        "jenkins.io: Groovy Hook Scripts (init.groovy.d, at each start)",
        "Ansible's community.general.jenkins_node sets labels, executors and the offline state "
        "only, no launcher: it is no owner of the transport",
    ),
)
