"""Servers and paths of nginx that lead to Jenkins, as far as the files say it. Pure."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from migrate.sources.evidence import words
from migrate.sources.nginx.conf import Block, Conf
from migrate.sources.nginx.effective import PLAIN, Values, nearest
from migrate.sources.nginx.match import Chain, kind_of, named, regex_matches, winner
from migrate.splice.text import NotEditable

JENKINS = re.compile(
    r"jenkins|wsagents|jnlpjars|tcpslaveagentlistener|cloudbees|hudson|\bcjoc\b|operations-center",
    re.I,
)
_MAYBE = {"ci", "cd", "build", "builds", "cicd", "cjoc"}
OTHER = {
    "wiki", "grafana", "prometheus", "sonar", "sonarqube", "nexus", "gitlab", "gitea", "gogs",
    "artifactory", "keycloak", "sso", "kibana", "confluence", "jira", "drone", "woodpecker",
    "teamcity", "bamboo", "concourse", "buildbot", "argocd", "harbor", "registry", "minio",
    "talos", "db2", "mail", "imap", "smtp", "docs", "metrics", "exporter", "gerrit", "vault",
}  # fmt: skip
"""Words of other programs: what has one is not taken for Jenkins by a weak sign."""
_PATHS = {
    "wsagents", "login", "jnlpJars", "computer", "tcpSlaveAgentListener", "cli", "static",
    "userContent", "github-webhook", "api", "job",
}  # fmt: skip
"""First parts of Jenkins' own paths: a location of one is no prefix of Jenkins."""
_URL = re.compile(r"(?:https?://)?(?P<host>\[[^\]]*\]|[^:/\s]*)(?::(?P<port>\d+))?(?:/.*)?", re.S)
_UPGRADE_IF = re.compile(r"\$http_(?:upgrade|connection)\b")
_JUMPS = 10


class Backend(NamedTuple):
    """Where a ``proxy_pass`` leads."""

    directive: Block
    in_if: Block | None
    """The ``if`` that it stands in."""
    host: str
    """Of its URL: a name of an upstream, or a host; as written when it has an unknown variable."""
    port: str
    upstream: Block | None


@dataclass(frozen=True, eq=False)
class Way:
    """One server and prefix that lead to Jenkins, or may do so."""

    conf: Conf
    http: Block
    server: Block
    prefix: str
    """Before Jenkins' own paths: empty, or ``/jenkins``."""
    chain: Chain
    """To the location that serves /wsagents/ for an upgrade."""
    backend: Backend | None
    sure: bool
    why: str

    @property
    def label(self) -> str:
        """For messages: the location and the server."""
        location = self.chain[-1]
        what = " ".join(location.args) if location.name == "location" else "no location"
        return f"location {what} of {server_label(self.server)}"


def server_label(server: Block) -> str:
    """``server NAME``."""
    names = [name for block in server.named("server_name") for name in block.args if name]
    return f"server {names[0]}" if names else f"the server in line {server.line} (it has no name)"


def names_of(server: Block) -> tuple[str, ...]:
    """All of its ``server_name``."""
    return tuple(name for block in server.named("server_name") for name in block.args)


def upstreams(context: Block) -> dict[str, Block]:
    """By name."""
    return {block.args[0]: block for block in context.named("upstream") if block.args}


def hosts_of(upstream: Block | None) -> list[tuple[str, str]]:
    """(host, port) of an upstream's servers."""
    found = []
    for block in upstream.named("server") if upstream else ():
        match = _URL.fullmatch(block.args[0]) if block.args else None
        if match:
            found.append((match["host"], match["port"] or ""))
    return found


def backend_of(http: Block, chain: Chain, values: Values) -> Backend | None:
    """Where the location's requests go, also when that stands in an ``if``."""
    if chain[-1].name != "location":
        return None
    own = next(chain[-1].named("proxy_pass"), None)
    inside = None
    if own is None:
        for one in chain[-1].named("if", "limit_except"):
            own = next(one.named("proxy_pass"), None)
            if own is not None:
                inside = one
                break
    if own is None or not own.args:
        return None
    url = values.of(own.args[0], chain, {**PLAIN, "scheme": "http"}) or own.args[0]
    match = _URL.fullmatch(url)
    host, port = (match["host"], match["port"] or "") if match else (url, "")
    return Backend(own, inside, host, port, upstreams(http).get(host))


def reached(levels: Chain, path: str) -> Chain:
    """The location that handles an agent's upgrade of ``path``, with what nginx jumps to.

    ``try_files`` to a named location, ``rewrite ... last``, and the ``error_page`` behind an
    ``if`` about Upgrade are followed.
    """
    chain = winner(levels, path)
    server = levels
    for _ in range(_JUMPS):
        jump = _by_upgrade(chain, server) or _by_try_files(chain, server)
        if jump:
            chain = jump
            continue
        new = _rewritten(chain, path)
        if new is None or new == path:
            return chain
        path, chain = new, winner(levels, new)
    raise NotEditable("its rewrites go in a circle")


def _by_upgrade(chain: Chain, server: Chain) -> Chain:
    for one in chain[-1].named("if"):
        if not _UPGRADE_IF.search(" ".join(one.args)):
            continue
        code = next((r.args[0] for r in one.named("return") if r.args), "")
        for level in reversed(chain):
            for page in level.named("error_page"):
                if code in page.args[:-1] and page.args[-1].startswith("@"):
                    return named(server, page.args[-1])
    return ()


def _by_try_files(chain: Chain, server: Chain) -> Chain:
    if chain[-1].name != "location" or next(chain[-1].named("proxy_pass"), None):
        return ()
    tried = next(chain[-1].named("try_files"), None)
    if tried and tried.args and tried.args[-1].startswith("@"):
        return named(server, tried.args[-1])
    return ()


def _rewritten(chain: Chain, path: str) -> str | None:
    if chain[-1].name != "location":
        return None
    for one in chain[-1].named("rewrite"):
        if len(one.args) != 3 or one.args[2] != "last":
            continue
        found = regex_matches(one.args[0], path)
        if found:

            def group(m: "re.Match[str]", found: "re.Match[str]" = found) -> str:
                number = int(m[1])
                return (found[number] or "") if number <= (found.re.groups or 0) else ""

            return re.sub(r"\$(\d)", group, one.args[1]).split("?", 1)[0]
    return None


def ways(conf: Conf) -> list[Way]:
    """Every way to Jenkins, the sure ones first; of a lone weak sign it is sure, too.

    A name is a sign; port 8080 is one only where nothing else of this nginx could be Jenkins.
    """
    found: list[tuple[int, Way]] = []
    for http in conf.context("http"):
        values = Values(http)
        for server in http.named("server"):
            found += _of_server(conf, http, server, values)
    strong = any(score >= 3 for score, _ in found)
    weak = [way for score, way in found if score == 1]
    result = []
    for score, way in found:
        alone = score == 1 and len(weak) == 1 and not any(s > 1 for s, _ in found)
        sure = score >= 3 or (score == 2 and (not strong or _port(way) == "8080"))
        sure = sure or (alone and way.server.file.nginx)
        if sure or (score and not strong and not any(s == 2 for s, _ in found)) or score == 2:
            result.append(_with(way, sure))
    return sorted(result, key=lambda way: not way.sure)


def _with(way: Way, sure: bool) -> Way:
    return Way(
        way.conf, way.http, way.server, way.prefix, way.chain, way.backend, sure, way.why
    )  # fmt: skip


def _port(way: Way) -> str:
    if way.backend is None:
        return ""
    ports = [port for _, port in hosts_of(way.backend.upstream)]
    return way.backend.port or (ports[0] if ports else "")


def _of_server(conf: Conf, http: Block, server: Block, values: Values) -> Iterator[tuple[int, Way]]:
    levels = (http, server)
    seen: list[Block] = []
    for prefix in _prefixes(server):
        try:
            chain = reached(levels, f"{prefix}/wsagents/")
        except NotEditable as error:
            chain, why = (*levels,), error.reason
            score, told = _score(levels, chain, None, prefix)
            if score:
                yield score, Way(conf, http, server, prefix, chain, None, False, why)
            continue
        backend = backend_of(http, chain, values)
        if chain[-1] in seen:
            continue
        seen.append(chain[-1])
        score, told = _score(levels, chain, backend, prefix)
        if score and (backend is not None or _elsewhere(http, server, values, prefix)):
            yield score, Way(conf, http, server, prefix, chain, backend, True, told)


def _elsewhere(http: Block, server: Block, values: Values, prefix: str) -> bool:
    """Whether another location of the server leads to something that has this prefix' pages."""
    try:
        chain = reached((http, server), f"{prefix}/manage/")
    except NotEditable:
        return False
    return backend_of(http, chain, values) is not None


def _prefixes(server: Block) -> list[str]:
    """Prefixes that Jenkins may have here; always the empty one, first."""
    found = [""]
    for one in _locations(server):
        sign, path = kind_of(one)
        if sign in ("~", "~*"):
            literal = re.match(r"\^?((?:/[\w-]+)*)(?![\w-]*[*?+])", path)
            path = literal[1] if literal else ""
        elif sign == "@":
            continue
        parts = path.strip("/").split("/")
        cut = next((n for n, part in enumerate(parts) if part in _PATHS), len(parts))
        prefix = "".join(f"/{part}" for part in parts[:cut] if part)
        if prefix not in found and len(found) < 200:
            found.append(prefix)
    return found


def _locations(block: Block) -> Iterator[Block]:
    for one in block.named("location"):
        yield one
        yield from _locations(one)


def _score(levels: Chain, chain: Chain, backend: Backend | None, prefix: str) -> tuple[int, str]:
    """3: it says Jenkins; 2: a name that Jenkins often has; 1: its usual port only; 0: nothing."""
    near = [prefix]
    if chain[-1].name == "location":
        near += [*chain[-1].args, _text_of(chain[-1])]
    if backend is not None:
        hosts = hosts_of(backend.upstream)
        near += [backend.host, *(host for host, _ in hosts)]
        if backend.upstream is not None:
            near.append(_above(backend.upstream))
    server = levels[-1]
    file = posixpath.basename(server.file.path)
    away = [] if prefix else [*names_of(server), file, *_around(server)]
    said = set().union(*(words(text) for text in (*names_of(server), prefix, *_hosts(backend))))
    of_backend = " ".join(_hosts(backend))
    if words(of_backend) & OTHER or (said & OTHER and not JENKINS.search(of_backend)):
        return 0, ""
    for text in (*near, *away):
        sign = JENKINS.search(text)
        if sign:
            return (3, f"it says {sign[0]}") if backend or not prefix else (0, "")
    if said & _MAYBE and backend is not None:
        return 2, f"it is called {', '.join(sorted(said & _MAYBE))}"
    ports = {port for _, port in hosts_of(backend.upstream)} if backend else set()
    if backend and "8080" in (backend.port, *ports):
        return 1, "only its port 8080 says so"
    return 0, ""


def _hosts(backend: Backend | None) -> list[str]:
    return [backend.host, *(h for h, _ in hosts_of(backend.upstream))] if backend else []


def _text_of(block: Block) -> str:
    return block.file.text[block.directive.start : block.directive.end]


def _above(block: Block) -> str:
    """The comment right above a block."""
    text = block.file.text
    rows: list[str] = []
    lines = text[: block.directive.start].split("\n")[:-1]
    for row in reversed(lines):
        if not row.strip().startswith("#"):
            break
        rows.append(row)
    return "\n".join(rows)


def _around(server: Block) -> Sequence[str]:
    """The server's own text, without its locations that have a prefix: comments count, too."""
    text, parts, at = server.file.text, [_above(server)], server.directive.start
    for child in server.children:
        if child.name == "location" and child.at is None:
            sign, path = kind_of(child)
            if sign in ("", "^~", "=") and path.strip("/").split("/")[0] not in ("", *_PATHS):
                parts.append(text[at : child.directive.start])
                at = child.directive.end
    return [*parts, text[at : server.directive.end]]


def auth_of(chain: Chain, name: str) -> Block | None:
    """A directive of a login that counts, unless it is ``off``."""
    found = nearest(chain, name)
    return found if found and found.args[:1] != ("off",) else None
