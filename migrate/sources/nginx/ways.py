"""Servers and paths of nginx that lead to Jenkins, as far as the files say it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from migrate.sources.nginx.backends import Backend, backend_of, hosts_of
from migrate.sources.nginx.conf import Block, Conf
from migrate.sources.nginx.effective import Values
from migrate.sources.nginx.match import Chain, kind_of, named, regex_matches, winner
from migrate.sources.nginx.signs import JENKINS, PATHS, score
from migrate.splice.text import NotEditable

_UPGRADE_IF = re.compile(r"\$http_(?:upgrade|connection)\b")
_JUMPS = 10


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
            found += _apart(list(_of_server(conf, http, server, values)))
    strong = any(points >= 3 for points, _ in found)
    named_so = any(points == 2 for points, _ in found)
    weak = sum(points == 1 for points, _ in found)
    result = []
    for points, way in found:
        usual = _port(way) == "8080"
        sure = points >= 3 or (points == 2 and (not strong or usual))
        if points == 1 and (strong or named_so):
            continue
        sure = sure or (weak == 1 and usual and way.server.file.nginx)
        result.append(replace(way, sure=sure and way.sure))
    return sorted(result, key=lambda way: not way.sure)


def _apart(found: list[tuple[int, Way]]) -> list[tuple[int, Way]]:
    """Without prefixes that lead to what serves the whole server, unless they say Jenkins."""
    whole = {_far(way) for points, way in found if not way.prefix and points > 1}
    return [
        (points, way)
        for points, way in found
        if not way.prefix or _far(way) not in whole or JENKINS.search(way.prefix)
    ]


def _far(way: Way) -> tuple[str, str]:
    return (way.backend.host, way.backend.port) if way.backend else ("", "")


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
            points, _ = score(levels, chain, None, prefix)
            if points:
                yield points, Way(conf, http, server, prefix, chain, None, False, why)
            continue
        backend = backend_of(http, chain, values)
        if chain[-1] in seen:
            continue
        seen.append(chain[-1])
        points, told = score(levels, chain, backend, prefix)
        if points and (backend is not None or _elsewhere(http, server, values, prefix)):
            yield points, Way(conf, http, server, prefix, chain, backend, True, told)


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
        cut = next((n for n, part in enumerate(parts) if part in PATHS), len(parts))
        prefix = "".join(f"/{part}" for part in parts[:cut] if part)
        if prefix not in found and len(found) < 40:
            found.append(prefix)
    return found


def _locations(block: Block) -> Iterator[Block]:
    for one in block.named("location"):
        yield one
        yield from _locations(one)
