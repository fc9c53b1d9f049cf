"""Which editor a launch file needs."""

from migrate.files.launch.base import Editor, NotEditable
from migrate.files.launch.compose import ComposeEditor
from migrate.files.launch.env_file import EnvFileEditor
from migrate.files.launch.launchd import LaunchdEditor
from migrate.files.launch.shell import ShellEditor
from migrate.files.launch.systemd import SystemdEditor
from migrate.files.launch.winsw import WinswEditor

EDITORS: tuple[Editor, ...] = (
    SystemdEditor(),
    LaunchdEditor(),
    WinswEditor(),
    ComposeEditor(),
    ShellEditor(),
    EnvFileEditor(),
)
"""In the order in which they are asked: the most particular first."""


def editor_for(text: str, path: str) -> Editor:
    """The first that recognises the file; ``NotEditable`` for a kind that none knows."""
    for editor in EDITORS:
        if editor.detect(text, path):
            return editor
    raise NotEditable("no editor knows this kind of file", path)
