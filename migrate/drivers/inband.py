"""``inband``: ``reread``, and code on the agent's host through the node's script console.

Needs Overall/Administer and a connected agent. The scripts are in jenkins/scripts. A launch is
edited only where the agent's own user may write it, and the agent ends only where its supervisor,
asked right before, starts it again (``migrate.agents.restart``).
"""

import base64
import hashlib
from dataclasses import dataclass

from migrate.agents.restart import EXIT, USER_UNIT, Restart, restart_of
from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError, LaunchChanged
from migrate.drivers.reread import Reread
from migrate.jenkins.errors import NodeOffline
from migrate.jenkins.launch import launch_from
from migrate.model.host_work import JarDone, LaunchDone, RestartDone, WrittenFile
from migrate.model.inventory import ProbeAnswer
from migrate.model.names import DriverName
from migrate.model.plan_steps import JarUpgrade
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target
from migrate.model.serialize import from_data
from migrate.model.text import visible
from migrate.probe.host_script import arguments
from migrate.probe.judge import judge_host_probe

MOST_BYTES = 32 << 10
"""A launch file is a few lines. A larger one could be read, but not written back: a script's
arguments stand in one string constant, of which Java's class files take 65535 bytes."""
ANSWER_FIRST = 2.0
"""Seconds between the answer of restart-agent and the end of the process: the answer has to reach
the controller, and each call on a channel took up to 0.15 s (facts E)."""


@dataclass(frozen=True)
class Inband(Reread):
    """Everything through the agent itself; without ``by`` it is restarted by doDisconnect."""

    by: str = ""
    """How the plan says that it starts from an edited launch: ``exit``, ``user-unit``,
    ``service``; empty: it reads its JNLP file again."""
    unit: str = ""

    name = DriverName.INBAND

    @property
    def by_restarter(self) -> bool:
        """Unless its process is ended."""
        return self.by not in (EXIT, USER_UNIT)

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, target: Target, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """Ask ``target`` from the agent's own host, without a secret."""
        result = jenkins.run_script("probe-from-host", arguments(target, timeout), node=node)
        return judge_host_probe(result, target.url)

    def upgrade(self, jenkins: ControllerPort, node: str, upgrade: JarUpgrade) -> JarDone:
        """Download beside, compare SHA-256, keep the old jar, rename (31-jarswap-e-*-mv.txt)."""
        wanted = {"jar": upgrade.jar, "url": upgrade.url, "sha256": upgrade.sha256}
        answer = jenkins.run_script("upgrade-jar", wanted, node=node)
        try:
            return from_data(answer, JarDone)
        except ValueError:
            raise _unreadable(node, upgrade.jar or "agent.jar") from None

    def restore_jar(self, jenkins: ControllerPort, node: str, done: JarDone) -> None:
        """Rename a copy of the kept jar back into place."""
        wanted = {"jar": done.jar, "backup": done.backup, "sha256": done.before_sha256}
        jenkins.run_script("restore-jar", wanted, node=node)

    def read_file(self, jenkins: ControllerPort, node: str, path: str) -> bytes | None:
        """The file, or None. ``DriverError`` for an answer that no such script gives."""
        asked = {"path": path, "limit": MOST_BYTES}
        answer = jenkins.run_script("read-launch-file", asked, node=node)
        if isinstance(answer, dict) and answer.get("missing") is True:
            return None
        try:
            return base64.b64decode(answer["body"], validate=True)
        except (TypeError, KeyError, ValueError):
            raise _unreadable(node, path) from None

    def switch_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Write each file; nothing counts before the restart."""
        return LaunchDone(files=tuple(self._put(jenkins, node, edit) for edit in edits))

    def restore_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """The old files in the opposite order."""
        back = (edit.back() for edit in reversed(edits))
        return LaunchDone(files=tuple(self._put(jenkins, node, edit) for edit in back))

    def restart(self, jenkins: ControllerPort, node: str, reason: str) -> RestartDone:
        """As the plan says, if the supervisor still does so; else nothing is ended.

        An agent that is away already has been ended by an earlier call: it is waited for.
        """
        if not self.by:
            return super().restart(jenkins, node, reason)
        try:
            found = restart_of(launch_from(jenkins.run_script("describe-launch", {}, node=node)))
            self._compare(node, found)
            if self.by not in (EXIT, USER_UNIT):
                jenkins.disconnect(node, reason)
                return RestartDone(by="disconnect, and its service is started anew")
            asked = {"by": self.by, "unit": self.unit, "delay": ANSWER_FIRST}
            if self.by == EXIT:
                asked["status"] = found.status
            jenkins.run_script("restart-agent", asked, node=node)
        except NodeOffline:
            return RestartDone(by="it was away already")
        how = f"exit {found.status}" if self.by == EXIT else "systemctl --user restart"
        return RestartDone(by=f"{how}, {self.unit}")

    def _compare(self, node: str, found: Restart) -> None:
        if (found.by, found.unit) == (self.by, self.unit):
            return
        told = found.obstacle or f"it would now be restarted by {found.by} {found.unit}".strip()
        raise DriverError(
            f"node {visible(node)} was not restarted: {visible(told)}",
            next_command="migrate plan --name NEW-NAME",
        )

    def _put(self, jenkins: ControllerPort, node: str, edit: FileEdit) -> WrittenFile:
        asked = {"path": edit.path, "before": _digest(edit.before), "after": _digest(edit.after)}
        if edit.after is not None:
            asked["body"] = base64.b64encode(edit.after).decode("ascii")
            asked["mode"] = None if edit.mode is None else f"{edit.mode:o}"
        answer = jenkins.run_script("write-launch-file", asked, node=node)
        state = answer.get("state") if isinstance(answer, dict) else None
        if state == "changed":
            raise LaunchChanged(node, edit.path)
        if state not in ("written", "already", "removed"):
            raise _unreadable(node, edit.path)
        return WrittenFile(path=edit.path, state=state)


def _digest(body: bytes | None) -> str | None:
    return None if body is None else hashlib.sha256(body).hexdigest()


def _unreadable(node: str, path: str) -> DriverError:
    return DriverError(
        f"node {visible(node)}: what came back about {visible(path)} is not what the script says",
        next_command="migrate scan",
    )
