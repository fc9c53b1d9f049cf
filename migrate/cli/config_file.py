"""The ``--config`` file: several controllers by name (examples/config.yaml)."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import msgspec

from migrate.model.access import Access
from migrate.model.errors import UsageProblem
from migrate.model.serialize import from_data

EXAMPLE = "migrate scan --config FILE --controller NAME    # form: docs/commands.md"
_FILES = ("token_file", "ca_file", "client_cert", "client_key", "header_file", "kubeconfig")
_TEXT = ("url", "user", *_FILES, "context", "jenkins_service")
_FLAGS = ("no_cluster", "insecure_http")
_KEYS = (*_TEXT, *_FLAGS, "namespaces")


class ControllerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of one controller; None and empty: nothing."""

    url: str | None = None
    user: str | None = None
    token_file: str | None = None
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    header_file: str | None = None
    kubeconfig: str | None = None
    context: str | None = None
    jenkins_service: str | None = None
    no_cluster: bool = False
    insecure_http: bool = False
    namespaces: tuple[str, ...] = ()


def read_entry(config: Path, name: str | None) -> ControllerEntry:
    """The controller ``name``; without a name, of the only one in the file.

    ``UsageProblem`` for a file or an entry that cannot be used.
    """
    controllers = _read(config)
    if name is None and len(controllers) == 1:
        name = str(next(iter(controllers)))
    if name not in controllers:
        raise UsageProblem(
            f"{config} has the controllers {', '.join(map(str, controllers))}"
            + (f", and none is called {name}" if name else ", and none was chosen"),
            next_command=f"migrate scan --config {shlex.quote(str(config))} "
            f"--controller {shlex.quote(str(next(iter(controllers))))}",
        )
    entry = controllers[name]
    problem = _problem(entry)
    if problem:
        raise UsageProblem(f"controller {name} in {config} {problem}", next_command=EXAMPLE)
    return from_data(entry, ControllerEntry)


def read_drivers(config: Path) -> Access:
    """The ``drivers:`` section, which counts for every controller of the file."""
    from migrate.cli.driver_config import read_access

    return read_access(_data(config).get("drivers"), config)


def _data(config: Path) -> Mapping[object, object]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe").load(config.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError) as error:
        raise UsageProblem(
            f"cannot read {config}: {getattr(error, 'strerror', None) or 'not YAML'}",
            next_command=EXAMPLE,
        ) from None
    return data if isinstance(data, dict) else {}


def _read(config: Path) -> Mapping[object, object]:
    controllers = _data(config).get("controllers")
    if not isinstance(controllers, dict) or not controllers:
        raise UsageProblem(f"{config} names no controllers", next_command=EXAMPLE)
    return controllers


def _problem(entry: object) -> str:
    """What is wrong with an entry, as the end of a sentence; empty when nothing is."""
    if not isinstance(entry, dict):
        return "is not a mapping of keys to values"
    unknown = sorted(str(key) for key in entry if key not in _KEYS)
    if unknown:
        return f"has unknown keys: {', '.join(unknown)}; known: {', '.join(_KEYS)}"
    for key, value in entry.items():
        if key in _TEXT and not isinstance(value, str):
            return f"has a {key} that is not text"
        if key in _FLAGS and not isinstance(value, bool):
            return f"has {'an' if key[0] in 'aeiou' else 'a'} {key} that is neither true nor false"
        if key == "namespaces" and not _names(value):
            return "has namespaces that are not a list of names"
    return ""


def _names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)
