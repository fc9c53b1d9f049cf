"""crontabs whose lines start an agent, at boot or again and again. Source: crontab(5).

A percent sign ends the command unless it is written as ``\\%``. Files below /etc/cron.d, and
/etc/crontab, name the user before the command.
"""

import re

from migrate.agents.launch.find import in_script
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.splice.view import View

_FIELD = r"[\d*,/A-Za-z?-]+"
_TIME = (
    "(?:@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)"
    rf"|(?:{_FIELD}[ \t]+){{4}}{_FIELD})"
)
_LINE = re.compile(rf"^\ufeff?[ \t]*{_TIME}[ \t]+(?P<command>[^\r\n]+)", re.MULTILINE)
_USER = re.compile(r"[a-z_][\w.-]*\$?[ \t]+")
_PATH = re.compile(
    r"(?:^|/)(?:crontab|cron\.d/[^/]+|crontabs/[^/]+|spool/cron/[^/]+)$|\.cron(?:tab)?$"
)
_WITH_USER = re.compile(r"(?:^|/)(?:etc/crontab|cron\.d/[^/]+)$")
_ESCAPE = re.compile(r"\\%")
_END = re.compile(r"(?<!\\)%")


class CrontabEditor(LineEditor):
    """Lines of a crontab."""

    name = "crontab"
    restart = (
        "crontab FILE hands a user's own crontab to cron, which reads /etc/cron.d by itself; an "
        "@reboot line runs at the next boot, so end the old agent and start the line's command "
        "once by hand, as its user"
    )

    def detect(self, text: str, path: str) -> bool:
        """A crontab's usual path, or a line for @reboot."""
        return bool(_PATH.search(path)) or (
            not text.startswith("#!") and re.search(r"^[ \t]*@reboot[ \t]", text, re.M) is not None
        )

    def nothing(self) -> str:
        """No line of it is an agent's."""
        return "no line of this crontab starts an agent that this tool recognises"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """One for each line that starts an agent."""
        found: list[Launched] = []
        for line in _LINE.finditer(text):
            start, end = line.span("command")
            user = _USER.match(text, start, end) if _WITH_USER.search(path) else None
            start = user.end() if user else start
            stop = _END.search(text, start, end)
            end = stop.start() if stop else end
            view = View(text).decoded(start, end, _ESCAPE, lambda _: "%", _written)
            where = f"the crontab's line {text.count(chr(10), 0, start) + 1}"
            found += in_script(view, where=where)
        return tuple(found)


def _written(text: str) -> str:
    return text.replace("%", r"\%")
