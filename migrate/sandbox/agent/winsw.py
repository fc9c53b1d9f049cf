"""A stand-in for a WinSW wrapper: ``python -m ...winsw HOST-FOLDER FILE.exe ACTION``.

``FILE.xml`` beside the wrapper is read at each start of the service (``run``), so that a changed
``<arguments>`` counts from the next start on, also when Jenkins' own restarter asks for it
(``restart!``, WinswSlaveRestarter).
"""

import os
import shlex
import sys
from pathlib import Path
from xml.etree.ElementTree import Element, parse

from migrate.sandbox.agent.control import NoManager, call

_STATES = {"active": "Started", "activating": "Started"}


def main(host: Path, exe: Path, action: str) -> int:
    """Run one action; the exit code is WinSW's (``status``: 0 when it is installed)."""
    document = parse(exe.with_suffix(".xml")).getroot()  # noqa: S314  a file of the sandbox
    name = (document.findtext("id") or exe.stem).strip()
    if action == "run":
        return _run(document, exe, name)
    try:
        if action == "status":
            print(_STATES.get(call(host, "status", name)["state"], "Stopped"))  # noqa: T201
        elif action in ("start", "stop"):
            call(host, action, name)
        elif action in ("restart", "restart!"):
            call(host, "restart", name)
        else:
            print(f"Unknown command: {action}", file=sys.stderr)  # noqa: T201
            return 1
    except NoManager as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def definition(exe: Path) -> dict[str, object]:
    """What the service manager runs: the wrapper itself, which then becomes the program."""
    return {"argv": [str(exe), "run"], "restart": "always", "delay": 10, "cwd": str(exe.parent)}


def _run(document: Element, exe: Path, name: str) -> int:
    base = str(exe.parent)
    words = [_text(document, "executable", base)]
    arguments = document.findtext("arguments")
    if arguments is not None:
        words += shlex.split(arguments.replace("%BASE%", base))
    else:
        words += [(e.text or "").replace("%BASE%", base) for e in document.findall("argument")]
    for entry in document.findall("env"):
        os.environ[entry.get("name", "")] = entry.get("value", "").replace("%BASE%", base)
    os.environ |= {
        "BASE": base,
        "WINSW_EXECUTABLE": str(exe),
        "WINSW_SERVICE_ID": name,
        "SERVICE_ID": name,
    }
    os.chdir(_text(document, "workingdirectory", base) or base)
    os.execv(words[0], words)  # noqa: S606


def _text(document: Element, tag: str, base: str) -> str:
    return (document.findtext(tag) or "").strip().replace("%BASE%", base)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
