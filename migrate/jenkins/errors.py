"""What can go wrong with the controller: each failure names its cause and the next command.

Unreachable, refused and forbidden are ``BLOCKED`` (exit 3: nothing was changed by the call
that failed); a node that is gone is ``DRIFT``; an answer that no Jenkins gives is ``FAILED``.
"""

from migrate.model.errors import ExitCode, MigrateError

_PERMISSIONS = {
    "hudson.model.Hudson.": "Overall/",
    "jenkins.model.Jenkins.": "Overall/",
    "hudson.model.Computer.": "Agent/",
    "hudson.model.Item.": "Job/",
}


def permission_name(permission_id: str) -> str:
    """``Agent/Configure`` for ``hudson.model.Computer.Configure``; unknown ids as they are."""
    for prefix, group in _PERMISSIONS.items():
        if permission_id.startswith(prefix):
            return group + permission_id[len(prefix) :]
    return permission_id


class JenkinsError(MigrateError):
    """Any failure while talking to the controller."""


class Unreachable(JenkinsError):
    """No connection, no answer in time, or a controller that is still starting (503).

    ``status``: 502, 503 or 504 where something answered so. ``late``: the connection stood, and no
    answer came in the time that it was waited for.
    """

    exit_code = ExitCode.BLOCKED
    transient = True

    def __init__(
        self,
        cause: str,
        *,
        status: int = 0,
        late: bool = False,
        next_command: str = "migrate doctor",
    ) -> None:
        super().__init__(cause, next_command=next_command)
        self.status = status
        self.late = late


class BadTls(JenkinsError):
    """The certificate is not trusted or is not for this host. Waiting does not help."""

    exit_code = ExitCode.BLOCKED


class BadUrl(JenkinsError):
    """The controller's URL cannot be used as it was given."""

    exit_code = ExitCode.USAGE


class AuthFailed(JenkinsError):
    """401: wrong user or token, or anonymous where somebody must log in."""

    exit_code = ExitCode.BLOCKED


class Forbidden(JenkinsError):
    """403: the user is known and lacks a permission, which ``permission`` names."""

    exit_code = ExitCode.BLOCKED

    def __init__(self, cause: str, *, permission: str, next_command: str = "migrate doctor"):
        super().__init__(cause, next_command=next_command)
        self.permission = permission


class NodeGone(JenkinsError):
    """The controller has no node with this name (any more)."""

    exit_code = ExitCode.DRIFT

    def __init__(self, name: str) -> None:
        super().__init__(f"the controller has no node {name!r}", next_command="migrate scan")
        self.name = name


class NodeOffline(JenkinsError):
    """A script was to run on an agent that is not connected."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the agent of node {name!r} is not connected, so no script can run on it",
            next_command="migrate scan",
        )
        self.name = name


class RedactedConfig(JenkinsError):
    """config.xml came with its secrets blanked; posting it back would destroy them."""

    exit_code = ExitCode.BLOCKED

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Jenkins blanks the secrets in config.xml of node {name!r} for this user, "
            "so it must not be written back; give the user Agent/Configure"
        )


class NotEditable(JenkinsError):
    """A config.xml that this tool does not understand well enough to change."""

    exit_code = ExitCode.BLOCKED

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"config.xml is left alone: {reason}", next_command="migrate plan --exclude NODE"
        )
        self.reason = reason


class ScriptFailed(JenkinsError):
    """One of this tool's scripts threw, or its output had no result."""

    def __init__(self, script: str, where: str, first_line: str) -> None:
        super().__init__(
            f"the script {script} failed on {where}: {first_line or 'it printed nothing'}"
        )
        self.script = script


class UnexpectedAnswer(JenkinsError):
    """A status or a body that the recordings of real controllers do not explain."""


class EndlessAnswer(UnexpectedAnswer):
    """An answer that is larger, or takes longer, than one may.

    ``late``: only its time was over, so that another call may well succeed.
    """

    def __init__(self, cause: str, *, late: bool = False) -> None:
        super().__init__(cause)
        self.transient = late
