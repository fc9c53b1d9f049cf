"""What the script describe-launch says about an agent process, as a ``Launch``. Pure."""

from typing import Any

from migrate.jenkins.errors import UnexpectedAnswer
from migrate.model.inventory import Launch, LaunchKind
from migrate.model.secrets import mask
from migrate.model.text import visible


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
        options=tuple(mask(visible(str(o))) for o in options) if isinstance(options, list) else (),
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
    )


def _text(result: dict[str, Any], key: str) -> str | None:
    value = result.get(key)
    return mask(visible(value))[:4000] if isinstance(value, str) and value else None


def _flag(result: dict[str, Any], key: str) -> bool | None:
    value = result.get(key)
    return value if isinstance(value, bool) else None


def _digest(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        return None
    return value
