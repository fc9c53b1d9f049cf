"""What the script describe-launch says about an agent process, as a ``Launch``. Pure."""

from typing import Any

from migrate.jenkins.errors import UnexpectedAnswer
from migrate.model.inventory import Launch, LaunchFile, LaunchKind, ProxySettings
from migrate.model.secrets import mask
from migrate.model.text import visible

_MOST_FILES = 32
_MOST_OPTIONS = 1000
_MOST_TEXT = 16 << 10
"""Characters that are looked at: masking takes two seconds for each MiB."""
_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "proxy_host", "proxy_port")
PROXY_SETTINGS = frozenset(
    [
        "http.proxyHost",
        "http.proxyPort",
        "https.proxyHost",
        "https.proxyPort",
        "proxyHost",
        "proxyPort",
        "http.nonProxyHosts",
        "https.nonProxyHosts",
        "socksProxyHost",
        "socksProxyPort",
        "socksNonProxyHosts",
        "java.net.useSystemProxies",
        "jdk.http.auth.tunneling.disabledSchemes",
        *_VARIABLES,
        *(name.upper() for name in _VARIABLES),
    ]
)
"""What describe-launch reads about forward proxies; nothing else is taken from its answer."""


def launch_from(result: Any) -> Launch:
    """``UnexpectedAnswer`` for what is no object. The script masks before it sends; text is
    masked here once more, as an agent's answer is not to be trusted."""
    if not isinstance(result, dict):
        raise UnexpectedAnswer("the script describe-launch gave no object")
    kind = result.get("kind")
    options = result.get("options")
    return Launch(
        kind=LaunchKind(kind) if kind in set(LaunchKind) else LaunchKind.UNKNOWN,
        command=_text(result, "command") or "",
        options=tuple(mask(visible(str(o)[:_MOST_TEXT])) for o in options[:_MOST_OPTIONS])
        if isinstance(options, list)
        else (),
        jar=_text(result, "jar"),
        jar_sha256=_digest(result.get("jar_sha256")),
        jar_writable=_flag(result, "jar_writable"),
        java_version=_text(result, "java_version"),
        java_home=_text(result, "java_home"),
        os=_text(result, "os"),
        user=_text(result, "user"),
        host=_text(result, "host"),
        pid=result["pid"] if isinstance(result.get("pid"), int) else None,
        supervisor=_text(result, "supervisor") or "unknown",
        supervisor_detail=_text(result, "supervisor_detail") or "",
        restarter=_flag(result, "restarter"),
        restart=_text(result, "restart"),
        restart_exit=_status(result.get("restart_exit")),
        main_process=_flag(result, "main_process"),
        main=_text(result, "main"),
        work_dir=_text(result, "work_dir"),
        work_dir_writable=_flag(result, "work_dir_writable"),
        secret_in_clear=_flag(result, "secret_in_clear"),
        launch_files=_files(result.get("launch_files")),
        namespace=_text(result, "namespace"),
        owner_guess=_text(result, "owner_guess"),
        proxy=_proxy(result.get("proxy")),
    )


def _files(value: Any) -> tuple[LaunchFile, ...]:
    """A path that does not survive masking and escaping unchanged can't be edited: left out."""
    entries = [e for e in value if isinstance(e, dict)] if isinstance(value, list) else []
    found = []
    for entry in entries[:_MOST_FILES]:
        path, kind = _text(entry, "path"), _text(entry, "kind")
        if path and kind and path == entry["path"]:
            found.append(LaunchFile(path, kind, _flag(entry, "writable")))
    return tuple(found)


def _proxy(value: Any) -> ProxySettings | None:
    """None for what an older script leaves out."""
    if not isinstance(value, dict):
        return None
    return ProxySettings(
        properties=_settings(value.get("properties")),
        environment=_settings(value.get("environment")),
        credentials=_flag(value, "credentials") is True,
        direct=_flag(value, "direct"),
    )


def _settings(value: Any) -> dict[str, str]:
    """Known settings that have a value, sorted by name; whatever stands before an @ goes."""
    found = {}
    for key in sorted(value) if isinstance(value, dict) else ():
        if key in PROXY_SETTINGS and isinstance(value[key], str):
            scheme, mark, rest = value[key].partition("://")
            text = (scheme + mark + rest.rpartition("@")[2]) if mark else scheme.rpartition("@")[2]
            found[key] = mask(visible(text[:_MOST_TEXT]))[:4000]
    return found


def _text(result: dict[str, Any], key: str) -> str | None:
    value = result.get(key)
    return mask(visible(value[:_MOST_TEXT]))[:4000] if isinstance(value, str) and value else None


def _flag(result: dict[str, Any], key: str) -> bool | None:
    value = result.get(key)
    return value if isinstance(value, bool) else None


def _status(value: Any) -> int | None:
    """An exit status of a process; a bool is none."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255
    return value if known else None


def _digest(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        return None
    return value
