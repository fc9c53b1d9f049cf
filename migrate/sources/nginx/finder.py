"""The finder of plain nginx: every configuration among the files. Pure."""

from collections import Counter
from collections.abc import Sequence

from migrate.model.finding import Severity
from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.nested import is_yaml
from migrate.sources.nginx.conf import Conf, Files, configurations, looks_like_nginx
from migrate.sources.nginx.effective import Values
from migrate.sources.nginx.fix import Maps, mend, rows_to_write, written_in
from migrate.sources.nginx.gates import gates, redirects
from migrate.sources.nginx.judge import judge
from migrate.sources.nginx.signs import JENKINS
from migrate.sources.nginx.streams import streams
from migrate.sources.nginx.templates import heredocs, is_template, template
from migrate.sources.nginx.ways import Way, ways
from migrate.sources.text_notes import TextNotes
from migrate.splice.text import NotEditable

KIND = "nginx"
_PROSE = (".md", ".rst", ".adoc", ".txt", ".html", ".org")


class NginxFinder:
    """Plain nginx, named by ``--nginx`` or found by what its files hold."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """Ways to Jenkins that lose a WebSocket, logins before it, and TCP servers to its port."""
        notes = TextNotes(KIND)
        texts = [file for file in files if not is_yaml(file)]
        plain = []
        for file in texts:
            if is_template(file):
                if not any(heredocs(file.text)):
                    template(notes, file)
            elif file.nginx or looks_like_nginx(file.text):
                plain.append(file)
        index = Files(plain, options.nginx_root.strip("/"))
        candidates = [file for file in plain if looks_like_nginx(file.text) or _is_main(file)]
        try:
            confs = configurations(index, candidates)
        except NotEditable as error:
            for file in candidates[:1]:
                notes.by_hand(file, 0, f"not read: {error.reason}", "a look at it by hand")
            return notes.found()
        _unread(notes, index, candidates)
        mains = [conf for conf in confs if conf.whole]
        known = {index.by_path[path].text for conf in mains for path in conf.times}
        for conf in confs:
            if conf.whole or not mains:
                _configuration(notes, conf)
            else:
                # sites-available beside copies of it in sites-enabled says nothing new.
                _not_included(notes, [w for w in ways(conf) if w.server.file.text not in known])
        return notes.found()


def _is_main(file: SourceText) -> bool:
    return file.path.rpartition("/")[2] == "nginx.conf"


def _unread(notes: TextNotes, files: Files, candidates: Sequence[SourceText]) -> None:
    for file in candidates:
        parsed = files.parsed(file)
        named = file.nginx or file.path.endswith((".conf", ".nginx"))
        told = named or (JENKINS.search(file.text) and not file.path.endswith(_PROSE))
        if isinstance(parsed, str) and told and "proxy_pass" in file.text:
            if any(heredocs(file.text)):
                continue
            notes.by_hand(file, 0, parsed, "a look at it by hand: it is not judged")


def _configuration(notes: TextNotes, conf: Conf) -> None:
    found = ways(conf)
    maps = Maps(ways=Counter(path for way in found if way.sure for path in written_in(way)))
    for way in found:
        _way(notes, way, maps)
    redirects(notes, [way for way in found if way.sure])
    streams(notes, conf, found)
    if conf.lost and (found or conf.whole):
        file = conf.lost[0][0]
        told = ", ".join(dict.fromkeys(pattern for _, _, pattern in conf.lost))
        notes.tell(
            file, f"includes that match nothing here, so what they hold is not seen: {told}",
            "--nginx-root DIR, if these files are elsewhere", severity=Severity.INFO,
        )  # fmt: skip


def _not_included(notes: TextNotes, found: Sequence[Way]) -> None:
    for way in found:
        judged = judge(way, Values(way.http))
        if way.backend and judged.faults:
            notes.by_hand(
                way.server.file, way.server.directive.start,
                f"no nginx.conf here includes it; if nginx reads it: {way.label} "
                + "; ".join(judged.faults), rows_to_write(judged),
            )  # fmt: skip


def _way(notes: TextNotes, way: Way, maps: Maps) -> None:
    file, start = way.chain[-1].file, way.chain[-1].directive.start
    if way.backend is None:
        if not way.sure:
            notes.by_hand(
                way.server.file, way.server.directive.start,
                f"{way.label}: {way.why}", "a look at it: agents need /wsagents/ proxied",
            )  # fmt: skip
        elif way.chain[-1].name != "location" or not any(way.chain[-1].named("return")):
            notes.by_hand(
                file, start, f"{way.label} serves {way.prefix}/wsagents/ and does not proxy it",
                "a location for /wsagents/ with the proxy lines of Jenkins' other pages",
            )  # fmt: skip
        gates(notes, way)
        return
    values = Values(way.http)
    judged = judge(way, values)
    for what in judged.unknown:
        notes.tell(
            file, f"{way.label}: {what}", "migrate scan --probe-node (live) tells",
            at=start, severity=Severity.INFO,
        )  # fmt: skip
    if judged.faults:
        summary = f"{way.label} serves {way.prefix}/wsagents/ and " + "; ".join(judged.faults)
        if way.backend.in_if is not None:
            summary += " (its proxy_pass is inside an if)"
        _mend(notes, way, maps, summary)
    if way.sure:
        gates(notes, way)


def _mend(notes: TextNotes, way: Way, maps: Maps, summary: str) -> None:
    file, start = way.chain[-1].file, way.chain[-1].directive.start
    values = Values(way.http)
    judged = judge(way, values)
    write = rows_to_write(judged)
    if not way.sure:
        notes.by_hand(
            file, start, f"{summary}. It may be Jenkins ({way.why}) or not", f"if it is: {write}"
        )
        return
    try:
        edits = mend(way, judged, values, maps)
    except NotEditable as error:
        notes.by_hand(file, start, f"{summary}; not edited: {error.reason}", write)
        return
    for one, splice in edits:
        notes.splice(one, [splice], "nodes", summary)
    notes.tell(file, summary, f"{write} Then nginx -t && nginx -s reload", at=start)
