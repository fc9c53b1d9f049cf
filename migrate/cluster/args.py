"""What a container is really started with: command, args, ``$(VAR)`` and flags. Pure.

Sources: the kubelet's expansion (kubernetes third_party/forked/golang/expansion/expand.go: ``$$``
is an escaped ``$``, an unknown variable stays as written) and spf13/pflag (``--flag=value``,
``--flag value``, ``--`` ends the flags, the last one wins).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")
_LABEL = re.compile(r"metadata\.(labels|annotations)\['([^']*)'\]\Z")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "busybox"})
_INITS = frozenset({"dumb-init", "tini", "catatonit"})


@dataclass(frozen=True)
class Unresolved:
    """A variable whose value is not in the pod template."""

    name: str
    reason: str


@dataclass(frozen=True)
class Expanded:
    """A string after expansion, with what could not be resolved in it."""

    text: str
    unresolved: tuple[Unresolved, ...] = ()


@dataclass(frozen=True)
class Scope:
    """What fieldRefs may refer to."""

    namespace: str
    pod_name: str | None
    """None in a template: the name of a pod is made up later."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    service_account: str = ""


def expand(text: str, values: Mapping[str, str | Unresolved]) -> Expanded:
    """Replace ``$(VAR)`` as the kubelet does. Unresolved variables stay as written."""
    missing: list[Unresolved] = []

    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "$"
        value = values.get(name)
        if isinstance(value, Unresolved):
            missing.append(value)
            return match[0]
        return match[0] if value is None else value

    return Expanded(_REFERENCE.sub(one, text), tuple(missing))


def environment(container: Mapping[str, Any], scope: Scope) -> dict[str, str | Unresolved]:
    """The container's own variables, in order: a value may refer to those before it."""
    values: dict[str, str | Unresolved] = {}
    for item in container.get("env") or []:
        name = str(item.get("name", ""))
        source = item.get("valueFrom")
        if source:
            values[name] = _from(name, source, scope)
            continue
        result = expand(str(item.get("value") or ""), values)
        values[name] = result.unresolved[0] if result.unresolved else result.text
    return values


def command_line(container: Mapping[str, Any], scope: Scope) -> list[Expanded]:
    """``command`` followed by ``args``, expanded. The image's own entrypoint is not known."""
    values = environment(container, scope)
    words = [str(w) for key in ("command", "args") for w in container.get(key) or []]
    return [_with_env_from(container, expand(word, values), word, values) for word in words]


def shell_script(words: Iterable[Expanded]) -> str | None:
    """The script of ``sh -c SCRIPT``, whose words only a shell could tell; else None."""
    texts = [w.text for w in words]
    while texts and (_base(texts[0]) in _INITS or texts[0] == "--"):
        texts = texts[1:]
    if not texts or _base(texts[0]) not in _SHELLS:
        return None
    for index, text in enumerate(texts[1:], start=1):
        # -c may be part of a cluster: -ec, -euxc.
        if re.match(r"-[a-z]*c\Z", text) and index + 1 < len(texts):
            return texts[index + 1]
    return None


def flags(words: Iterable[Expanded], wanted: Iterable[str]) -> dict[str, Expanded]:
    """Values of the ``wanted`` flags (names without dashes), the last of each.

    ``wanted`` flags take a value, also as the next word. Of other flags it is not known whether
    they do, so their next word is looked at as well. One dash is read as two (Go's flag package).
    """
    names = frozenset(wanted)
    rest = _without_program(list(words))
    found: dict[str, Expanded] = {}
    index = 0
    while index < len(rest):
        word = rest[index]
        index += 1
        if word.text == "--":
            break
        match = re.match(r"--?([A-Za-z][A-Za-z0-9_.-]*)(=(.*))?\Z", word.text, re.DOTALL)
        if not match or match[1] not in names:
            continue
        if match[2] is not None:
            found[match[1]] = Expanded(match[3], word.unresolved)
        elif index < len(rest):
            found[match[1]] = rest[index]
            index += 1
    return found


def programs(words: Iterable[Expanded]) -> tuple[str, ...]:
    """Base names of the words that are no flags: the program is among them."""
    return tuple(_base(w.text) for w in words if not w.text.startswith("-"))


def image_path(image: str) -> str:
    """An image without registry host, tag and digest: ``ingress-nginx/controller``."""
    name = image.split("@", 1)[0]
    head, slash, tail = name.rpartition("/")
    name = head + slash + tail.split(":", 1)[0]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return rest
    return name


def _base(text: str) -> str:
    return text.rsplit("/", 1)[-1]


def _without_program(words: list[Expanded]) -> list[Expanded]:
    """Drop ``dumb-init --``: that ``--`` is not the program's own."""
    if words and _base(words[0].text) in _INITS:
        for index, word in enumerate(words):
            if word.text == "--":
                return words[index + 1 :]
            if index and not word.text.startswith("-"):
                return words[index:]
    # The image's entrypoint may be the init, and args then start with its "--".
    return words[1:] if words and words[0].text == "--" else words


def _with_env_from(
    container: Mapping[str, Any],
    result: Expanded,
    word: str,
    values: Mapping[str, str | Unresolved],
) -> Expanded:
    """With ``envFrom`` a variable that is not declared may still have a value."""
    if not container.get("envFrom"):
        return result
    undeclared = {name for name in _REFERENCE.findall(word) if name and name not in values}
    more = tuple(Unresolved(n, "may come from envFrom") for n in sorted(undeclared))
    return Expanded(result.text, result.unresolved + more)


def _from(name: str, source: Mapping[str, Any], scope: Scope) -> str | Unresolved:
    field = source.get("fieldRef")
    if field:
        return _field(name, str(field.get("fieldPath", "")), scope)
    for kind in ("configMapKeyRef", "secretKeyRef", "resourceFieldRef", "fileKeyRef"):
        if source.get(kind):
            return Unresolved(name, f"its value comes from {kind}")
    return Unresolved(name, "its value comes from a source that is not known")


def _field(name: str, path: str, scope: Scope) -> str | Unresolved:
    if path == "metadata.namespace":
        return scope.namespace
    if path == "metadata.name" and scope.pod_name is not None:
        return scope.pod_name
    if path == "spec.serviceAccountName":
        return scope.service_account or "default"
    match = _LABEL.match(path)
    if match:
        values = scope.labels if match[1] == "labels" else scope.annotations
        return values.get(match[2], "")
    return Unresolved(name, f"its value is {path} of the running pod")
