"""Envoy: listeners that refuse upgrades, end quiet streams, or pass TCP to agents. Pure.

Without ``upgrade_configs`` for websocket, on the connection manager or on the route, it answers an
upgrade with 403.
"""

from collections.abc import Iterator, Mapping

from migrate.sources.base import Found, SourceText
from migrate.sources.http_way import PING
from migrate.sources.kept import Kept
from migrate.sources.nested import Doc, Spot
from migrate.sources.proxies.caddy import seconds
from migrate.sources.proxies.likely import NOT_EDITED, serves, takes_agents
from migrate.sources.text_notes import TextNotes

KIND = "envoy"
_LOGINS = ("ext_authz", "jwt_authn", "oauth2", "basic_auth")
_WRITE = "upgrade_configs: [{upgrade_type: websocket}] in its HttpConnectionManager"


def look(kept: Kept) -> Found:
    """Every listener of every document."""
    notes = TextNotes(KIND)
    for doc in kept.docs:
        if "HttpConnectionManager" not in doc.file.text and "TcpProxy" not in doc.file.text:
            continue
        clusters = dict(_clusters(doc))
        for spot in doc.root.all():
            kind = spot.value("@type").rpartition(".")[2]
            if kind == "HttpConnectionManager":
                _manager(notes, doc.file, spot, clusters)
            elif kind == "TcpProxy":
                _tcp(notes, doc.file, spot, clusters)
    return notes.found()


def _clusters(doc: Doc) -> Iterator[tuple[str, str]]:
    """(name, ``HOST:PORT`` of its endpoints)."""
    for spot in doc.root.all():
        if spot.node.kind == "map" and spot.get("load_assignment") and spot.value("name"):
            hosts = [
                f"{one.value('address')}:{one.value('port_value')}"
                for one in spot.all() if one.path[-1:] == ("socket_address",)
            ]  # fmt: skip
            yield spot.value("name"), " ".join(hosts)


def _listener(spot: Spot) -> tuple[str, str]:
    """(name, port) of the listener around a filter."""
    up = spot.up
    while up is not None:
        if up.node.kind == "map" and up.get("filter_chains"):
            port = up.value("address", "socket_address", "port_value")
            return up.value("name") or "(no name)", port
        up = up.up
    return "(no name)", ""


def _upgrades(spot: Spot | None) -> bool:
    configs = spot.get("upgrade_configs") if spot else None
    return any(
        one.value("upgrade_type").lower() == "websocket" and one.value("enabled") != "false"
        for one in (configs.children() if configs else ())
    )


def _manager(
    notes: TextNotes, file: SourceText, manager: Spot, clusters: Mapping[str, str]
) -> None:
    listener, _ = _listener(manager)
    told = False
    for host in _items(manager.get("route_config", "virtual_hosts")):
        domains = [one.node.value for one in _items(host.get("domains"))]
        for route in _items(host.get("routes")):
            action = route.get("route")
            cluster = action.value("cluster") if action else ""
            prefix = route.value("match", "prefix") or route.value("match", "path")
            if action is None or not serves(
                host.value("name"), *domains, cluster, clusters.get(cluster, "")
            ):
                continue
            label = f"Envoy listener {listener}, virtual host {host.value('name')}, route {prefix}"
            off = any(
                one.value("upgrade_type").lower() == "websocket" and one.value("enabled") == "false"
                for one in _items(action.get("upgrade_configs"))
            )
            if off or not (_upgrades(manager) or _upgrades(action)):
                _say(
                    notes,
                    file,
                    manager if not off else action,
                    f"{label}: no upgrade_configs "
                    "with upgrade_type websocket, so the upgrade is refused (403)",
                    _WRITE,
                )
            _limits(notes, file, label, action, manager)
            told = True
    for one in _items(manager.get("http_filters")) if told else ():
        if any(word in one.value("name") for word in _LOGINS):
            _say(
                notes,
                file,
                one,
                f"Envoy listener {listener}: {one.value('name')} may ask agents "
                "to log in at /login and /wsagents/",
                "a decision about security: typed_per_filter_config of these routes, disabled",
            )


def _limits(notes: TextNotes, file: SourceText, label: str, action: Spot, manager: Spot) -> None:
    for holder, keys in (
        (action, ("idle_timeout",)),
        (manager, ("stream_idle_timeout",)),
        (action, ("max_stream_duration", "max_stream_duration")),
        (manager, ("common_http_protocol_options", "max_stream_duration")),
    ):
        spot = holder.get(*keys)
        told = seconds(spot.node.value) if spot else None
        if keys[-1] == "stream_idle_timeout" and action.get("idle_timeout"):
            continue
        limit = PING if "idle" in keys[-1] else 86400
        if spot is not None and told is not None and 0 < told <= limit:
            _say(
                notes,
                file,
                spot,
                f"{label}: {'.'.join(keys)} {spot.node.value} ends WebSockets",
                f"{keys[-1]}: 0s, or far above Jenkins' ping of {PING} s",
            )


def _tcp(notes: TextNotes, file: SourceText, spot: Spot, clusters: Mapping[str, str]) -> None:
    listener, port = _listener(spot)
    cluster = spot.value("cluster")
    if takes_agents(f"{listener} {cluster}", clusters.get(cluster, "")):
        _say(
            notes,
            file,
            spot,
            f"Envoy listener {listener} on {port} passes TCP to {clusters[cluster]}",
            f"take the listener and cluster {cluster} out, after the agents moved",
        )


def _say(notes: TextNotes, file: SourceText, spot: Spot, what: str, write: str) -> None:
    notes.by_hand(file, (spot.key or spot.node).start, f"{what}; {NOT_EDITED}", write)


def _items(spot: Spot | None) -> Iterator[Spot]:
    yield from spot.children() if spot else ()
