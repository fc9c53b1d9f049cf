"""One command, written into every kind of launch file."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Format:
    """How a command line of sh becomes a file of one kind."""

    path: str
    render: Callable[[str], str]
    shell: bool = True
    """Its reader knows the quotes of sh."""


def _plist(command: str) -> str:
    rows = "".join(f"\n    <string>{escape(word)}</string>" for word in shlex.split(command))
    return (
        '<?xml version="1.0"?>\n<plist version="1.0"><dict>\n  <key>Label</key><string>x</string>\n'
        f"  <key>ProgramArguments</key><array>{rows}\n  </array>\n</dict></plist>\n"
    )


def _windows(command: str) -> list[str]:
    return [f'"{w}"' if re.search(r"\s", w) else w for w in shlex.split(command)]


def _winsw(command: str) -> str:
    program, *words = _windows(command)
    return (
        f"<service>\n  <id>ja</id><executable>{program}</executable>\n"
        f"  <arguments>{escape(' '.join(words))}</arguments>\n</service>\n"
    )


def _task(command: str) -> str:
    program, *words = _windows(command)
    return (
        '<Task version="1.2">\n  <Actions Context="a"><Exec><Command>'
        f"{program}</Command>\n  <Arguments>{escape(' '.join(words))}</Arguments></Exec>"
        "</Actions>\n</Task>\n"
    )


def _compose(command: str) -> str:
    plain = re.compile(r"(?:[A-Za-z/.]|-[A-Za-z])[\w./=-]*")
    words = "".join(
        f"\n      - {word if plain.fullmatch(word) else json.dumps(word)}"
        for word in shlex.split(command)
    )
    return f"services:\n  a:\n    image: eclipse-temurin # x\n    command:{words}\n    tty: true\n"


def _batch(command: str) -> str:
    return f"@echo off\r\nrem x\r\n{' '.join(_windows(command))} > log\r\n"


FORMATS = {
    "systemd": Format(
        "/etc/systemd/system/ja.service",
        lambda c: f"[Unit]\nA=b\n[Service]\nUser=ja\nExecStart={c}\nRestart=always\n",
    ),
    "shell": Format("/srv/start.sh", lambda c: f"#!/bin/bash\ncd /srv\n{c} >> log 2>&1 &\n"),
    "supervisord": Format(
        "/etc/supervisor/conf.d/ja.conf", lambda c: f"[program:ja]\ncommand={c}\nuser=ja ; x\n"
    ),
    "crontab": Format(
        "/var/spool/cron/crontabs/ja", lambda c: f"MAILTO=x\n@reboot sleep 5; {c} >/dev/null\n"
    ),
    "cron.d": Format("/etc/cron.d/ja", lambda c: f"# a\n*/5 * * * * ja {c}\n"),
    "upstart": Format("/etc/init/ja.conf", lambda c: f'start on x\nexec {c}\ndescription "a\'s"\n'),
    "launchd": Format("/Library/LaunchDaemons/x.plist", _plist),
    "compose": Format("compose.yml", _compose),
    "winsw": Format("ja.xml", _winsw, shell=False),
    "scheduled-task": Format("task.xml", _task, shell=False),
    "batch": Format("start.bat", _batch, shell=False),
}
