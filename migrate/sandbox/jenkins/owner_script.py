"""What the tool's script ``node-owners`` answers on the controller."""

import re
from typing import Any

from migrate.sandbox.jenkins.casc import inbound_nodes, source_text
from migrate.sandbox.jenkins.state import Installation

_MAKES = re.compile(r"JNLPLauncher|DumbSlave|\baddNode\b|\bsetNodes\b|setWebSocket|setTunnel")
_PORT = re.compile(r"setSlaveAgentPort|slaveAgentPort\s*=")


def node_owners(home: Installation) -> dict[str, Any]:
    """Who sets which node again, and the port."""
    from ruamel.yaml import YAML

    text = source_text(home)
    jenkins = YAML(typ="safe", pure=True).load(text)["jenkins"] if text else {}
    nodes = {
        name: {
            "file": str(home.home / "jenkins.yaml"),
            "web_socket": flag,
            "tunnel": bool(tunnel),
        }
        for name, (flag, tunnel) in inbound_nodes(jenkins).items()
        if name in home.computers
    }
    return {"nodes": nodes, "hooks": [*_hooks(home)], "unread": []}


def _hooks(home: Installation) -> list[dict[str, Any]]:
    found = []
    for file in sorted((home.home / "init.groovy.d").glob("*.groovy")):
        text = file.read_text(encoding="utf-8")
        makes, port = bool(_MAKES.search(text)), bool(_PORT.search(text))
        if makes or port:
            named = [n for n in sorted(home.computers) if f"'{n}'" in text or f'"{n}"' in text]
            found.append(
                {
                    "file": str(file),
                    "nodes": named if makes else [],
                    "makes_nodes": makes,
                    "port": port,
                }
            )
    return found
