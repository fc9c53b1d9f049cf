"""Compose files whose services are agents: by variables, by arguments, or by a java command."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from migrate.agents.container import Container, ContainerChange
from migrate.agents.launch import compose_text
from migrate.agents.launch.base import FoundLaunch, Wanted, choose, make_edit
from migrate.agents.launch.change import changed
from migrate.agents.launch.container import Described, change
from migrate.agents.launch.find import find, mentions_agent
from migrate.agents.launch.launched import Launched, Unclear
from migrate.splice import yaml_text
from migrate.splice.edit import Edit
from migrate.splice.text import NotEditable
from migrate.splice.words import Word
from migrate.splice.yaml_tree import Node, read_tree

_SCRIPT = re.compile(r"(?:^|/)jenkins-(?:agent|slave)$")
RESTART = "docker compose up -d makes the container anew, which its agent does not outlive"


@dataclass(frozen=True)
class _Service:
    name: str
    node: Node
    command: Node | None
    words: tuple[Word, ...]
    env: Node | None
    described: Described
    own: tuple[Launched, ...]
    """The agent's command, when the service names java itself, or a shell that does."""
    unreadable: str

    def found(self) -> FoundLaunch:
        return self.own[0].found() if self.own else self.described.found()

    @property
    def container(self) -> Container:
        return self.described.container


def _services(text: str, path: str) -> tuple[_Service, ...]:
    root = read_tree(text, path)
    services = root.get("services")
    if services is None or services.kind != "map":
        raise NotEditable("it has no services", path)
    return tuple(
        service
        for key, node in services.pairs
        if node.kind == "map" and key.value != "<<"
        for service in [_service(text, key.value, node, path)]
        if service.own or service.container.is_agent()
    )


def _effective(node: Node, key: str) -> Node | None:
    own = node.get(key)
    if own is not None:
        return own
    return next((found for one in node.merged() if (found := one.get(key)) is not None), None)


def _service(text: str, name: str, node: Node, path: str) -> _Service:
    where = f"service {name}"
    image = _effective(node, "image")
    env_node = _effective(node, "environment")
    words: tuple[Word, ...] = ()
    started: tuple[Launched, ...] = ()
    unreadable = ""
    used = _effective(node, "command")
    entry: tuple[Word, ...] = ()
    try:
        for key in ("entrypoint", "command"):
            part = _effective(node, key)
            if part is None:
                continue
            found = compose_text.words(text, part, path)
            if not started:
                started = find(
                    (*(Word(w.value, 0, 0) for w in entry), *found),
                    compose_text.site(text, part),
                    where,
                    inside=True,
                )
                words, used = (found, part) if started or key == "command" else (words, used)
            if key == "entrypoint":
                entry = found
    except NotEditable as error:
        unreadable = error.reason
        if mentions_agent(text[node.start : node.end]):
            started = (Unclear(where, f"{where}: {unreadable}"),)
    own = tuple(word.value for word in entry)
    if any(word.startswith("-") for word in own) and _SCRIPT.search(own[0]):
        unreadable = "arguments of its agent stand in its entrypoint"
    container = Container(
        image.value if image else "",
        _environment(env_node, path),
        tuple(word.value for word in words),
        own,
        files=_effective(node, "env_file") is not None,
        built=_effective(node, "build") is not None,
    )
    described = Described(where, container)
    return _Service(name, node, used, words, env_node, described, started, unreadable)


def _environment(node: Node | None, path: str) -> dict[str, str | None]:
    if node is None or node.kind == "scalar":
        return {}
    env: dict[str, str | None] = {}
    for one in (node, *node.merged()):
        for key, value, _, _ in compose_text.entries(one, path):
            env.setdefault(key, value)
    return env


class ComposeEditor:
    """compose.yaml and its older names."""

    name = "compose"

    def detect(self, text: str, path: str) -> bool:
        """A YAML file with ``services`` at its top."""
        named = not path or re.search(r"\.ya?ml$", path.lower()) is not None
        return named and re.search(r"^\ufeff?[\"']?services[\"']?[ \t]*:", text, re.M) is not None

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """Each service that is an agent."""
        return tuple(service.found() for service in _services(text, path))

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The service's variables and arguments that must change."""
        services = _services(text, wanted.path)
        service = services[choose([one.found() for one in services], wanted)]
        if isinstance(next(iter(service.own), None), Unclear):
            service.own[0].rewritten(wanted)
        if service.unreadable:
            raise NotEditable(f"service {service.name}: {service.unreadable}", wanted.path)
        if service.own:
            return _own_edit(text, service, wanted)
        made = _beside_merged(service, change(service.container, wanted), wanted)
        new = _write(text, service, made, wanted)
        _check(new, service, made, wanted)
        notes = made.notes
        return make_edit(
            wanted,
            text,
            new,
            notes=(*notes, RESTART) if new != text else notes,
            hide=[secret for one in services for secret in one.container.secrets()],
        )


def _own_edit(text: str, service: _Service, wanted: Wanted) -> Edit:
    """A service that names java itself."""
    part = service.command
    if part is None or part.shared or not _own(service, part):
        raise NotEditable(f"service {service.name} shares its command by an alias", wanted.path)

    def read(now: str) -> tuple[Launched, ...]:
        services = _services(now, wanted.path)
        return next((one.own for one in services if one.name == service.name), ())

    done = changed(text, wanted, read)
    return make_edit(
        wanted,
        text,
        done.text,
        notes=(*done.made.notes, RESTART) if done.text != text else done.made.notes,
        hide=[*done.secrets, *Container("", service.container.env).secrets()],
        reason=done.made.reason,
    )


def _beside_merged(service: _Service, made: ContainerChange, wanted: Wanted) -> ContainerChange:
    """What other services share by ``<<`` cannot go for this one: it is set to nothing here.

    The image's start script takes an empty variable for one that is not set.
    """
    if service.env is None:
        return made
    own = {key for key, _, _, _ in compose_text.entries(service.env, wanted.path)}
    merged = [name for name in made.remove if name not in own]
    notes = [
        f"{name} comes from another mapping by <<: it is empty for this service alone"
        for name in merged
    ]
    return replace(
        made,
        put={**dict(made.put), **dict.fromkeys(merged, "")},
        remove=tuple(name for name in made.remove if name in own),
        notes=(*made.notes, *notes),
    )


def _own(service: _Service, part: Node) -> bool:
    return any(value is part for _, value in service.node.pairs)


def _write(text: str, service: _Service, made: ContainerChange, wanted: Wanted) -> str:
    """Environment and arguments, the later one in the text first, so that places stay true."""
    parts: list[tuple[int, str]] = []
    if made.args != service.container.args and service.command is not None:
        parts.append((service.command.start, "command"))
    if made.put or made.remove:
        parts.append((service.env.start if service.env else -1, "environment"))
    for _, part in sorted(parts, reverse=True):
        node = service.command if part == "command" else service.env
        if node is None:
            raise NotEditable(
                f"service {service.name} has no environment of its own here", wanted.path
            )
        if node.shared or not _own(service, node):
            raise NotEditable(f"service {service.name} shares its {part} by an alias", wanted.path)
        if part == "command":
            text = compose_text.change_words(text, node, service.words, made.args)
        else:
            text = _write_env(text, node, made.put, made.remove, wanted)
    return text


def _write_env(
    text: str, env: Node, put: Mapping[str, str], remove: tuple[str, ...], wanted: Wanted
) -> str:
    entries = compose_text.entries(env, wanted.path)
    own = {key for key, _, _, _ in entries}
    edits = yaml_text.removed(text, env, entries, remove)
    edits += [
        compose_text.set_value(text, env, (first, last), key, put[key])
        for key, _, first, last in entries
        if key in put and key not in remove
    ]
    new = {key: value for key, value in put.items() if key not in own}
    if new:
        kept = [entry for entry in entries if entry[0] not in remove]
        near = [entry for entry in kept if entry[0] == "JENKINS_URL"] or kept
        if not near:
            raise NotEditable("nothing of its environment would stay", wanted.path)
        rows = compose_text.rows(env, new)
        edits.append(yaml_text.added(text, env, rows, near[-1][2], near[-1][3]))
    return yaml_text.spliced(text, edits)


def _check(new: str, service: _Service, made: ContainerChange, wanted: Wanted) -> None:
    """``NotEditable`` unless the new text, read again, says exactly what it should."""
    again = [one for one in _services(new, wanted.path) if one.name == service.name]
    env = {key: value for key, value in service.container.env.items() if key not in made.remove}
    env |= made.put
    if not again or dict(again[0].container.env) != env or again[0].container.args != made.args:
        raise NotEditable(f"service {service.name} could not be changed safely", wanted.path)
