"""All finders. A new kind is one module and one line here."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from migrate.sources import (
    agent_pods,
    casc_places,
    chart_values,
    http_way,
    installers,
    istio,
    launches,
    mentions,
    opened,
    published,
    routes,
    tcp_services,
)
from migrate.sources.base import ByHand, Finder, Found, LookOptions, SourceText
from migrate.sources.kept import Kept, read
from migrate.sources.nested import is_yaml
from migrate.sources.nginx import embedded
from migrate.sources.nginx.finder import NginxFinder
from migrate.sources.patch import apart
from migrate.sources.proxies import envoy, traefik
from migrate.sources.proxies.apache import Apache
from migrate.sources.proxies.caddy import Caddy
from migrate.sources.proxies.haproxy import HaProxy
from migrate.sources.proxies.iis import Iis

KEPT_FINDERS: tuple[Callable[[Kept], Found], ...] = (
    tcp_services.look,
    casc_places.look,
    chart_values.look,
    installers.look,
    agent_pods.look,
    opened.look,
    routes.look,
    istio.look,
    http_way.look,
    traefik.look,
    envoy.look,
    published.look,
    embedded.look,
)
"""Those that look at YAML and JSON documents."""
FINDERS: tuple[Finder, ...] = (
    launches.Launches(),
    NginxFinder(),
    embedded.Heredocs(),
    Apache(),
    HaProxy(),
    Caddy(),
    Iis(),
)
"""Those that look at texts: nginx, other proxies, templates, launches."""


def look(files: Sequence[SourceText], options: LookOptions) -> Found:
    """What all finders say; of two edits that overlap, one goes to by-hand."""
    kept = read([file for file in files if not file.nginx or is_yaml(file)], options)
    found = Found()
    for kept_finder in KEPT_FINDERS:
        found += kept_finder(kept)
    for finder in FINDERS:
        found += finder.look(files, options)
    lines = {file.path: file for file in files}
    found += mentions.look(kept, (*found.seen, *_places(found, lines)))
    edits, clashing = apart(found.edits)
    notes = tuple(
        ByHand(e.path, lines[e.path].line(e.start), "two edits overlap here", e.why)
        for e in clashing
    )
    by_hand = tuple(dict.fromkeys((*found.by_hand, *notes)))
    return Found(edits, by_hand, tuple(dict.fromkeys(found.findings)))


def _places(found: Found, files: Mapping[str, SourceText]) -> Iterator[tuple[str, int, int]]:
    """The lines of edits and notes."""
    for note in found.by_hand:
        yield note.path, note.line, note.line
    for edit in found.edits:
        file = files[edit.path]
        yield edit.path, file.line(edit.start), file.line(max(edit.start, edit.end - 1))
