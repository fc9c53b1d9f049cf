"""What is done to one node and its agent."""

import msgspec

from migrate.model.host_work import JarDone, LaunchDone, RestartDone
from migrate.model.journal.base import (
    Acted,
    Action,
    BackupRef,
    Intent,
    Note,
    Outcome,
    Undo,
    Undone,
)
from migrate.model.plan_steps import JarUpgrade


class HoldIntent(Intent, frozen=True, kw_only=True, tag=Action.HOLD.value):
    """The node's offline mark is set."""

    node: str
    reason: str
    """What the mark says."""


class HoldOutcome(Outcome, frozen=True, kw_only=True, tag=Action.HOLD.value):
    """It was set."""


class HoldUndone(Undone, frozen=True, kw_only=True, tag=Action.HOLD.value):
    """There is no node any more that could have the mark."""


class HoldNote(Note, frozen=True, kw_only=True, tag=Action.HOLD.value):
    """Somebody else had marked it; their mark stays."""

    already_marked_by: str = ""
    reason: str = ""


class ReleaseIntent(Intent, frozen=True, kw_only=True, tag=Action.RELEASE.value):
    """This run's mark is cleared."""

    node: str


class ReleaseOutcome(Outcome, frozen=True, kw_only=True, tag=Action.RELEASE.value):
    """It was cleared, or left for a reason."""

    note: str = ""


class ReleaseUndone(Undone, frozen=True, kw_only=True, tag=Action.RELEASE.value):
    """There is no node any more that could have the mark."""


class KeepMarkIntent(Intent, frozen=True, kw_only=True, tag=Action.KEEP_MARK.value):
    """The mark gets its reason again."""

    node: str
    reason: str


class KeepMarkOutcome(Outcome, frozen=True, kw_only=True, tag=Action.KEEP_MARK.value):
    """It has it."""


class KeepMarkUndone(Undone, frozen=True, kw_only=True, tag=Action.KEEP_MARK.value):
    """There is no node any more that could have the mark."""


class SwitchIntent(Intent, frozen=True, kw_only=True, tag=Action.SWITCH.value):
    """config.xml is sent with another launcher."""

    node: str
    backup: str
    """The old config.xml, without this run's mark."""
    sha256: str
    """Of the backup."""
    web_socket: bool
    """As it was."""
    tunnel: str | None
    before_digest: str
    """Of what was read (``jenkins.node_config.digest``)."""
    after_digest: str
    """Of what is sent."""

    @property
    def kept(self) -> BackupRef:
        """The old config.xml."""
        return BackupRef(self.backup, self.sha256)

    def backups(self) -> tuple[BackupRef, ...]:
        """The old config.xml."""
        return (self.kept,)


class SwitchOutcome(Outcome, frozen=True, kw_only=True, tag=Action.SWITCH.value):
    """It was sent."""

    read_back_digest: str = ""


class SwitchUndo(Undo, frozen=True, kw_only=True, tag=Action.SWITCH.value):
    """The old one is sent."""


class SwitchUndone(Undone, frozen=True, kw_only=True, tag=Action.SWITCH.value):
    """It reads as it was."""

    sha256: str = ""
    """Digest of what reads now."""


class SwitchNote(Note, frozen=True, kw_only=True, tag=Action.SWITCH.value):
    """Nothing had to be sent."""


class KeptFile(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A file of a launch, and both its contents in the run's ``backup/``."""

    path: str
    """On the agent's host."""
    mode: int | None = None
    owner: str | None = None
    before_backup: str | None = None
    """None: there was no such file."""
    before_sha256: str | None = None
    after_backup: str | None = None
    """None: the file goes."""
    after_sha256: str | None = None

    @property
    def before(self) -> BackupRef | None:
        """What it was."""
        return _kept(self.before_backup, self.before_sha256)

    @property
    def after(self) -> BackupRef | None:
        """What is written."""
        return _kept(self.after_backup, self.after_sha256)


def _kept(file: str | None, sha256: str | None) -> BackupRef | None:
    return BackupRef(file, sha256 or "") if file is not None else None


class LaunchIntent(Intent, frozen=True, kw_only=True, tag=Action.LAUNCH.value):
    """The files of its launch are edited."""

    node: str
    files: tuple[KeptFile, ...]
    """None where the operator's program knows them."""

    def backups(self) -> tuple[BackupRef, ...]:
        """Both contents of each file."""
        sides = (side for file in self.files for side in (file.before, file.after))
        return tuple(side for side in sides if side is not None)


class LaunchOutcome(Outcome, frozen=True, kw_only=True, tag=Action.LAUNCH.value):
    """They were."""

    done: LaunchDone | None = None


class LaunchUndo(Undo, frozen=True, kw_only=True, tag=Action.LAUNCH.value):
    """They are written back."""


class LaunchUndone(Undone, frozen=True, kw_only=True, tag=Action.LAUNCH.value):
    """They are as they were."""

    done: LaunchDone | None = None


class LaunchNote(Note, frozen=True, kw_only=True, tag=Action.LAUNCH.value):
    """What is worth knowing of the edit."""


class UpgradeIntent(Intent, frozen=True, kw_only=True, tag=Action.UPGRADE.value):
    """agent.jar is replaced: what the step's ``JarUpgrade`` says."""

    from_version: str | None = msgspec.field(name="from", default=None)
    from_sha256: str | None = None
    to: str
    sha256: str | None
    jar: str | None
    url: str
    host: str | None = None
    shared_with: tuple[str, ...] = ()

    @classmethod
    def of(cls, upgrade: JarUpgrade) -> "UpgradeIntent":
        """As the step says it."""
        return cls(**msgspec.structs.asdict(upgrade))

    @property
    def upgrade(self) -> JarUpgrade:
        """As the step said it."""
        said = msgspec.structs.asdict(self)
        return JarUpgrade(**{name: said[name] for name in JarUpgrade.__struct_fields__})


class UpgradeOutcome(Outcome, frozen=True, kw_only=True, tag=Action.UPGRADE.value):
    """It was replaced."""

    done: JarDone | None = None


class UpgradeUndo(Undo, frozen=True, kw_only=True, tag=Action.UPGRADE.value):
    """The old one is put back."""

    jar: str | None = None
    asks: str | None = None
    """The jar whose backup is asked for first, since no outcome tells it."""


class UpgradeUndone(Undone, frozen=True, kw_only=True, tag=Action.UPGRADE.value):
    """It was, or it stays."""

    jar: str | None = None
    kept_for: tuple[str, ...] = ()
    """Nodes that still need the new one, so that it stays."""


class RestartIntent(Intent, frozen=True, kw_only=True, tag=Action.RESTART.value):
    """The agent is made to connect again."""

    node: str
    session: str = ""
    """Of its log before that (``AgentLog.session``)."""


class RestartOutcome(Outcome, frozen=True, kw_only=True, tag=Action.RESTART.value):
    """It was asked to."""

    done: RestartDone | None = None


class RestartUndo(Undo, frozen=True, kw_only=True, tag=Action.RESTART.value):
    """It is made to connect as before."""


class RestartUndone(Undone, frozen=True, kw_only=True, tag=Action.RESTART.value):
    """It was."""


NODE_ENTRIES: tuple[type[Acted], ...] = (
    HoldIntent, HoldOutcome, HoldUndone, HoldNote,
    ReleaseIntent, ReleaseOutcome, ReleaseUndone,
    KeepMarkIntent, KeepMarkOutcome, KeepMarkUndone,
    SwitchIntent, SwitchOutcome, SwitchUndo, SwitchUndone, SwitchNote,
    LaunchIntent, LaunchOutcome, LaunchUndo, LaunchUndone, LaunchNote,
    UpgradeIntent, UpgradeOutcome, UpgradeUndo, UpgradeUndone,
    RestartIntent, RestartOutcome, RestartUndo, RestartUndone,
)  # fmt: skip
