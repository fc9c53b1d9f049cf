"""Templates of nginx' configuration: judged as far as they read, never edited. Pure.

What a template language writes is stood in for by text of the same length, so that offsets stay.
"""

import re
from collections.abc import Iterator
from itertools import islice

from migrate.sources.base import SourceText
from migrate.sources.nginx.conf import Conf, Files, configurations, looks_like_nginx
from migrate.sources.nginx.effective import Values
from migrate.sources.nginx.fix import rows_to_write
from migrate.sources.nginx.judge import judge
from migrate.sources.nginx.streams import tcp_servers
from migrate.sources.nginx.ways import Way, ways
from migrate.sources.text_notes import TextNotes
from migrate.splice.nginx_text import parse
from migrate.splice.text import NotEditable

_SUFFIXES = (
    ".j2", ".jinja", ".jinja2", ".erb", ".epp", ".tpl", ".tmpl", ".template", ".ctmpl", ".gotmpl",
    ".mustache", ".hbs", ".tftpl", ".in", ".dist", ".m4",
)  # fmt: skip
_MARKS = re.compile(r"\{\{|\{%|<%|\$\{[A-Z][A-Z0-9_]*\}|\$\{(?:var|local)\.|@@?[A-Z_]+@@?")
_HEREDOC = re.compile(r"<<[-~]?\s*(?P<quote>[\"'\\]?)(?P<end>[A-Za-z_]\w*)(?P=quote)?[^\n]*\n")
_MAX_HEREDOCS = 100
_STATEMENT = re.compile(r"\{%.*?%\}|\{#.*?#\}|<%(?!=).*?%>|%\{.*?\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}|<%=.*?%>|\$\{[^}\n]*\}|@@?[A-Z_]+@@?", re.DOTALL)
_PATH = re.compile(r"(\blocation\s+(?:(?:=|\^~)\s+)?)-(?=-)")
_GO = re.compile(r"\{\{-?\s*(?:if|else|end|range|with|define|template|include|/\*).*?\}\}", re.S)


def is_template(file: SourceText) -> bool:
    """Whether a file that looks like nginx' is filled in by something else."""
    text = file.text
    if "server" not in text and "proxy_pass" not in text:
        return False
    if not looks_like_nginx(_plain(text)) and "proxy_pass" not in text:
        return False
    named = file.path.lower().endswith(_SUFFIXES)
    return named or ("proxy_pass" in text and _MARKS.search(_without_lua(text)) is not None)


def _without_lua(text: str) -> str:
    try:
        directives = parse(text)
    except NotEditable:
        return text
    for top in directives:
        for one in top.all():
            if one.is_lua or one.name == "log_format":
                text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def _plain(text: str) -> str:
    """The same length, with words for values and blanks for statements."""
    text = _STATEMENT.sub(lambda m: _blank(m[0]), text)
    text = _GO.sub(lambda m: _blank(m[0]), text)
    text = _VALUE.sub(_word, text)
    # A location whose path begins with a value: that has the slash.
    return _PATH.sub(lambda m: f"{m[1]}/", text)


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _word(found: "re.Match[str]") -> str:
    if found[0].startswith("${") and re.fullmatch(r"\$\{[a-z_]\w*\}", found[0]):
        return found[0]  # nginx' own way to write a variable.
    return re.sub(r"[^A-Za-z0-9]", "-", found[0])


def template(notes: TextNotes, file: SourceText) -> None:
    """Tells what lacks; ``what can't be read`` is told, too, when it looks like Jenkins'."""
    stand_in = SourceText(file.path, _plain(file.text), nginx=True)
    try:
        confs = configurations(Files([stand_in], ""), [stand_in])
        found = [way for conf in confs for way in ways(conf)]
    except NotEditable:
        confs, found = [], []
    for way in found:
        _judge(notes, file, way)
    if not confs and _says_jenkins(file.text):
        at = max(file.text.find("proxy_pass"), 0)
        notes.by_hand(
            file, at, "a template that looks like the proxy of Jenkins and can't be read",
            "in the location of /wsagents/: proxy_http_version 1.1; proxy_set_header Upgrade "
            "$http_upgrade; proxy_set_header Connection $connection_upgrade;",
        )  # fmt: skip
    for conf in confs:
        _streams(notes, file, conf)


def _judge(notes: TextNotes, file: SourceText, way: Way) -> None:
    if way.backend is None:
        return
    judged = judge(way, Values(way.http))
    if judged.faults:
        doubt = "" if way.sure else f" It may be Jenkins ({way.why}) or not."
        notes.by_hand(
            file, way.chain[-1].directive.start,
            f"a template that looks like the proxy of Jenkins: {_label(file, way)} "
            + "; ".join(judged.faults) + "." + doubt,
            "as a person's change, in that location: " + rows_to_write(judged),
        )  # fmt: skip


def _label(file: SourceText, way: Way) -> str:
    """As it is written, not as it was stood in for."""
    block = way.chain[-1].directive
    first = file.text[block.start : block.open].strip() if block.is_block else block.name
    names = [
        file.text[word.start : word.end]
        for server in way.server.named("server_name")
        for word in server.directive.words[1:]
    ]
    return f"{first} of server {names[0] if names else '(no name)'}"


def _says_jenkins(text: str) -> bool:
    return "proxy_pass" in text and re.search(r"jenkins|\bci[_\b]", text, re.I) is not None


def _streams(notes: TextNotes, file: SourceText, conf: Conf) -> None:
    for stream in conf.context("stream"):
        for one in tcp_servers(stream):
            if "50000" in " ".join((*one.listens, *(port for _, port in one.hosts))):
                notes.by_hand(
                    file, one.server.directive.start,
                    f"a template with a stream server on {', '.join(one.listens)} to {one.target}",
                    "if that is Jenkins: take it out once no agent uses the port",
                )  # fmt: skip


def heredocs(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of heredocs that look like nginx'; of one inside of another the inner one."""
    for found in islice(_HEREDOC.finditer(text), _MAX_HEREDOCS):
        stop = re.compile(rf"^[ \t]*{found['end']}\s*$", re.MULTILINE).search(text, found.end())
        if stop is None:
            continue
        body = text[found.end() : stop.start()]
        if "proxy_pass" in body and looks_like_nginx(body) and not _HEREDOC.search(body):
            yield found.end(), stop.start()
