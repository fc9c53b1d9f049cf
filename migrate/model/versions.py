"""Version order of Jenkins core and of remoting, and what each version can do.

Source: facts on jenkinsci/jenkins and jenkinsci/remoting heads (LTS table, remoting
history); each constant names the change that introduced it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(r"(\d+)(.*)$")


@dataclass(frozen=True, order=True)
class Version:
    """The dotted numeric prefix of a version: ``3206.3208.v409508a_675ff`` is (3206, 3208).

    Old remoting numbers (2.x to 4.14) sort before the new scheme (3020.v... onward);
    an LTS backport (3355.3357.v...) sorts after its base and before the next release.
    """

    numbers: tuple[int, ...]

    @staticmethod
    def parse(text: str) -> "Version":
        """Read a version; ``ValueError`` when it does not start with a number."""
        found = _read(text)
        if found is None:
            raise ValueError(f"not a version: {text!r}")
        return found

    @staticmethod
    def maybe(text: str | None) -> "Version | None":
        """``parse``, with ``None`` for what is missing or unreadable."""
        try:
            return _read(text) if text else None
        except ValueError:  # int() refuses numbers of thousands of digits.
            return None


@lru_cache(maxsize=256)
def _read(text: str) -> Version | None:
    # A fleet of thousands runs a handful of versions, and each is compared many times.
    numbers: list[int] = []
    for part in text.strip().split("."):
        match = _PART.match(part)
        if not match:
            break
        numbers.append(int(match[1]))
        if match[2]:
            break
    return Version(tuple(numbers)) if numbers else None


def v(text: str) -> Version:
    """Shorthand for constants and comparisons."""
    return Version.parse(text)


CONTROLLER_FIRST_WEBSOCKET = v("2.217")
"""JEP-222; kubernetes 1.25.0 requires 2.217."""
CONTROLLER_PRACTICAL_WEBSOCKET_WEEKLY = v("2.229")
"""JENKINS-61409: framing that agents >= 4.2.1 speak; LTS from 2.222.4."""
CONTROLLER_PRACTICAL_WEBSOCKET_LTS = v("2.222.4")

AGENT_FIRST_WEBSOCKET = v("4.0")
AGENT_SAME_FRAMING = v("4.2.1")
"""4.0 to 4.2 and newer controllers do not interoperate (082530f1)."""
AGENT_BLOCK_BELOW = v("4.13")
"""Proposed bar: WebSocket reconnect works on Java 11 (JENKINS-66446)."""
AGENT_WARN_BELOW = v("3107")
"""Write timeout: without it an agent hangs after a proxy reload (JENKINS-70531)."""
AGENT_URL_NAME_FROM = v("3176")
"""`java -jar agent.jar -url -name -webSocket` (207ec082); before: hudson.remoting.jnlp.Main."""
AGENT_RETRIES_FIRST_CONNECT = v("3283")
"""Older agents exit for good when their first WebSocket handshake fails."""
JAR_JAVA_LEVELS = ((v("3299"), 17), (v("3044"), 11), (v("2.0"), 8))
"""First remoting version that needs this Java class level, newest first."""

CONTROLLER_JAVA_LEVELS = ((v("2.545"), 21), (v("2.463"), 17), (v("2.357"), 11), (v("1.0"), 8))
"""First core version whose classes need this Java, newest first; agents load them, too
(jenkinsci/jenkins war/src/main/java/executable/Main.java: c60ea9210c, 75f6c56c77, 5312d243cb)."""
MINIMUM_REMOTING = (
    (v("2.545"), "3176"),
    (v("2.467"), "3107"),
    (v("2.425"), "4.13"),
    (v("2.378"), "4.7"),
    (v("2.357"), "4.2.1"),
    (v("2.198"), "3.14"),
)
"""First core version and the oldest remoting that it takes, newest first (its pom.xml,
remoting.minimum.supported.version)."""
MINIMUM_CAN_BE_LIFTED_FROM = v("2.469")
"""JENKINS-73467 (e4f3a0d2fe): before, inbound agents were told the minimum whatever
hudson.slaves.SlaveComputer.allowUnsupportedRemotingVersions said, and ended by themselves."""
JNLP_URL_DEPRECATED_FROM = v("2.437")
"""The form -jnlpUrl is deprecated, and a node's page hides its settings (6a2d94bfbe)."""


def controller_java(core: str) -> int | None:
    """The Java feature version that this core needs at least; None for an unreadable version."""
    version = Version.maybe(core)
    found = (level for first, level in CONTROLLER_JAVA_LEVELS if version and version >= first)
    return next(found, None)


def minimum_remoting(core: str) -> str | None:
    """The oldest remoting that this core takes, as its releases have it; None: not known."""
    version = Version.maybe(core)
    return next((text for first, text in MINIMUM_REMOTING if version and version >= first), None)


def practical_websocket(core: str) -> bool:
    """Whether this controller serves WebSocket agents that are still around."""
    version = v(core)
    if version < CONTROLLER_PRACTICAL_WEBSOCKET_LTS:
        return False
    is_lts = len(version.numbers) > 2
    return is_lts or version >= CONTROLLER_PRACTICAL_WEBSOCKET_WEEKLY


def java_needed(remoting: str) -> int:
    """The Java feature version that this agent.jar needs at least."""
    version = v(remoting)
    for first, level in JAR_JAVA_LEVELS:
        if version >= first:
            return level
    return 8


def java_feature(text: str | None) -> int | None:
    """8 for ``1.8.0_392``, 17 for ``17.0.9``; ``None`` for what is unreadable."""
    version = Version.maybe(text)
    if version is None:
        return None
    if version.numbers[0] == 1 and len(version.numbers) > 1:
        return version.numbers[1]
    return version.numbers[0]
