"""Whether names, hosts and ports of a proxy's configuration are Jenkins'. Pure."""

import re

from migrate.sources.evidence import AGENT_PORT, words
from migrate.sources.nginx.signs import JENKINS, OTHER

NOT_EDITED = "this tool edits nginx, no other proxy"
_MAYBE = {"ci", "cd", "build", "builds", "cicd", "cjoc"}
_AGENTS = {"agent", "agents", "jnlp", "slave", "slaves", "inbound", "jnlp4", "remoting"}
_HTTP = re.compile(r":8080\b")


def serves(*texts: str) -> bool:
    """Whether what these texts name may be Jenkins' pages: by name, or by port 8080."""
    joined = " ".join(texts)
    if JENKINS.search(joined):
        return True
    said = words(joined)
    if said & OTHER:
        return False
    return bool(said & _MAYBE) or _HTTP.search(joined) is not None


def takes_agents(names: str, hosts: str, pages: frozenset[str] = frozenset()) -> bool:
    """Whether a TCP way leads to the agent port: by name, or beside Jenkins' pages.

    ``hosts``: ``HOST:PORT`` of the far side; ``pages``: hosts that serve Jenkins' pages.
    """
    joined = f"{names} {hosts}"
    said = words(joined)
    if said & OTHER or not hosts:
        return False
    far = {one.rpartition(":")[0] for one in hosts.split()}
    agents = bool(said & _AGENTS)
    if JENKINS.search(joined) or far & pages:
        return agents or AGENT_PORT in joined
    return agents and AGENT_PORT in hosts
