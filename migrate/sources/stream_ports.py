"""Ports that nginx' ``stream`` servers inside of YAML lead to Jenkins. Pure.

Those servers are edited elsewhere; the controller's own ports for them go with them.
"""

import re

from migrate.sources.evidence import AGENT_PORT
from migrate.sources.kept import Kept

_SERVER = re.compile(r"\bserver\s*\{(?P<body>[^{}]*)\}")
_LISTEN = re.compile(r"\blisten\s+(?:[^\s;]*:)?(\d+)")
_PASS = re.compile(r"\bproxy_pass\s+([^\s;]+)")
_JENKINS = re.compile(r"jenkins|\bcjoc\b|cloudbees", re.IGNORECASE)


def stream_ports(kept: Kept) -> set[str]:
    """Outer ports of all of them."""
    return {
        port
        for doc in kept.docs
        for spot in doc.root.all()
        if spot.node.kind == "scalar" and "proxy_pass" in spot.node.value
        for port in _ports(spot.node.value)
    }


def _ports(text: str) -> set[str]:
    found: set[str] = set()
    for server in _SERVER.finditer(text):
        target = _PASS.search(server["body"])
        if target is None:
            continue
        name = re.escape(target[1])
        upstream = re.search(rf"\bupstream\s+{name}\s*\{{[^}}]*\}}", text)
        way = f"{target[1]} {upstream[0] if upstream else ''}"
        if "://" not in way and _JENKINS.search(way) and AGENT_PORT in way + server["body"]:
            found |= set(_LISTEN.findall(server["body"]))
    return found
