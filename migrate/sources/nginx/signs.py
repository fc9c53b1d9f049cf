"""What says that a server of nginx leads to Jenkins, and how surely. Pure.

Comments are a weak sign: the sample of jenkins.io, with its own, is copied for other programs.
"""

import posixpath
import re
from collections.abc import Iterator

from migrate.sources.evidence import words
from migrate.sources.nginx.backends import Backend, hosts_of, names_of
from migrate.sources.nginx.conf import Block
from migrate.sources.nginx.match import Chain, kind_of

JENKINS = re.compile(
    r"jenkins|wsagents|jnlpjars|tcpslaveagentlistener|cloudbees|hudson|\bcjoc\b|operations-center",
    re.I,
)
MAYBE = {"ci", "cd", "build", "builds", "cicd", "cjoc"}
OTHER = {
    "wiki", "grafana", "prometheus", "sonar", "sonarqube", "nexus", "gitlab", "gitea", "gogs",
    "artifactory", "keycloak", "sso", "kibana", "confluence", "jira", "drone", "woodpecker",
    "teamcity", "bamboo", "concourse", "buildbot", "argocd", "harbor", "registry", "minio",
    "talos", "db2", "mail", "imap", "smtp", "docs", "metrics", "exporter", "gerrit", "vault",
}  # fmt: skip
"""Words of other programs: what has one is not taken for Jenkins by a weak sign."""
PATHS = {
    "wsagents", "login", "jnlpJars", "computer", "tcpSlaveAgentListener", "cli", "static",
    "userContent", "github-webhook", "bitbucket-hook", "api", "job", "view", "user", "blue",
    "plugin", "adjuncts", "assets", "images", "manage", "queue", "securityRealm", "project",
    "sse-gateway", "generic-webhook-trigger", "descriptorByName", "git", "buildByToken",
}  # fmt: skip
"""First parts of Jenkins' own paths: a location of one is no prefix of Jenkins."""
_HOOKS = {"webhook", "webhooks", "hook", "hooks", "badge", "badges"}
"""In a prefix: it is for one thing, not for all pages."""


def score(levels: Chain, chain: Chain, backend: Backend | None, prefix: str) -> tuple[int, str]:
    """3: it says Jenkins; 2: a name that Jenkins often has, or a comment and the usual port;
    1: the port or the comment only; 0: nothing, or another program's name."""
    server = levels[-1]
    # Below a prefix of its own the server's name says nothing.
    names = [*([] if prefix else names_of(server)), prefix, *_hosts(backend)]
    said = set().union(*(words(text) for text in names))
    of_backend = " ".join(_hosts(backend))
    if words(of_backend) & OTHER or (said & OTHER and not JENKINS.search(of_backend)):
        return 0, ""
    if (backend is None and prefix) or words(prefix) & _HOOKS:
        return 0, ""
    for text in (*names, *_directives(server, chain, backend, whole=not prefix)):
        sign = JENKINS.search(text)
        if sign:
            return 3, f"it says {sign[0]}"
    if said & MAYBE and backend is not None:
        return 2, f"it is called {', '.join(sorted(said & MAYBE))}"
    comment = JENKINS.search("\n".join(_comments(server, chain, backend, whole=not prefix)))
    if backend is not None and "8080" in _ports(backend):
        return (2, "a comment says Jenkins") if comment else (1, "only its port 8080 says so")
    return (1, "only a comment says so") if comment and backend is not None else (0, "")


def _hosts(backend: Backend | None) -> list[str]:
    return [backend.host, *(h for h, _ in hosts_of(backend.upstream))] if backend else []


def _ports(backend: Backend) -> set[str]:
    return {backend.port, *(port for _, port in hosts_of(backend.upstream))}


def _directives(
    server: Block, chain: Chain, backend: Backend | None, *, whole: bool
) -> Iterator[str]:
    """The words of the location, and of the server, for its own pages."""
    del backend
    if chain[-1].name == "location":
        for block in chain[-1].all():
            yield " ".join(block.args)
    if not whole:
        return
    yield posixpath.basename(server.file.path)
    for child in server.children:
        if _is_own(child):
            for block in child.all():
                yield " ".join(block.args)


def _is_own(child: Block) -> bool:
    """Whether a part of a server is not for another program below a prefix."""
    if child.name != "location":
        return True
    sign, path = kind_of(child)
    return sign not in ("", "^~", "=") or path.strip("/").split("/")[0] in ("", *PATHS)


def _comments(
    server: Block, chain: Chain, backend: Backend | None, *, whole: bool
) -> Iterator[str]:
    blocks = [chain[-1]] if chain[-1].name == "location" else []
    blocks += [backend.upstream] if backend and backend.upstream else []
    if whole:
        yield _above(server)
        text, at = server.file.text, server.directive.start
        for child in server.children:
            if child.at is None and not _is_own(child):
                yield from _in(text[at : child.directive.start])
                at = child.directive.end
        yield from _in(text[at : server.directive.end])
    for block in blocks:
        yield _above(block)
        yield from _in(block.file.text[block.directive.start : block.directive.end])


def _in(text: str) -> Iterator[str]:
    return (found[0] for found in re.finditer(r"(?<!\S)#[^\n]*", text))


def _above(block: Block) -> str:
    """The comment right above a block."""
    text, start = block.file.text, block.directive.start
    first = text.rfind("\n", 0, start) + 1
    at = first
    while at:
        line = text.rfind("\n", 0, at - 1) + 1
        if not text[line:at].lstrip().startswith("#"):
            break
        at = line
    return text[at:first]
