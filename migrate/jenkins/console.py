"""The tool's own Groovy scripts: what is sent to /scriptText, and what comes back. Pure.

Arguments travel as base64 of JSON, never as Groovy source, so that no node name or path can
become code. The result is one line of JSON between two marker lines: scriptText answers 200
also when a script throws (recordings 21-script-error, 21-script-syntax), so output without
the markers is a failure.
"""

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from migrate.jenkins.errors import ScriptFailed
from migrate.model.secrets import mask
from migrate.model.text import groovy_data, visible
from migrate.net.answers import NotJson, parse_json, whole_values

BEGIN = "<<<migrate"
END = "migrate>>>"

_NAME = re.compile(r"[a-z][a-z-]{0,40}")
_TIMEOUTS = {"upgrade-jar": 300.0, "try-ports": 60.0, "inventory": 120.0, "describe-launch": 180.0}
_DEFAULT_TIMEOUT = 120.0


def timeout_for(name: str, arguments: Mapping[str, object]) -> float:
    """Seconds to wait for a script: a download of agent.jar takes minutes, and a probe as long as
    its own timeouts.

    The first script on an agent loads Groovy through the channel: 2.0 to 3.7 s on one machine
    (facts E), more than 30 s with eleven of them at once on two cores, or over a slow link.
    """
    own = arguments.get("timeout", 0)
    extra = 3 * float(own) if isinstance(own, int | float) else 0.0
    return _TIMEOUTS.get(name, _DEFAULT_TIMEOUT) + extra


_ANSWER = f"""
println '{BEGIN}'
println groovy.json.JsonOutput.toJson(RESULT)
println '{END}'
"""
"""What every script ends with."""
_WITH = re.compile(r"^// with: (.+)\n", re.MULTILINE)


@cache
def script_body(name: str) -> str:
    """The text of ``scripts/NAME.groovy``; ``ValueError`` for a name that there is not.

    A line ``// with: A B`` in it stands for ``scripts/prelude/A.groovy`` and ``B.groovy``.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a script name: {name!r}")
    folder = resources.files("migrate.jenkins") / "scripts"
    found = folder / f"{name}.groovy"
    if not found.is_file():
        raise ValueError(f"there is no script {name!r}")

    def preludes(line: re.Match[str]) -> str:
        files = (folder / "prelude" / f"{word}.groovy" for word in line[1].split())
        return "".join(file.read_text(encoding="utf-8") for file in files)

    return _WITH.sub(preludes, found.read_text(encoding="utf-8"), count=1) + _ANSWER


def render(name: str, arguments: Mapping[str, object]) -> str:
    """The script to send: a line that names it, its arguments, its body."""
    body = script_body(name)
    packed = json.dumps(arguments, separators=(",", ":"), sort_keys=True).encode("ascii")
    tag = base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    return f"// migrate-script: {name} {tag}\ndef ARGS = {groovy_data(arguments)}\n{body}"


def parse_result(name: str, where: str, output: str) -> Any:
    """The script's result; ``ScriptFailed`` with the first line of ``output`` without one."""
    lines = output.splitlines() if BEGIN in output else []
    for number, line in enumerate(lines[:-1]):
        if line.strip() == BEGIN and END in (text.strip() for text in lines[number + 2 :][:1]):
            try:
                return _whole(name, parse_json(_bytes(lines[number + 1])))
            except NotJson as error:
                raise ScriptFailed(name, where, f"its result can't be read: {error}") from None
    raise ScriptFailed(name, where, first_line(output))


def _bytes(line: str) -> bytes:
    return line.encode("utf-8", "surrogatepass")


def _whole(name: str, result: Any) -> Any:
    """With text that can be written again; of nodes each is looked at by itself (script_read)."""
    return result if name == "inventory" else whole_values(result)


def first_line(output: str) -> str:
    """The first line that says something, masked and short enough for a message."""
    # Masking takes two seconds for each MiB, and this is for a message.
    head = output.lstrip()[:4000]
    found = next((line.strip() for line in head.splitlines() if line.strip()), "")
    return mask(visible(found))[:300]
