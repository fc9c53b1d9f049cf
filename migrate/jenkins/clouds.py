"""The controller's clouds: read and set through the script console (Overall/Administer).

A cloud is no node: no config.xml of a node changes it, and there is no REST form of it that
could be sent without the rest of the system configuration.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from migrate.jenkins.errors import UnexpectedAnswer
from migrate.model.cluster_facts import Owner
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.inventory import Cloud, CloudTemplate
from migrate.model.plan_steps import CloudSettings
from migrate.model.secrets import mask
from migrate.model.text import visible

_JCASC = Owner("jcasc", "configuration-as-code", "its sources set jenkins: clouds:")


class ScriptRunner(Protocol):
    """What of the controller is used here."""

    def run_script(
        self, script: str, arguments: Mapping[str, object], *, node: str | None = None
    ) -> Any:
        """Run one of the tool's own scripts."""


class CloudGone(MigrateError):
    """The controller has no such cloud."""

    exit_code = ExitCode.DRIFT

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the controller has no cloud called {visible(name)}",
            next_command="migrate plan --name NEW-NAME",
        )


def read_clouds(controller: ScriptRunner) -> tuple[Cloud, ...]:
    """All clouds, sorted by name. ``UnexpectedAnswer`` for a result of another form."""
    result = controller.run_script("list-clouds", {})
    try:
        owner = _JCASC if result.get("jcasc") else None
        found = [_cloud(entry, owner) for entry in result["clouds"]]
    except (AttributeError, KeyError, TypeError) as error:
        raise UnexpectedAnswer(
            f"the script list-clouds gave a result of another form ({type(error).__name__})"
        ) from None
    return tuple(sorted(found, key=lambda cloud: (cloud.name, cloud.cloud_class)))


def read_cloud(controller: ScriptRunner, name: str) -> Cloud:
    """One cloud as it is now; ``CloudGone``."""
    found = next((cloud for cloud in read_clouds(controller) if cloud.name == name), None)
    if found is None:
        raise CloudGone(name)
    return found


def set_cloud(controller: ScriptRunner, name: str, wanted: CloudSettings) -> None:
    """Set and save, and compare what reads back (``UnexpectedAnswer``)."""
    arguments = {
        "name": name,
        "web_socket": wanted.web_socket,
        "tunnel": wanted.tunnel,
        "direct": wanted.direct,
    }
    result = controller.run_script("set-cloud", arguments)
    after = result.get("after") if isinstance(result, dict) else None
    if not isinstance(after, dict) or settings_of(after) != wanted:
        raise UnexpectedAnswer(f"cloud {visible(name)} was set, but reads back as {after}")


def settings_of(entry: dict[str, Any]) -> CloudSettings:
    """From a script's result; an empty tunnel is none."""
    tunnel = entry.get("tunnel")
    return CloudSettings(
        web_socket=bool(entry.get("web_socket")),
        tunnel=str(tunnel) if tunnel else None,
        direct=bool(entry.get("direct")),
    )


def _cloud(entry: dict[str, Any], owner: Owner | None) -> Cloud:
    web_socket = entry.get("web_socket")
    templates = tuple(
        CloudTemplate(
            name=str(t.get("name") or ""),
            label=str(t.get("label") or ""),
            env={str(k): _plain(v) for k, v in sorted((t.get("env") or {}).items())},
            args=_plain(t.get("args") or ""),
        )
        for t in entry.get("templates") or ()
    )
    return Cloud(
        name=str(entry["name"]),
        cloud_class=str(entry["class"]),
        web_socket=web_socket if isinstance(web_socket, bool) else None,
        tunnel=_plain(entry["tunnel"]) if entry.get("tunnel") else None,
        direct=bool(entry.get("direct")),
        jenkins_url=_plain(entry["jenkins_url"]) if entry.get("jenkins_url") else None,
        templates=templates,
        nodes=tuple(sorted(str(n) for n in entry.get("nodes") or ())),
        owner=owner,
    )


def _plain(value: Any) -> str:
    return mask(visible(str(value)))
