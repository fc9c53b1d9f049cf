"""Which editor a launch file needs."""

from migrate.agents.launch.argument_file import ArgumentFileEditor
from migrate.agents.launch.base import Editor
from migrate.agents.launch.batch import BatchEditor
from migrate.agents.launch.compose import ComposeEditor
from migrate.agents.launch.crontab import CrontabEditor
from migrate.agents.launch.env_file import EnvFileEditor
from migrate.agents.launch.launchd import LaunchdEditor
from migrate.agents.launch.powershell import PowerShellEditor
from migrate.agents.launch.quadlet import QuadletEditor
from migrate.agents.launch.shell import ShellEditor
from migrate.agents.launch.supervisord import SupervisordEditor
from migrate.agents.launch.systemd import SystemdEditor
from migrate.agents.launch.task import TaskEditor
from migrate.agents.launch.upstart import UpstartEditor
from migrate.agents.launch.winsw import WinswEditor
from migrate.splice.text import NotEditable

EDITORS: tuple[Editor, ...] = (
    QuadletEditor(),
    SystemdEditor(),
    LaunchdEditor(),
    WinswEditor(),
    TaskEditor(),
    ComposeEditor(),
    SupervisordEditor(),
    BatchEditor(),
    PowerShellEditor(),
    ShellEditor(),
    CrontabEditor(),
    UpstartEditor(),
    ArgumentFileEditor(),
    EnvFileEditor(),
)
"""In the order in which they are asked: the most particular first."""


def editor_for(text: str, path: str) -> Editor:
    """The first that recognises the file; ``NotEditable`` for a kind that none knows."""
    for editor in EDITORS:
        if editor.detect(text, path):
            return editor
    raise NotEditable("no editor knows this kind of file", path)
