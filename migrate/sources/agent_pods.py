"""Agents in containers of Kubernetes: workloads of their own, and pod templates of clouds. Pure.

A workload gets WebSocket by a variable or an argument. A pod template gets it from its cloud: only
a tunnel that it sets itself goes.
"""

from collections.abc import Iterator

from migrate.agents.image import looks_like_agent
from migrate.sources.base import FileEdit, Found
from migrate.sources.casc_places import is_set
from migrate.sources.cuts import add_after, item_after, item_before, set_to, take_out
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot
from migrate.sources.workloads import AGENT_KINDS

KIND = "agent-pod"
_TUNNEL, _FLAG, _URL = "JENKINS_TUNNEL", "JENKINS_WEB_SOCKET", "JENKINS_URL"
_WRITE = f'no {_TUNNEL}, {_FLAG}: "true"'
_WHY = "agent to WebSocket"
_TEMPLATES = {"clouds", "templates", "podTemplates", "yaml", "yamls"}


def look(kept: Kept) -> Found:
    """Agents' containers on TCP, and ConfigMaps of their variables."""
    notes = Notes(KIND)
    maps = {
        doc.root.value("metadata", "name"): doc.root.get("data") or doc.root.get("stringData")
        for doc in kept.of_kind("ConfigMap", "Secret")
    }
    for doc in kept.docs:
        for spot in doc.root.all():
            if spot.path[-1:] == ("env",) and spot.node.kind == "seq" and not _own(doc, spot.up):
                _template(notes, doc, spot)
            elif _own(doc, spot):
                _container(notes, doc, spot, maps)
        if doc.kind in ("ConfigMap", "Secret"):
            _variables(notes, doc, kept)
    return notes.found()


def _own(doc: Doc, container: Spot | None) -> bool:
    """Whether it is an agent's container of a workload, and not of a cloud's pod template."""
    if container is None or container.node.kind != "map" or doc.kind not in AGENT_KINDS:
        return False
    listed = container.path[-2:-1] == ("containers",)
    nested = doc.level > 0 and bool(_TEMPLATES & set(doc.root.path))
    return listed and not nested and looks_like_agent(container.value("image"))


def _named(listed: Spot | None, name: str) -> Spot | None:
    return next((i for i in listed.children() if i.value("name") == name), None) if listed else None


def _template(notes: Notes, doc: Doc, env: Spot) -> None:
    tunnel = _named(env, _TUNNEL)
    if tunnel is not None:
        notes.edit(
            doc, tunnel, f"{_TUNNEL} is set", f"no {_TUNNEL}: the cloud decides",
            lambda: take_out(doc, [tunnel], "nodes", "no tunnel", empty="holder"),
        )  # fmt: skip


def _container(notes: Notes, doc: Doc, container: Spot, maps: dict[str, Spot | None]) -> None:
    env, args = container.get("env"), container.get("args")
    tunnel, flag = _named(env, _TUNNEL), _named(env, _FLAG)
    words = list(args.children()) if args and args.node.kind == "seq" else []
    told = [word.node.value for word in words]
    on = (flag is not None and flag.value("value") == "true") or "-webSocket" in told
    source = _source(container, maps)
    on = on or (source is not None and source.value(_FLAG) == "true")
    by_args = "-url" in told
    has_tunnel = tunnel is not None or "-tunnel" in told
    shared = source is not None and not by_args and env is None
    if "-jnlpUrl" in told or (on and not has_tunnel) or (shared and not has_tunnel):
        return
    who = f"{doc.kind} {doc.object_name}"
    what = f"{_TUNNEL if tunnel else '-tunnel'} is set" if has_tunnel else "is on TCP"

    def make() -> list[FileEdit]:
        made: list[FileEdit] = []
        made += _arguments(doc, words, add=by_args and not on)
        if env is not None:
            made += _environment(doc, env, add=not on and not by_args)
        elif not on and not by_args and not shared:
            first = args or container.get("image")
            return made + _new_environment(doc, first)
        return made

    notes.edit(doc, tunnel or flag or container, f"{who}: {what}", _WRITE, make)


def _source(container: Spot, maps: dict[str, Spot | None]) -> Spot | None:
    """The variables of a ConfigMap or Secret of these files that the container takes whole."""
    return next((found for name in _names(container) if (found := maps.get(name))), None)


def _names(container: Spot) -> Iterator[str]:
    """ConfigMaps and Secrets that a container takes whole."""
    listed = container.get("envFrom")
    for item in listed.children() if listed else ():
        for kind in ("configMapRef", "secretRef"):
            if name := item.value(kind, "name"):
                yield name


def _arguments(doc: Doc, words: list[Spot], *, add: bool) -> list[FileEdit]:
    told = [word.node.value for word in words]
    made: list[FileEdit] = []
    at = told.index("-tunnel") if "-tunnel" in told else -1
    if at >= 0 and add:
        quote = words[at].node.style
        made += set_to(doc, words[at], f"{quote}-webSocket{quote}", "nodes", _WHY)
        return made + take_out(doc, words[at + 1 : at + 2], "nodes", _WHY)
    if at >= 0:
        made += take_out(doc, words[at : at + 2], "nodes", _WHY, empty="holder")
    if add:
        quote = words[0].node.style
        made += item_before(
            doc, words[told.index("-url")], f"{quote}-webSocket{quote}", "nodes", _WHY
        )
    return made


def _environment(doc: Doc, env: Spot, *, add: bool) -> list[FileEdit]:
    tunnel, flag = _named(env, _TUNNEL), _named(env, _FLAG)
    made: list[FileEdit] = []
    value = flag.get("value") if flag else None
    if add and value is not None:
        made += set_to(doc, value, '"true"', "nodes", _WHY)
    elif add and tunnel is not None:
        name, old = tunnel.get("name"), tunnel.get("value")
        if name is not None and old is not None:
            made += set_to(doc, name, _FLAG, "nodes", _WHY)
            return made + set_to(doc, old, '"true"', "nodes", _WHY)
    elif add:
        last = list(env.children())[-1]
        made += item_after(doc, last, (f"name: {_FLAG}", 'value: "true"'), "nodes", _WHY)
    if tunnel is not None:
        made += take_out(doc, [tunnel], "nodes", _WHY, empty="holder")
    return made


def _new_environment(doc: Doc, near: Spot | None) -> list[FileEdit]:
    if near is None:
        return []
    row = f'env: [{{name: {_FLAG}, value: "true"}}]'
    return add_after(doc, near, row, "nodes", _WHY)


def _variables(notes: Notes, doc: Doc, kept: Kept) -> None:
    """A ConfigMap of an agent's variables."""
    data = doc.root.get("data") or doc.root.get("stringData")
    if data is None or data.node.kind != "map":
        return
    tunnel, flag, url = data.get(_TUNNEL), data.get(_FLAG), data.get(_URL)
    on = flag is not None and flag.node.value == "true"
    used = any(
        doc.root.value("metadata", "name") in _names(container)
        for one in kept.of_kind(*AGENT_KINDS)
        for container in one.root.all()
        if _own(one, container)
    )
    tunnelled = tunnel is not None and is_set(tunnel)
    if not tunnelled and (on or not used or url is None):
        return

    def make() -> list[FileEdit]:
        made: list[FileEdit] = []
        if flag is not None:
            made += [] if on else set_to(doc, flag, '"true"', "nodes", _WHY)
        elif tunnel is not None and tunnelled:
            made += set_to(doc, tunnel, '"true"', "nodes", _WHY)
            key = tunnel.key
            if key is not None:
                quote = key.style
                name = f"{quote}{_FLAG}{quote}"
                made.append(FileEdit(doc.file.path, key.start, key.end, name, "nodes", _WHY))
            return made
        elif url is not None:
            made += add_after(doc, url, f'{_FLAG}: "true"', "nodes", _WHY)
        if tunnel is not None and tunnelled:
            made += take_out(doc, [tunnel], "nodes", _WHY)
        return made

    what = f"{_TUNNEL} is set" if tunnelled else "its agents are on TCP"
    notes.edit(doc, tunnel or url or data, f"{doc.kind} {doc.object_name}: {what}", _WRITE, make)
