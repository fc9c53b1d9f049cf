"""What the tool's scripts ``list-clouds`` and ``set-cloud`` answer on the controller."""

from dataclasses import replace
from typing import Any

from migrate.sandbox.jenkins.casc import source_text
from migrate.sandbox.jenkins.clouds import CLOUD_CLASS, Cloud
from migrate.sandbox.jenkins.state import Installation

_DECIDING = ("JENKINS_", "REMOTING_OPTS")


def listed(home: Installation) -> dict[str, Any]:
    """All clouds with their templates and running agents."""
    return {
        "clouds": [_entry(home, c) for c in home.clouds.by_name.values()],
        "jcasc": "clouds:" in source_text(home),
    }


def changed(home: Installation, arguments: dict[str, Any]) -> dict[str, Any]:
    """Set a cloud; ``KeyError`` for an unknown one."""
    cloud = home.clouds.by_name[str(arguments["name"])]
    wanted = replace(
        cloud,
        web_socket=bool(arguments["web_socket"]),
        tunnel=arguments["tunnel"],
        direct_connection=bool(arguments["direct"]),
    )
    home.clouds.put(wanted)
    return {"before": _settings(cloud), "after": _settings(wanted)}


def _settings(cloud: Cloud) -> dict[str, Any]:
    return {
        "web_socket": cloud.web_socket,
        "tunnel": cloud.tunnel,
        "direct": cloud.direct_connection,
    }


def _entry(home: Installation, cloud: Cloud) -> dict[str, Any]:
    # A pod is called after its template (PodTemplateUtils).
    starts = tuple(f"{template.name}-" for template in cloud.templates)
    return {
        "name": cloud.name,
        "class": CLOUD_CLASS,
        **_settings(cloud),
        "jenkins_url": cloud.jenkins_url,
        "templates": [
            {
                "name": template.name,
                "label": template.label,
                "env": {k: v for k, v in template.env if k.startswith(_DECIDING)},
                "args": template.args,
            }
            for template in cloud.templates
        ],
        "nodes": [c.name for c in home.sorted_computers() if starts and c.name.startswith(starts)],
    }
