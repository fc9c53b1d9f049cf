"""``ssh``: files, units and jars on the agent's host through the system's OpenSSH client.

The user's own configuration decides jump hosts, keys and known hosts. Whatever is written goes to
a temporary file beside the old one, is compared by SHA-256 and renamed; the unit is restarted with
systemctl, and without a unit a ``-jnlpUrl`` agent is restarted by a disconnect, like ``reread``.
"""

import hashlib
from dataclasses import dataclass, replace
from urllib.parse import quote

from migrate.drivers import ssh_scripts as scripts
from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError, LaunchChanged, shown_output
from migrate.drivers.remote_shell import Answer, Host, run, whole
from migrate.drivers.ssh_vouch import UNVOUCHED, VOUCH
from migrate.model.access import is_user
from migrate.model.host_work import JarDone, LaunchDone, RestartDone
from migrate.model.inventory import ProbeAnswer
from migrate.model.names import DriverName
from migrate.model.plan_steps import JarUpgrade
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target
from migrate.model.probe_scripts import shell_functions
from migrate.model.text import visible
from migrate.probe.host_curl import curl_result
from migrate.probe.judge import judge_host_probe

JAR_TIMEOUT = 300.0
RESTART_TIMEOUT = 180.0
"""Seconds: systemd waits 90 s for a process to stop before it kills it."""


@dataclass(frozen=True)
class Ssh:
    """Everything on one host; ``unit`` is the systemd unit of the agent, empty for none."""

    host: Host
    unit: str = ""

    @property
    def name(self) -> DriverName:
        """``ssh``."""
        return DriverName.SSH

    @property
    def starts_stopped(self) -> bool:
        """systemctl starts what has ended."""
        return bool(self.unit)

    @property
    def by_restarter(self) -> bool:
        """Where it can only disconnect."""
        return not self.starts_stopped

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, target: Target, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """Ask ``target`` with the host's curl; empty where there is none."""
        del jenkins, node
        url = target.url if target.url.endswith("/") else target.url + "/"
        asked = {"URL": url, "TIMEOUT": str(max(3, round(timeout)))}
        plain = replace(self.host, sudo=False)
        script = shell_functions(target) + scripts.PROBE
        done = run(plain, script, asked, timeout=2 * timeout + 30)
        if done.status != 0:
            return ()
        answers = judge_host_probe(curl_result(done.out.decode("utf-8", "replace")), url, curl=True)
        return tuple(a for a in answers if a.id != "wsagents-made-up")

    def upgrade(self, jenkins: ControllerPort, node: str, upgrade: JarUpgrade) -> JarDone:
        """Send the controller's jar over the same session; the old one is kept beside it."""
        jar, wanted = str(upgrade.jar), str(upgrade.sha256)
        body = jenkins.jar_bytes()
        if hashlib.sha256(body).hexdigest() != wanted:
            raise DriverError(
                "the controller now serves another agent.jar than the plan says",
                next_command="migrate plan --name NEW-NAME",
            )
        done = self._write(
            node,
            scripts.UPGRADE,
            {"FILE": jar, "FROM": upgrade.from_sha256 or "", "AFTER": wanted},
            body,
            timeout=JAR_TIMEOUT,
        )
        before, _, after = done.out.decode("ascii", "replace").strip().partition(" ")
        if after != wanted:
            raise DriverError(
                f"agent.jar of node {visible(node)} was written, but reads back otherwise",
                next_command=f"ssh {self.host.name} sha256sum {visible(jar)}",
            )
        kept = None if before == after else f"{jar}.migrate-{before[:12]}"
        return JarDone(jar=jar, before_sha256=before, after_sha256=after, backup=kept)

    def restore_jar(self, jenkins: ControllerPort, node: str, done: JarDone) -> None:
        """Rename a copy of the kept jar back into place."""
        del jenkins
        before = str(done.before_sha256)
        kept = done.backup or f"{done.jar}.migrate-{before[:12]}"
        names = {"FILE": str(done.jar), "KEPT": kept, "BEFORE": before}
        self._write(node, scripts.RESTORE, names)

    def read_file(self, jenkins: ControllerPort, node: str, path: str) -> bytes | None:
        """The file, or None."""
        del jenkins
        done = self._read(node, path)
        if done.status == scripts.MISSING:
            return None
        self._check(node, path, done)
        return done.out

    def switch_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Write each file, and have systemd read its units again."""
        del jenkins
        for edit in edits:
            self._put(node, edit)
        return self._reload(node)

    def restore_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """The old files in the opposite order."""
        del jenkins
        for edit in reversed(edits):
            self._put(node, edit.back())
        return self._reload(node)

    def restart(self, jenkins: ControllerPort, node: str, reason: str) -> RestartDone:
        """``systemctl restart UNIT``; without a unit a disconnect."""
        if not self.unit:
            jenkins.disconnect(node, reason)
            return RestartDone(by="disconnect")
        script, asked = self._vouched(node, scripts.RESTART, {"FILE": ""})
        asked |= {"UNIT": self.unit}
        done = self._run(node, script, asked, timeout=RESTART_TIMEOUT)
        state = visible(done.out.decode("utf-8", "replace").strip())
        by = f"systemctl restart {self.unit} on {self.host.name}"
        return RestartDone(by=by, unit_state=state)

    def _put(self, node: str, edit: FileEdit) -> None:
        names = {"FILE": edit.path, "BEFORE": _digest(edit.before), "AFTER": _digest(edit.after)}
        if edit.after is None:
            self._write(node, scripts.REMOVE, names)
            return
        if edit.mode is not None:
            names["MODE"] = f"{edit.mode:o}"
        if edit.owner is not None:
            # The name comes from the agent, and chown takes more than names.
            if not is_user(edit.owner):
                raise DriverError(
                    f"{visible(edit.owner)!r} is not the name of a user who could own "
                    f"{visible(edit.path)}",
                    next_command="migrate plan --name NEW-NAME    # without --secrets-to-files",
                )
            names["OWNER"] = edit.owner
        self._write(node, scripts.WRITE, {"MODE": "", "OWNER": "", **names}, edit.after)

    def _reload(self, node: str) -> LaunchDone:
        if self.unit:
            self._run(node, scripts.RELOAD, {})
        return LaunchDone(host=self.host.name)

    def _run(
        self,
        node: str,
        script: str,
        variables: dict[str, str],
        payload: bytes = b"",
        timeout: float = 60.0,
    ) -> Answer:
        done = run(self.host, script, variables, payload=payload, timeout=timeout)
        self._check(node, variables.get("FILE", variables.get("UNIT", "")), done)
        return done

    def _write(
        self,
        node: str,
        script: str,
        variables: dict[str, str],
        payload: bytes = b"",
        timeout: float = 60.0,
    ) -> Answer:
        """As the owner of the place, where that is not root (``AS_OWNER``)."""
        asked = {"FILE": variables["FILE"], "BODY": whole(script, variables)}
        guarded, asked = self._vouched(node, scripts.AS_OWNER, asked)
        if script == scripts.REMOVE or variables.get("OWNER"):
            # What this tool itself makes for the agent's secret, and takes away.
            asked["NEAR"] = "1"
        return self._run(node, guarded, asked, payload, timeout)

    def _read(self, node: str, path: str) -> Answer:
        body = whole(scripts.READ, {"FILE": path})
        script, asked = self._vouched(node, 'eval "$BODY"', {"FILE": path, "BODY": body})
        return run(self.host, script, asked)

    def _vouched(
        self, node: str, script: str, variables: dict[str, str]
    ) -> tuple[str, dict[str, str]]:
        """``script`` behind the host's own word for what the agent said, where root would act."""
        if not (self.host.sudo and self.unit):
            return script, variables
        told = {"UNIT": self.unit, "NODE": node, "NODE_URL": quote(node, safe="()"), "NEAR": ""}
        return VOUCH + script, {"BODY": "", **told, **variables}

    def _check(self, node: str, subject: str, done: Answer) -> None:
        if done.status == 0:
            return
        if done.status == scripts.CHANGED:
            raise LaunchChanged(node, subject)
        where = f"on host {self.host.name}"
        if done.status == UNVOUCHED:
            raise DriverError(
                f"node {visible(node)}: systemd {where} knows of no agent of this node in "
                f"{self.unit}, as the agent says, so root does nothing there",
                next_command=f"ssh {self.host.name} systemctl status {self.unit}    # then: "
                "migrate plan --name NEW-NAME",
            )
        if done.status == scripts.MISSING:
            told = f"there is no {visible(subject)} {where}"
        elif done.status == scripts.DAMAGED:
            told = f"{visible(subject)} {where} arrived damaged; the old file is untouched"
        else:
            said = shown_output(done.err, 400) or shown_output(done.out.decode("utf-8", "replace"))
            told = f"{visible(subject) or 'a command'} {where} failed ({done.status}): {said}"
        raise DriverError(
            f"node {visible(node)}: {told}", next_command=f"ssh {self.host.name}, and look there"
        )


def _digest(body: bytes | None) -> str:
    return "none" if body is None else hashlib.sha256(body).hexdigest()
