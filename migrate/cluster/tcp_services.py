"""One entry of a tcp-services ConfigMap, read as ingress-nginx reads it. Pure.

Source: ``getStreamServices`` in ingress-nginx internal/ingress/controller/controller.go (the same
grammar from v0.44 to v1.15) and ``ParseNameNS`` in internal/k8s. Whitespace is never trimmed,
``binaryData`` is never read, and a bad entry is skipped with a warning while the others stay.
"""

import re
from collections.abc import Mapping

from migrate.model.cluster_facts import TcpEntry
from migrate.model.text import visible

RESERVED_FLAGS: Mapping[str, int] = {
    "http-port": 80,
    "https-port": 443,
    "ssl-passthrough-proxy-port": 442,
    "default-server-port": 8181,
    "healthz-port": 10254,
    "profiler-port": 10245,
    "status-port": 10246,
    "stream-port": 10247,
}
"""Ports that ingress-nginx keeps for itself, by the flag that moves each (pkg/flags/flags.go)."""

RESERVED = frozenset(RESERVED_FLAGS.values())

_ATOI = re.compile(r"[+-]?[0-9]+\Z")
_INT64 = 1 << 63


def atoi(text: str) -> int | None:
    """Go's ``strconv.Atoi``: an optional sign and ASCII digits, in the range of an int64."""
    if not _ATOI.match(text):
        return None
    digits = text.lstrip("+-").lstrip("0") or "0"
    # Longer than any int64; int() refuses thousands of digits.
    if len(digits) > 19:
        return None
    number = -int(digits) if text[0] == "-" else int(digits)
    return number if -_INT64 <= number < _INT64 else None


def parse_entry(key: str, value: str, reserved: frozenset[int] = RESERVED) -> TcpEntry:
    """Take an entry apart. ``problem`` holds ingress-nginx's own words when it skips the entry.

    Whether Service, port and endpoints exist is not looked at here.
    """
    port = atoi(key)
    if port is None:
        return _skipped(key, value, f"{quoted(key)} is not a valid TCP port number")
    if port in reserved:
        return _skipped(
            key,
            value,
            f"Port {port} cannot be used for TCP stream services. "
            "It is reserved for the Ingress controller.",
            port,
        )
    parts = value.split(":")
    if len(parts) < 2:
        return _skipped(
            key, value, f"Invalid Service reference {quoted(value)} for TCP port {port}", port
        )
    names = parts[0].split("/")
    if len(names) != 2:
        return _skipped(key, value, f"invalid format (namespace/name) found in '{parts[0]}'", port)
    return TcpEntry(
        key=key,
        value=value,
        external_port=port,
        namespace=names[0],
        service=names[1],
        service_port=parts[1],
        proxy_decode=len(parts) >= 3 and _is_proxy(parts[2]),
        # With five parts or more the fourth is ignored, the third is not.
        proxy_encode=len(parts) == 4 and _is_proxy(parts[3]),
        # ingress-nginx passes these on, and nginx then refuses the whole configuration.
        problem=None if 0 < port < 65536 else f"nginx can't listen on port {port}",
    )


def quoted(text: str) -> str:
    """Go's ``%q`` for what may stand in a ConfigMap."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def _is_proxy(text: str) -> bool:
    return text.isascii() and text.upper() == "PROXY"


def _skipped(key: str, value: str, problem: str, port: int | None = None) -> TcpEntry:
    return TcpEntry(
        key=key,
        value=value,
        external_port=port,
        namespace=None,
        service=None,
        service_port=None,
        problem=visible(problem),
    )
