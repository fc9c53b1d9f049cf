"""Which Service, port and controller are Jenkins', as far as files say it. Pure.

The number 50000 is no evidence: Talos, DB2 and others use it as well.
"""

import re
from typing import NamedTuple

_SHAPE = re.compile(
    r"(?P<space>[a-z0-9][a-z0-9.-]*)/(?P<name>[a-z0-9][a-z0-9.-]*):(?P<port>[a-z0-9-]+)(?::.*)?",
    re.DOTALL,
)
AGENT_PORT = "50000"
AGENT_PORT_NAMES = {
    "agent", "agents", "jnlp", "slave", "slaves", "agent-listener", "slavelistener", "agentport",
    "slave-listener", "jenkins-agent", "jenkins-agents", "inbound", "agent-tcp", "jnlp-tcp",
    "tcp-agent", "agents-tcp", "jenkins-jnlp", "jnlpport", "slaveport", "jnlp-port", "agent-port",
    "inbound-agent", "inbound-agents", "tcp-agents", "listener",
}  # fmt: skip
_AGENT_WORDS = {
    "agent", "agents", "jnlp", "slave", "slaves", "inbound", "listener", "tcp", "discovery",
}  # fmt: skip
_OTHER_WORDS = {
    "exporter", "metrics", "db", "postgres", "postgresql", "mysql", "redis", "ssh", "backup",
    "sonar", "sonarqube", "nexus", "gitea", "registry", "cache", "proxy", "db2", "mongo", "sshd",
    "logs", "webhook", "artifactory", "minio", "cli", "debug",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+[0-9]*|[0-9]+")


class Target(NamedTuple):
    """``NS/SERVICE:PORT`` of a tcp-services entry."""

    space: str
    name: str
    port: str

    @property
    def service(self) -> str:
        """``NS/NAME``."""
        return f"{self.space}/{self.name}"

    @property
    def shown(self) -> str:
        """As in the entry, without what follows the port."""
        return f"{self.service}:{self.port}"


def target_of(value: str) -> Target | None:
    """The Service that a value names; None for a value of another shape."""
    found = _SHAPE.fullmatch(value.strip())
    return Target(found["space"], found["name"], found["port"]) if found else None


def words(name: str) -> set[str]:
    """The words that a name is made of, in small letters."""
    return set(_WORD.findall(name.lower()))


def is_agent_port(port: str) -> bool:
    """Whether a port's number or name is the usual one of agents."""
    return port == AGENT_PORT or port.lower() in AGENT_PORT_NAMES


def verdict(target: Target, services: tuple[str, ...]) -> str:
    """``jenkins``, ``unclear`` (told, not edited) or ``other``.

    ``services``: ``NS/NAME`` that are known to be Jenkins'.
    """
    if target.service in services:
        return "jenkins" if target.port not in ("8080", "80", "http", "443", "https") else "other"
    told, space = words(target.name), words(target.space)
    agentish = bool(told & _AGENT_WORDS)
    if "jenkins" in told:
        if told & _OTHER_WORDS:
            return "unclear" if is_agent_port(target.port) else "other"
        if is_agent_port(target.port) or (agentish and target.port.isdigit()):
            return "jenkins"
        return "other"
    if "cjoc" in told and is_agent_port(target.port):
        # CloudBees' operations center, by the name that its installers give it.
        return "jenkins"
    if "jenkins" in space and agentish and is_agent_port(target.port):
        return "jenkins"
    if agentish and is_agent_port(target.port) and not told & _OTHER_WORDS:
        return "unclear"
    if {"jenkins", "ci", "cjoc", "cloudbees"} & (told | space) and target.port == AGENT_PORT:
        return "unclear" if not told & _OTHER_WORDS else "other"
    return "other"
