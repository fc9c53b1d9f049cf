"""``command``: the user's own program for each action (Ansible, Salt, SSM, WinRM ...).

The program is started once per action, without a shell. It gets MIGRATE_ACTION, MIGRATE_NODE,
MIGRATE_CONTROLLER_URL and MIGRATE_HOST in its environment and all that is known as one JSON object
on standard input; never a secret. Exit status 0 is success, anything else is a failure; what it
prints is kept in the journal, masked and cut.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError, not_supported, shown_output
from migrate.drivers.program import run_program
from migrate.model.host_work import JarDone, LaunchDone, RestartDone
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.names import DriverName
from migrate.model.plan_steps import JarUpgrade
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target
from migrate.model.reach import NodeFacts
from migrate.model.serialize import to_data
from migrate.model.text import visible

KEPT_OUTPUT = 2000
"""Characters of a program's output that the journal keeps."""


@dataclass(frozen=True)
class Command:
    """One program; ``facts`` is what the plan knows of the node (host, jar, launch ...)."""

    program: tuple[str, ...]
    actions: tuple[str, ...]
    timeout: float = 600.0
    facts: NodeFacts = field(default_factory=NodeFacts)

    @property
    def name(self) -> DriverName:
        """``command``."""
        return DriverName.COMMAND

    @property
    def starts_stopped(self) -> bool:
        """Where the program knows the action ``restart``."""
        return "restart" in self.actions

    @property
    def by_restarter(self) -> bool:
        """Where it can only disconnect."""
        return not self.starts_stopped

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, target: Target, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """Action ``probe``: a status other than 0 says that the host does not get through."""
        if "probe" not in self.actions:
            return ()
        request = f"{visible(self.program[0])} probe"
        try:
            output = self._act(jenkins, node, "probe", {"url": target.url, "timeout": timeout})
        except DriverError as error:
            return (
                ProbeAnswer(
                    id="command-probe",
                    request=request,
                    answer=error.cause,
                    verdict=Verdict.FAIL,
                    layer="network",
                    cause=error.cause,
                    fix="run the program by hand with MIGRATE_ACTION=probe",
                    code="unexpected",
                ),
            )
        answer, cause = f"exit 0: {output}", "the program says that the host gets through"
        return (ProbeAnswer("command-probe", request, answer, Verdict.PASS, "jenkins", cause),)

    def upgrade(self, jenkins: ControllerPort, node: str, upgrade: JarUpgrade) -> JarDone:
        """Action ``upgrade``: bring the jar with ``sha256`` from ``url`` to ``jar``."""
        output = self._act(jenkins, node, "upgrade", {"upgrade": to_data(upgrade)})
        return JarDone(
            jar=upgrade.jar,
            before_sha256=upgrade.from_sha256,
            after_sha256=upgrade.sha256,
            backup="kept by the program",
            exit=0,
            output=output,
        )

    def restore_jar(self, jenkins: ControllerPort, node: str, done: JarDone) -> None:
        """Action ``rollback`` with ``what`` = ``upgrade``."""
        self._act(jenkins, node, "rollback", {"what": "upgrade", "done": to_data(done)})

    def read_file(self, jenkins: ControllerPort, node: str, path: str) -> bytes | None:
        """Not possible: the program knows its files itself."""
        del jenkins, path
        raise not_supported(self.name, "read the launch", node)

    def switch_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Action ``switch``: change the launch where it lives."""
        del edits
        return LaunchDone(exit=0, output=self._act(jenkins, node, "switch", {}))

    def restore_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Action ``rollback`` with ``what`` = ``switch``."""
        del edits
        output = self._act(jenkins, node, "rollback", {"what": "switch"})
        return LaunchDone(exit=0, output=output)

    def restart(self, jenkins: ControllerPort, node: str, reason: str) -> RestartDone:
        """Action ``restart``, or a disconnect where the program does not know it."""
        if "restart" not in self.actions:
            jenkins.disconnect(node, reason)
            return RestartDone(by="disconnect")
        return RestartDone(exit=0, output=self._act(jenkins, node, "restart", {"reason": reason}))

    def _act(
        self, jenkins: ControllerPort, node: str, action: str, more: Mapping[str, object]
    ) -> str:
        """Run it for one action; the end of what it printed, masked."""
        if action not in self.actions:
            raise not_supported(self.name, f"do the action {action!r} for the agent", node)
        told = {
            "action": action,
            "node": node,
            "controller_url": jenkins.url,
            "agent": to_data(self.facts),
            **more,
        }
        place = f"{visible(self.program[0])} ({action}) for node {visible(node)}"
        again = "run it by hand with the same MIGRATE_* variables"
        try:
            done = run_program(
                self.program,
                stdin=json.dumps(told, sort_keys=True).encode(),
                env=self._environment(jenkins, node, action),
                timeout=self.timeout,
            )
        except OSError as error:
            raise DriverError(
                f"{place} cannot be started: {error.strerror}",
                next_command="look at drivers: command: program: in the --config file",
            ) from None
        if done.code is None:
            raise DriverError(
                f"{place} did not end within {self.timeout:.0f} s", next_command=again
            )
        output = shown_output(done.out.decode("utf-8", "replace"), KEPT_OUTPUT)
        if done.code != 0:
            raise DriverError(
                f"{place} ended with {done.code}: {output or 'no output'}", next_command=again
            )
        return output

    def _environment(self, jenkins: ControllerPort, node: str, action: str) -> dict[str, str]:
        return dict(os.environ) | {
            "MIGRATE_ACTION": action,
            # A NUL cannot stand in an environment; Jenkins has no such node names.
            "MIGRATE_NODE": node.replace("\0", ""),
            "MIGRATE_HOST": (self.facts.host or "").replace("\0", ""),
            "MIGRATE_CONTROLLER_URL": jenkins.url,
        }
