"""A compose file's environment that several agents share by an anchor: moved for all. Pure.

The editor of compose files moves one service at a time and leaves what is shared alone; in a
checkout all agents of a file move together.
"""

from collections.abc import Iterator

from migrate.agents.launch.compose import ComposeEditor
from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import Splice, removed, spliced, told_end
from migrate.splice.yaml_tree import Node, read_tree

_FLAG, _URL = "JENKINS_WEB_SOCKET", "JENKINS_URL"
_GONE = ("JENKINS_TUNNEL", "JENKINS_DIRECT_CONNECTION")


def shared_first(text: str) -> str:
    """The file with WebSocket on wherever only agents share an environment.

    Unchanged where a service that is no agent shares it, or nothing has to change.
    """
    try:
        agents = {one.where.removeprefix("service ") for one in ComposeEditor().launches(text)}
        root = read_tree(text, "")
    except NotEditable:
        return text
    services = root.get("services")
    shared: dict[int, tuple[Node, set[str]]] = {}
    bare: set[int] = set()
    for key, service in services.pairs if services else ():
        own = service.get("environment")
        for env in _environments(service):
            outside = not service.start <= env.start < service.end
            if env.shared or outside:
                shared.setdefault(env.start, (env, set()))[1].add(key.value)
                if own is None or own.start == env.start:
                    bare.add(env.start)
    splices: list[Splice] = []
    for start, (env, users) in shared.items():
        if users <= agents:
            splices += _switched(text, env, needed=start in bare)
    return spliced(text, splices)


def _environments(service: Node) -> Iterator[Node]:
    """A service's own environment or the one it merges in, each with what that merges in."""
    for one in (service, *service.merged()):
        env = one.get("environment")
        if env is not None:
            yield env
            yield from env.merged()
            return


def _switched(text: str, env: Node, *, needed: bool) -> list[Splice]:
    """``needed``: a service has no environment of its own where the flag could stand instead."""
    if env.kind == "map":
        entries = [(k.value, v.value, k, v) for k, v in env.pairs]
        row = f'{_FLAG}: "true"'
    else:
        entries = [(*_split(item.value), item, item) for item in env.items]
        row = f"{_FLAG}=true"
    told = {name: (value, first, last) for name, value, first, last in entries}
    gone = [name for name in _GONE if told.get(name, ("",))[0]]
    if _FLAG in told:
        value, first, last = told[_FLAG]
        on = value == "true"
        made = [] if on else [(first.start, told_end(text, last), row)]
        return made + removed(text, env, _entries(entries), gone)
    if gone:
        _, first, last = told[gone[0]]
        place = (first.start, told_end(text, last), row)
        return [place, *removed(text, env, _entries(entries), gone[1:])]
    if not needed or not entries:
        return []
    _, first, last = told.get(_URL, next(reversed(told.values())))
    end = told_end(text, last)
    if env.style == "flow":
        return [(end, end, f", {row}")]
    newline = "\r\n" if "\r\n" in text else "\n"
    line = text.rfind("\n", 0, first.start) + 1
    lead = text[line : first.start]
    return [(end, end, f"{newline}{lead}{row}")] if not lead.strip(" -") else []


def _split(item: str) -> tuple[str, str]:
    name, _, value = item.partition("=")
    return name, value


def _entries(
    entries: list[tuple[str, str, Node, Node]],
) -> list[tuple[str, str | None, Node, Node]]:
    return [(name, value, first, last) for name, value, first, last in entries]
