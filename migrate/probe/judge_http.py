"""What an answer without a secret means: pure functions from a reply to a ``ProbeAnswer``.

The tables are those of Jenkins' own code (WebSocketAgents.java, CLIAction.java,
Jetty12EE9Provider.java), checked against recordings of a real nginx in front of a real
Jenkins. The order of checks in Jenkins decides what each answer proves: headers, node,
secret, and only then the upgrade.
"""

from dataclasses import replace

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.probe_meaning import CLI_ERROR, cli_meaning
from migrate.model.versions import CONTROLLER_FIRST_WEBSOCKET, Version
from migrate.probe.asked import Asked
from migrate.probe.front import is_jenkins
from migrate.probe.layers import layer_of
from migrate.probe.reply import NoReply, Reply, shown

ONLY_FOR_AGENTS = "This endpoint is only for use from agent.jar in WebSocket mode"
NO_SUCH_AGENT = "no such agent"
ONLY_WS = "only WS connections accepted here"
NO_UPGRADE = "did not manage to upgrade"


def judge_login(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """``GET /login``: an agent connects only when it is 200 (remoting Engine.pingSuccessful)."""
    if isinstance(came, NoReply):
        return asked.no_answer(came)
    if (front := asked.in_front(came)) is not None:
        return front
    if came.status == 200 and is_jenkins(came):
        version = came.headers.get("x-jenkins")
        named = f"Jenkins {shown(version, 40)}" if version else "Jenkins"
        return asked.answer(came, Verdict.PASS, "jenkins", f"{named} answers")
    if came.status == 200:
        return asked.not_jenkins(came)
    return asked.wrong_path(came) if came.status == 404 else asked.unexpected(came)


def judge_wsagents_bare(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """A plain ``GET /wsagents/``: 400 with Jenkins' own text proves that the path arrives."""
    if isinstance(came, Reply) and ONLY_FOR_AGENTS in came.text:
        return asked.answer(came, Verdict.PASS, "jenkins", "the path /wsagents/ reaches Jenkins")
    return judge_wsagents(asked, came)


def judge_wsagents_made_up(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """An upgrade on /wsagents/ for a node that is not there: proves that the headers arrive.

    Jenkins looks for the node before it looks at Upgrade, so this says nothing of Upgrade.
    """
    if isinstance(came, Reply) and NO_SUCH_AGENT in came.text:
        return asked.answer(came, Verdict.PASS, "jenkins", "path and agent headers reach Jenkins")
    if isinstance(came, Reply) and ONLY_FOR_AGENTS in came.text:
        return headers_dropped(asked, came)
    return judge_wsagents(asked, came)


def headers_dropped(asked: Asked, reply: Reply) -> ProbeAnswer:
    """Jenkins misses a header that was sent."""
    return asked.answer(
        reply,
        Verdict.FAIL,
        "proxy",
        "Jenkins got the request without Node-Name, Secret-Key or X-Remoting-Capability, which "
        "were sent: a layer in between drops them",
        "let the headers Node-Name, Secret-Key, X-Remoting-Capability and Connection-Cookie "
        "through for /wsagents/ (nginx: no proxy_set_header that empties them)",
        "headers-dropped",
    )


def judge_wsagents(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """What is common to every request on /wsagents/ that did not get an answer of its own."""
    if isinstance(came, NoReply):
        return asked.no_answer(came)
    if (front := asked.in_front(came)) is not None:
        return front
    if came.status == 404:
        return _no_wsagents(asked, came)
    return asked.not_jenkins(came) if came.status == 200 else asked.unexpected(came)


def _no_wsagents(asked: Asked, reply: Reply) -> ProbeAnswer:
    version = Version.maybe(reply.headers.get("x-jenkins") or asked.version)
    if not is_jenkins(reply) or version is None:
        return asked.wrong_path(reply)
    if version < CONTROLLER_FIRST_WEBSOCKET:
        return asked.answer(
            reply,
            Verdict.FAIL,
            "jenkins",
            "this Jenkins has no WebSocket agents: they came with 2.217",
            "upgrade the controller first, to 2.222.4 or newer",
            "controller-too-old",
        )
    return asked.answer(
        reply,
        Verdict.FAIL,
        "jenkins",
        "Jenkins answers 404 to /wsagents/: WebSocket support is off, as in a servlet container "
        "other than Jenkins' own Jetty (Tomcat, WildFly)",
        "run Jenkins with its own server (java -jar jenkins.war)",
        "websocket-unsupported",
    )


def lacks_upgrade(came: Reply | NoReply) -> bool:
    """Whether this is Jenkins saying that no usable upgrade arrived."""
    return isinstance(came, Reply) and (ONLY_WS in came.text or NO_UPGRADE in came.text)


def upgrade_stripped(asked: Asked, reply: Reply, verdict: Verdict) -> ProbeAnswer:
    """Jenkins saw a request without a usable upgrade (400 with one of its two texts)."""
    if NO_UPGRADE in reply.text:
        cause = (
            f"Upgrade reaches Jenkins damaged on /{asked.path} (400 {NO_UPGRADE}): the proxy "
            "speaks HTTP/1.0 or HTTP/2 to Jenkins, or changes Connection or Sec-WebSocket-*"
        )
    else:
        cause = f"the proxy drops Upgrade on /{asked.path} (400 {ONLY_WS})"
    layer = layer_of(reply.headers)
    return asked.answer(reply, verdict, "proxy", cause, layer.upgrade, "upgrade-stripped")


def judge_cli(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """An upgrade on /cli/ws: 101 proves that Upgrade survives there, without any secret.

    Every refusal by HTTP is inconclusive: many proxies open Upgrade for /wsagents/ alone
    (recording nginx/wsagents-only), and many administrators close /cli/.
    """
    if isinstance(came, NoReply):
        return asked.no_answer(came)
    if came.status == 101:
        return asked.answer(came, Verdict.PASS, "jenkins", cli_meaning(101).cause)
    if lacks_upgrade(came):
        return upgrade_stripped(asked, came, Verdict.INCONCLUSIVE)
    meant = cli_meaning(came.status, f"{came.headers.get(CLI_ERROR.lower(), '')} {came.text}")
    if meant.says or (came.status == 404 and is_jenkins(came)):
        return asked.answer(
            came, Verdict.INCONCLUSIVE, "jenkins", meant.cause, meant.fix, meant.code
        )
    found = asked.in_front(came)
    if found is None:
        found = asked.wrong_path(came) if came.status == 404 else asked.unexpected(came)
    return found if found.code == "backend-down" else replace(found, verdict=Verdict.INCONCLUSIVE)


def judge_listener(asked: Asked, came: Reply | NoReply) -> ProbeAnswer:
    """``GET /tcpSlaveAgentListener/``: what TCP agents ask first; it decides nothing here.

    A controller whose port is off passes with the code ``port-closed`` (404, recording
    14-tcp-disabled). Agents on TCP restart themselves only after a 200 here.
    """
    if isinstance(came, NoReply):
        return asked.no_answer(came)
    port = came.headers.get("x-jenkins-jnlp-port")
    if came.status == 200 and port:
        host = came.headers.get("x-jenkins-jnlp-host")
        where = shown(f"{host}:{port}" if host else f"port {port}", 120)
        protocols = shown(came.headers.get("x-jenkins-agent-protocols", "no protocol"), 80)
        cause = f"the controller sends TCP agents to {where} ({protocols})"
        return asked.answer(came, Verdict.PASS, "jenkins", cause)
    if came.status == 404 and is_jenkins(came):
        cause = "the controller's TCP agent port is off"
        return asked.answer(came, Verdict.PASS, "jenkins", cause, code="port-closed")
    if (front := asked.in_front(came)) is not None:
        return front
    return asked.wrong_path(came) if came.status == 404 else asked.unexpected(came)


def not_asked(asked: Asked, because: ProbeAnswer) -> ProbeAnswer:
    """For the rest of a probe whose first request reached no HTTP server at all."""
    return asked.answer(
        "not asked",
        Verdict.INCONCLUSIVE,
        because.layer,
        f"not asked, since {because.id} got no answer at all",
        because.fix,
        "not-done",
    )
