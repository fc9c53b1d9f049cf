"""Which editor a launch file needs."""

from migrate.files.launch.argument_file import ArgumentFileEditor
from migrate.files.launch.base import Editor, NotEditable
from migrate.files.launch.batch import BatchEditor
from migrate.files.launch.compose import ComposeEditor
from migrate.files.launch.crontab import CrontabEditor
from migrate.files.launch.env_file import EnvFileEditor
from migrate.files.launch.launchd import LaunchdEditor
from migrate.files.launch.powershell import PowerShellEditor
from migrate.files.launch.quadlet import QuadletEditor
from migrate.files.launch.shell import ShellEditor
from migrate.files.launch.supervisord import SupervisordEditor
from migrate.files.launch.systemd import SystemdEditor
from migrate.files.launch.task import TaskEditor
from migrate.files.launch.upstart import UpstartEditor
from migrate.files.launch.winsw import WinswEditor

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
