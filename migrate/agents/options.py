"""Options of agent.jar: which forbid WebSocket, and since when the jar knows them.

Source: jenkinsci/remoting, src/main/java/hudson/remoting/Launcher.java (args4j annotations) at
fa5f12a8 and its history; the 3160 and 3206 behaviour was measured.
"""

from collections.abc import Iterator

from migrate.model.inventory import LaunchKind
from migrate.model.versions import AGENT_URL_NAME_FROM, Version, v

WITH_VALUE = frozenset(
    [
        "-url",
        "-name",
        "-secret",
        "-webSocketHeader",
        "-tunnel",
        "-direct",
        "-directConnection",
        "-instanceIdentity",
        "-protocols",
        "-workDir",
        "-internalDir",
        "-noReconnectAfter",
        "-credentials",
        "-jnlpCredentials",
        "-proxyCredentials",
        "-cert",
        "-jar-cache",
        "-agentLog",
        "-slaveLog",
        "-loggingConfig",
        "-jnlpUrl",
        "-auth",
        "-tcp",
        "-connectTo",
        "-cp",
        "-classpath",
    ]
)
"""Agent options that take a value, as the next word or behind ``=``."""
FLAGS = frozenset(
    [
        "-webSocket",
        "-headless",
        "-noReconnect",
        "-noreconnect",
        "-noKeepAlive",
        "-noCertificateCheck",
        "-disableHttpsCertValidation",
        "-failIfWorkDirIsMissing",
        "-text",
        "-ping",
        "-help",
        "-version",
    ]
)
"""Agent options without a value."""

ALIASES = {
    "-jnlpCredentials": "-credentials",
    "-directConnection": "-direct",
    "-disableHttpsCertValidation": "-noCertificateCheck",
    "-noreconnect": "-noReconnect",
}
FORBIDDEN_WITH_WEBSOCKET = ("-tunnel", "-direct", "-credentials", "-noKeepAlive")
"""args4j ends the agent when one of these meets ``-webSocket``, also out of a JNLP file."""
FORBIDDEN_BEFORE = ("-cert", "-noCertificateCheck", "-proxyCredentials")
"""Forbidden beside -webSocket by jars before ``TLS_OPTIONS_FROM``."""
TLS_OPTIONS_FROM = v("3184")
"""3184.vc8c6efb_3b_3d7."""
PING_USES_CERT_FROM = v("3299")
"""Before, -cert and -noCertificateCheck did not reach the GET of /login (remoting#786)."""
FIRST_VERSION = (
    ("-noReconnectAfter", v("3241")),
    ("-webSocketHeader", v("4.9")),
    ("-direct", v("3.34")),
)
LOST_FROM = (
    ("-slaveLog", v("3020")),
    ("-cp", v("3190")),
    ("-classpath", v("3190")),
)
"""First version that no longer knows the option (4a316616, 3f5276e7)."""
JAR_OPTIONS_FROM_URL_NAME = ("-url", "-name", "-webSocket", "-tunnel", "-direct")
"""``java -jar agent.jar`` knows these from 3176 on; before, only hudson.remoting.jnlp.Main."""


def normal(options: tuple[str, ...]) -> tuple[str, ...]:
    """Option names with their aliases resolved, in order."""
    return tuple(ALIASES.get(option, option) for option in options)


def forbidden_options(options: tuple[str, ...], version: str | None) -> tuple[str, ...]:
    """Those of ``options`` that end an agent of this version as soon as it uses WebSocket.

    As they were written; a version that is not known counts as an old one.
    """
    names = set(FORBIDDEN_WITH_WEBSOCKET)
    parsed = Version.maybe(version)
    if parsed is None or parsed < TLS_OPTIONS_FROM:
        names |= set(FORBIDDEN_BEFORE)
    return tuple(name for name in options if ALIASES.get(name, name) in names)


def forbidden(options: tuple[str, ...], version: Version | None) -> Iterator[str]:
    """Why agent.jar of ``version`` refuses these options beside -webSocket."""
    names = normal(options)
    for option in FORBIDDEN_WITH_WEBSOCKET:
        if option in names:
            yield f"{option} cannot stand beside -webSocket"
    for option in FORBIDDEN_BEFORE:
        if option in names and version is not None and version < TLS_OPTIONS_FROM:
            yield f"{option} cannot stand beside -webSocket before agent.jar 3184"
    if names.count("-url") > 1:
        yield "more than one -url: WebSocket agents take a single one"


def unknown(options: tuple[str, ...], kind: LaunchKind, version: Version | None) -> Iterator[str]:
    """Which of these options agent.jar of ``version`` does not know."""
    if version is None:
        return
    names = normal(options)
    for option, first in FIRST_VERSION:
        if option in names and version < first:
            dotted = ".".join(map(str, first.numbers))
            yield f"{option} is known from agent.jar {dotted} on"
    for option in lost(options, kind, version):
        yield f"{option} is not known to it any more"
    if kind is LaunchKind.URL_NAME and version < AGENT_URL_NAME_FROM:
        for option in JAR_OPTIONS_FROM_URL_NAME:
            if option in names:
                yield f"{option} beside -jar is known from agent.jar 3176 on"


def lost(options: tuple[str, ...], kind: LaunchKind, version: Version) -> tuple[str, ...]:
    """Those of these options that agent.jar of ``version`` no longer knows.

    With ``hudson.remoting.jnlp.Main``, -cp is Java's own option and stays.
    """
    if kind is LaunchKind.JNLP_MAIN:
        return ()
    names = normal(options)
    return tuple(o for o, first in LOST_FROM if o in names and version >= first)
