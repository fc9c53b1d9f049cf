"""What changed between the versions of Jenkins that the sandbox can be, in one table.

Each line was found in jenkinsci/jenkins: the first weekly and the first LTS tag whose source has
the change. The recordings of 2.541.3 show it on a running controller where a line says so.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One change, and from where on a controller has it."""

    name: str
    weekly: str
    """The first weekly release that has it, e.g. ``2.442``."""
    lts: str
    """The first LTS release that has it, e.g. ``2.426.3``: security fixes are in the LTS line of
    their day, everything else comes with a later line."""
    what: str
    source: str

    def is_in(self, version: str) -> bool:
        """Whether a controller of this version has it."""
        numbers = _numbers(version)
        return numbers >= _numbers(self.lts if len(numbers) > 2 else self.weekly)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


MINIMUM_4_7 = Change(
    "minimum-4.7", "2.378", "2.387.1", "agents need remoting 4.7; before, 4.2.1", "pom.xml"
)
OWN_NOT_FOUND = Change(
    "own-not-found-page",
    "2.421",
    "2.426.1",
    "a 404 is a page of Jenkins; before, Jetty's, which does not name the version",
    "core/src/main/resources/jenkins/model/Jenkins/_404.jelly",
)
MINIMUM_4_13 = Change(
    "minimum-4.13", "2.425", "2.426.1", "agents need remoting 4.13; before, 4.7", "pom.xml"
)
REDIRECT_SCRIPT = Change(
    "redirect-script",
    "2.433",
    "2.440.1",
    "the page that sends a browser to the login names a script file; before, the script is in it",
    "core/src/main/java/hudson/Util.java; recordings 01-root-anon",
)
DISK_THRESHOLDS = Change(
    "disk-thresholds",
    "2.434",
    "2.440.1",
    "monitorData of the disk monitors has threshold, totalSize and warningThreshold",
    "hudson/node_monitors/DiskSpaceMonitorDescriptor.java; recordings 10-node-a-api-depth2",
)
ORIGIN_CHECKED = Change(
    "origin-checked",
    "2.442",
    "2.426.3",
    "/cli/ws is 403 unless Origin is the address that the request was sent to",
    "hudson/cli/CLIAction.java, SECURITY-3315",
)
JAVA_17 = Change("java-17", "2.463", "2.479.1", "runs on Java 17 or newer", "executable/Main.java")
MINIMUM_3107 = Change(
    "minimum-3107",
    "2.467",
    "2.479.1",
    "agents need remoting 3107; before, 4.13",
    "pom.xml; recordings 14-tcp-open",
)
JETTY_12 = Change(
    "jetty-12",
    "2.472",
    "2.479.1",
    "Location is a path; before, a URL. Dates of cookies have spaces, before hyphens",
    "war/pom.xml; recordings 22-toggle-off, 08-api-badtoken",
)
MARK_IN_NODE = Change(
    "mark-in-node",
    "2.482",
    "2.492.1",
    "the offline mark is the one in the node's configuration, with <message>, so a config.xml that"
    " is posted sets or clears it; before, it is the running computer's",
    "hudson/model/Computer.java, hudson/model/Node.java; recordings 22-mark-*, 23-marked-*",
)
REASON_ESCAPED = Change(
    "reason-escaped",
    "2.483",
    "2.492.1",
    "offlineCauseReason of REST is HTML-escaped",
    "jenkins/agents/IOfflineCause.java",
)
ORIGIN_EXPLAINED = Change(
    "origin-explained",
    "2.485",
    "2.492.1",
    "the 403 of /cli/ws says why in X-CLI-Error",
    "hudson/cli/CLIAction.java; recordings 60-cli-ws-anon-noorigin-upgrade",
)
TITLES = Change(
    "titles",
    "2.495",
    "2.504.1",
    "titles of pages end in ` - Jenkins`; before, in ` [Jenkins]`",
    "core/src/main/resources/lib/layout/layout.jelly; recordings 03-login",
)
REDACTED = Change(
    "secrets-redacted",
    "2.500",
    "2.492.2",
    "config.xml is without its secrets for a reader who may not write it",
    "hudson/model/Computer.java, SECURITY-3495",
)
REFUSED_400 = Change(
    "refused-400",
    "2.511",
    "2.516.1",
    "/wsagents/ is 400 with the reason where an agent is refused; before, 500",
    "jenkins/agents/WebSocketAgents.java; recordings 33-duplicate-ws-upgrade",
)
SAME_SITE = Change(
    "same-site",
    "2.513",
    "2.516.1",
    "cookies have SameSite=Lax",
    "jenkins/security/JettySameSiteCookieSetup.java; recordings 03-login",
)
NO_STACK = Change(
    "closed-without-stack",
    "2.523",
    "2.528.1",
    "the agent's log says `Connection terminated` of a closed channel without a stack trace",
    "hudson/slaves/SlaveComputer.java; recordings 20-log-f-after-ws",
)
CSP = Change(
    "csp-headers",
    "2.539",
    "2.541.1",
    "every answer has Content-Security-Policy-Report-Only, and Reporting-Endpoints with a URL",
    "jenkins/security/csp/impl/CspFilter.java; recordings 09-whoami",
)
JAVA_21 = Change("java-21", "2.545", "2.555.1", "runs on Java 21 or newer", "executable/Main.java")
MINIMUM_3176 = Change(
    "minimum-3176",
    "2.545",
    "2.555.1",
    "agents need remoting 3176; before, 3107",
    "core/pom.xml",
)
PAGE_KEEPS_MARK = Change(
    "page-keeps-mark",
    "2.548",
    "2.541.2",
    "saving the node's page keeps the mark; before, from mark-in-node on, it clears it",
    "hudson/model/Computer.java, doConfigSubmit",
)
CAUSE_ESCAPED = Change(
    "cause-escaped",
    "2.551",
    "2.541.2",
    "the text of a person's cause is HTML-escaped, and its reason so twice",
    "hudson/slaves/OfflineCause.java, SECURITY-3669; recordings 22-change-cause-api",
)
ORIGIN_CONFIGURED = Change(
    "origin-configured",
    "2.555",
    "2.541.3",
    "the right Origin is that of the configured URL; none configured, none is right",
    "hudson/cli/CLIAction.java, SECURITY-3674; recordings 60-cli-ws-*, 70-ctx-*",
)
RELOAD_KEEPS_MARK = Change(
    "reload-keeps-mark",
    "2.564",
    "2.568.1",
    "nodes that JCasC sets again keep their mark; before, from mark-in-node on, it is cleared",
    "jenkins/model/Nodes.java, setNodes",
)
CAUSE_PLAIN = Change(
    "cause-plain",
    "2.568",
    "2.555.3",
    "the text of a person's cause is not escaped any more; its reason is, once",
    "hudson/slaves/OfflineCause.java, SECURITY-3731",
)

CHANGES = (
    MINIMUM_4_7,
    OWN_NOT_FOUND,
    MINIMUM_4_13,
    REDIRECT_SCRIPT,
    DISK_THRESHOLDS,
    ORIGIN_CHECKED,
    JAVA_17,
    MINIMUM_3107,
    JETTY_12,
    MARK_IN_NODE,
    REASON_ESCAPED,
    ORIGIN_EXPLAINED,
    TITLES,
    REDACTED,
    REFUSED_400,
    SAME_SITE,
    NO_STACK,
    CSP,
    JAVA_21,
    MINIMUM_3176,
    PAGE_KEEPS_MARK,
    CAUSE_ESCAPED,
    ORIGIN_CONFIGURED,
    RELOAD_KEEPS_MARK,
    CAUSE_PLAIN,
)
"""The table, in the order of the weekly releases."""
_MINIMUMS = (
    (MINIMUM_3176, "3176.v207ec082a_8c0"),
    (MINIMUM_3107, "3107.v665000b_51092"),
    (MINIMUM_4_13, "4.13"),
    (MINIMUM_4_7, "4.7"),
)
_JAVAS = ((JAVA_21, "21.0.1"), (JAVA_17, "17.0.15"))


@dataclass(frozen=True)
class Release:
    """A release that the sandbox can be, and what is inside its war."""

    version: str
    jar: str
    """Version of remoting (pom.xml of the tag)."""
    jetty: str
    """Version of Jetty (pom.xml of the winstone that the tag names)."""


RELEASES = (
    Release("2.361.4", "3044.vb_940a_a_e4f72e", "10.0.11"),
    Release("2.426.2", "3160.vd76b_9ddd10cc", "10.0.18"),
    Release("2.541.3", "3352.v17a_fb_4b_2773f", "12.1.5"),
    Release("2.568.2", "3355.3357.v931d3c992987", "12.1.8"),
)
VERSIONS = tuple(release.version for release in RELEASES)
"""What ``--jenkins-version`` takes."""


def release(version: str) -> Release:
    """The release itself, or of a version in between the last one before it."""
    older = [known for known in RELEASES if _numbers(known.version) <= _numbers(version)]
    return older[-1] if older else RELEASES[0]


def java(version: str) -> str:
    """The Java that a controller of this version runs on here: the oldest that it can."""
    return next((known for change, known in _JAVAS if change.is_in(version)), "11.0.21")


def minimum_remoting(version: str) -> str:
    """The oldest remoting that a controller of this version accepts."""
    found = (minimum for change, minimum in _MINIMUMS if change.is_in(version))
    return next(found, "4.2.1")
