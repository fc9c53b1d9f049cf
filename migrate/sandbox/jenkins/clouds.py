"""The kubernetes plugin's clouds of the controller (facts C2).

What the Groovy scripts read and set on ``Jenkins.clouds`` is read and set here. As on a real
controller, a change reaches new pods only, and nothing checks that the values fit together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

CLOUD_CLASS = "org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud"
PLUGIN = "kubernetes@4029.v5712230ccb_f8"


@dataclass(frozen=True)
class PodTemplate:
    """A pod template with what it says of the agent container."""

    name: str
    label: str
    image: str
    env: tuple[tuple[str, str], ...] = ()
    """Beats what the cloud would set."""
    args: str = ""


@dataclass(frozen=True)
class Cloud:
    """A KubernetesCloud."""

    name: str
    namespace: str
    jenkins_url: str
    web_socket: bool = False
    direct_connection: bool = False
    tunnel: str | None = None
    templates: tuple[PodTemplate, ...] = ()


class Clouds:
    """All clouds, kept in ``$JENKINS_HOME/config.xml``; used on the controller's loop only."""

    def __init__(self, path: Path) -> None:
        self.by_name: dict[str, Cloud] = {}
        self.on_change: Callable[[Cloud], None] | None = None
        """Called after each ``put``; must return at once."""
        self._path = path

    def put(self, cloud: Cloud) -> None:
        """Add a cloud, or set it anew, and save."""
        self.by_name[cloud.name] = cloud
        self._path.write_bytes(self._xml())
        if self.on_change is not None:
            self.on_change(cloud)

    def _xml(self) -> bytes:
        root = Element("hudson")
        clouds = SubElement(root, "clouds")
        for cloud in self.by_name.values():
            clouds.append(_written(cloud))
        indent(root)
        body: bytes = tostring(root, "utf-8", xml_declaration=True)
        return body


def _written(cloud: Cloud) -> Element:
    root = Element(CLOUD_CLASS, {"plugin": PLUGIN})
    fields = {
        "name": cloud.name,
        "namespace": cloud.namespace,
        "webSocket": str(cloud.web_socket).lower(),
        "directConnection": str(cloud.direct_connection).lower(),
        "jenkinsUrl": cloud.jenkins_url,
        "jenkinsTunnel": cloud.tunnel,
    }
    for tag, text in fields.items():
        if text is not None:
            SubElement(root, tag).text = text
    templates = SubElement(root, "templates")
    for template in cloud.templates:
        entry = SubElement(templates, "org.csanchez.jenkins.plugins.kubernetes.PodTemplate")
        for tag, text in (("name", template.name), ("label", template.label)):
            SubElement(entry, tag).text = text
    return root
