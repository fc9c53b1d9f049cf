"""What stands before Jenkins' pages that agents need: logins, denials, answers of nginx. Pure.

Agents read /login before anything else and take 200 only, follow no redirect and carry no login of
people. Which paths are open is a decision about security, so nothing here is edited.
"""

from collections.abc import Iterator
from typing import NamedTuple

from migrate.model.finding import Severity
from migrate.sources.nginx.backends import names_of
from migrate.sources.nginx.conf import Block
from migrate.sources.nginx.effective import nearest
from migrate.sources.nginx.match import Chain
from migrate.sources.nginx.ways import Way, reached, server_label
from migrate.sources.text_notes import TextNotes
from migrate.splice.text import NotEditable

PATHS = {
    "/login": "/login",
    "/wsagents/": "/wsagents/",
    "/jnlpJars/": "/jnlpJars/agent.jar",
    "/computer/": "/computer/",
}
"""What agents ask for, and a path that stands for it. The last is for ``-jnlpUrl`` only."""
_LOGINS = ("auth_request", "auth_basic", "auth_jwt", "auth_digest", "auth_ldap", "auth_pam")
_LUA = ("access_by_lua_block", "access_by_lua_file")


class Gate(NamedTuple):
    """A directive that keeps agents out."""

    directive: Block
    what: str
    off: str
    """The line that opens a location again; empty when there is none."""


def gates(notes: TextNotes, way: Way) -> None:
    """Tells what keeps agents from these pages."""
    found: dict[Block, tuple[Gate, list[str]]] = {}
    for path, asked in PATHS.items():
        try:
            chain = reached((way.http, way.server), way.prefix + asked)
        except NotEditable as error:
            notes.by_hand(
                way.server.file, way.server.directive.start,
                f"{server_label(way.server)}: which location serves {path} is not told: "
                f"{error.reason}", "a look at it: agents need it open",
            )  # fmt: skip
            continue
        for gate in _of(chain):
            found.setdefault(gate.directive, (gate, []))[1].append(way.prefix + path)
    for gate, paths in found.values():
        if paths == [f"{way.prefix}/computer/"]:
            continue
        block = gate.directive
        level = next((b for b in (way.http, way.server) if block in b.children), None)
        where = f" at the level of {level.name}" if level else ""
        notes.by_hand(
            block.file, block.directive.start,
            f"{server_label(way.server)}: {gate.what}{where} comes before {', '.join(paths)}; "
            "agents need 200 for /login and 101 for /wsagents/",
            _write(way, gate, paths),
        )  # fmt: skip


def _of(chain: Chain) -> Iterator[Gate]:
    for name in _LOGINS:
        found = nearest(chain, name)
        if found is not None and found.args[:1] not in ((), ("off",)):
            yield Gate(found, f"{name} {found.args[0]}", f"{name} off;")
    for name in _LUA:
        found = nearest(chain, name)
        if found is not None:
            yield Gate(found, f"{name} (Lua, which is not read)", "")
    verify = nearest(chain, "ssl_verify_client")
    if verify is not None and verify.args[:1] == ("on",):
        yield Gate(verify, "ssl_verify_client on (a certificate of the client)", "")
    for level in reversed(chain):
        rules = list(level.named("allow", "deny"))
        if rules:
            if rules[0].args[:1] == ("all",) and rules[0].name == "deny":
                yield Gate(rules[0], "deny all", "allow all;")
            break
    if chain[-1].name == "location":
        for block in chain[-1].named("return"):
            yield Gate(block, f"return {' '.join(block.args)}", "")


def _write(way: Way, gate: Gate, paths: list[str]) -> str:
    proxied = way.chain[-1]
    lines = [
        " ".join(
            b.file.text[word.start : word.end] for word in b.directive.words
        ) + ";"
        for b in proxied.children
        if b.name.startswith("proxy_")
    ]  # fmt: skip
    if not way.backend or (gate.directive in proxied.children and not gate.off):
        return "a way for these paths without it, if agents are to come in here"
    body = " ".join([*([gate.off] if gate.off else []), *lines])
    shown = [f"location {path} {{ {body} }}" for path in paths]
    return (
        "a decision about security. To open them: "
        + " ".join(shown[:3])
        + ("" if gate.off else " in a server without it")
    )


def redirects(notes: TextNotes, ways: list[Way]) -> None:
    """Tells servers of the same names that only send elsewhere."""
    for way in ways:
        names = set(names_of(way.server))
        for server in way.http.named("server"):
            code = _sends_away(server)
            if server is not way.server and code and names & set(names_of(server)):
                listens = " ".join(b.args[0] for b in server.named("listen") if b.args)
                notes.tell(
                    server.file,
                    f"{server_label(server)} on {listens or 'port 80'} only redirects ({code}): "
                    "an agent that is told that address does not follow it",
                    "agents are told the address that is redirected to",
                    at=server.directive.start,
                    severity=Severity.INFO,
                )


def _sends_away(server: Block) -> str:
    tops = [server, *(b for b in server.named("location") if b.args == ("/",))]
    for level in tops:
        for block in level.named("return"):
            if block.args and block.args[0][:1] == "3":
                return f"return {block.args[0]}"
        for block in level.named("rewrite"):
            if block.args[-1:] in (("permanent",), ("redirect",)) and len(block.args) == 3:
                return f"rewrite {block.args[2]}"
    return ""
