"""Nodes as Jenkins' REST API shows them, and how a reading becomes a ``Node``. Pure.

Both ways of reading (REST, script console) end in ``NodeReading``, and one function makes the
``Node`` of it, so that both give the same inventory.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from migrate.jenkins.errors import NotEditable, UnexpectedAnswer
from migrate.jenkins.http import BUILT_IN
from migrate.jenkins.node_config import LauncherFacts, digest, is_redacted, read_launcher
from migrate.jenkins.node_mark import plain
from migrate.jenkins.xml_spans import is_cut_off
from migrate.model.inventory import LauncherKind, Node, OfflineMark, Skip, Transport
from migrate.model.ports import AgentLog, NodeState
from migrate.model.secrets import mask
from migrate.net.answers import has_lone, whole_values

_FIELDS = (
    "_class,displayName,description,offline,temporarilyOffline,offlineCause[_class,description],"
    "offlineCauseReason,idle,numExecutors,assignedLabels[name],absoluteRemotePath,"
    "executors[idle,currentExecutable[_class]],oneOffExecutors[idle,currentExecutable[_class]]"
)
NODE_TREE = _FIELDS
ALL_NODES_TREE = f"computer[{_FIELDS}]"

MOST_TEXT = 16 << 10
"""Characters of a description or a reason."""
MOST_LABELS = 1000
MOST_NAME = 1000
"""Characters; Jenkins keeps each node in a folder of its name."""
_LOST = ("ChannelTermination", "LaunchFailed", "IdleOfflineCause")
"""Causes that say that there is no channel; all others only mark a node."""
_BY = re.compile(r"^Disconnected by (.*)$", re.DOTALL)


@dataclass(frozen=True)
class ComputerState:
    """One element of /computer/api/json."""

    name: str
    built_in: bool
    offline: bool
    marked: bool
    """Temporarily offline, whoever marked it."""
    lost: bool
    """The cause says that the channel is gone."""
    remote_path: str | None
    """Set only while connected, and only shown with Agent/Connect."""
    busy: int
    idle: bool
    mark: OfflineMark | None
    offline_reason: str
    labels: tuple[str, ...]
    description: str
    executors: int

    @property
    def connected(self) -> bool | None:
        """None: marked, and nothing here tells whether its agent is connected; ask its log.

        A mark whose cause is a lost connection keeps that cause when its agent is back, once any
        node was saved in between (``Computer.setNode`` up to 2.481; seen on 2.361.4).
        """
        if not self.offline:
            return True
        if not self.marked:
            return False
        return True if self.remote_path else None


@dataclass(frozen=True)
class NodeReading:
    """All that was read about a node, whichever way."""

    name: str
    built_in: bool = False
    online: bool = False
    busy: int = 0
    mark: OfflineMark | None = None
    offline_reason: str = ""
    labels: tuple[str, ...] = ()
    description: str = ""
    executors: int = 1
    config: bytes | None = None
    log: AgentLog | None = None
    skips: tuple[Skip, ...] = ()


def computer_state(data: dict[str, Any]) -> ComputerState:
    """Read one computer; ``UnexpectedAnswer`` without the fields that every core exports, or with
    a name that is none."""
    name = name_in(data)
    if name is None or not isinstance(data.get("offline"), bool):
        raise UnexpectedAnswer("/computer/api/json has a node without displayName or offline")
    if has_lone(name):
        raise UnexpectedAnswer("its name is no text: it holds half of a surrogate pair")
    if len(name) > MOST_NAME:
        raise UnexpectedAnswer(f"its name has {len(name):,} characters, and is no file name")
    data = dict(whole_values(data))
    built_in = is_built_in(data)
    cause = data.get("offlineCause")
    cause = cause if isinstance(cause, dict) else {}
    cause_class = str(cause.get("_class", "")).rpartition("$")[2]
    marked = bool(data.get("temporarilyOffline"))
    lost = not cause_class or cause_class in _LOST
    reason = plain(str(data.get("offlineCauseReason") or ""))
    busy = _busy(data)
    labels = (entry.get("name") for entry in _dicts(data.get("assignedLabels")))
    executors = data.get("numExecutors")
    return ComputerState(
        name=BUILT_IN if built_in else name,
        built_in=built_in,
        offline=data["offline"],
        marked=marked,
        lost=lost,
        remote_path=data.get("absoluteRemotePath") or None,
        busy=busy,
        idle=bool(data.get("idle", not busy)),
        mark=_mark(cause, reason, lost) if marked else None,
        offline_reason=reason,
        labels=tuple(sorted(str(label) for label in labels if label and label != name)),
        description=str(data.get("description") or ""),
        executors=executors if isinstance(executors, int) else 1,
    )


def name_in(data: dict[str, Any]) -> str | None:
    """The name in one element of /computer/api/json; None: it has none."""
    name = data.get("displayName")
    return name if isinstance(name, str) else None


def is_built_in(data: dict[str, Any]) -> bool:
    """Whether it is the controller's own node."""
    return str(data.get("_class", "")).endswith("MasterComputer")


def node_state(computer: ComputerState, log: AgentLog | None) -> NodeState:
    """The node right now. ``log`` settles what a mark hides; without it the mark is believed."""
    return NodeState(
        name=computer.name,
        online=is_online(computer, log),
        busy=computer.busy,
        mark=computer.mark,
        offline_reason=computer.offline_reason,
        idle=computer.idle and not computer.busy,
    )


def reading_of(computer: ComputerState, log: AgentLog | None) -> NodeReading:
    """What REST's list says of a node, without its config.xml."""
    return NodeReading(
        name=computer.name,
        built_in=computer.built_in,
        online=is_online(computer, log),
        busy=computer.busy,
        mark=computer.mark,
        offline_reason=computer.offline_reason,
        labels=computer.labels,
        description=computer.description,
        executors=computer.executors,
        log=log,
    )


def is_online(computer: ComputerState, log: AgentLog | None) -> bool:
    """Connected; a mark by a person does not count (22-toggle-off-api shows a marked node that
    never connected, which only its log tells from a connected one)."""
    if computer.connected is not None:
        return computer.connected
    return log.connected if log is not None else not computer.lost


def build_node(reading: NodeReading) -> tuple[Node, tuple[Skip, ...]]:
    """The node, and what could not be told about it."""
    skips = list(reading.skips)
    reading, cut = _fitting(reading)
    skips += cut
    if reading.built_in:
        return _built_in(reading), tuple(skips)
    facts: LauncherFacts | None = None
    if reading.config is not None:
        try:
            facts = read_launcher(reading.config)
        except NotEditable as error:
            skips.append(Skip(f"node {reading.name}", "config.xml", error.reason))
    log = reading.log
    description = facts.description if facts else reading.description
    if len(description) > MOST_TEXT:
        skips.append(_too_long(reading.name, "description", description))
    return (
        Node(
            name=reading.name,
            launcher=facts.kind if facts else LauncherKind.UNKNOWN,
            launcher_class=facts.launcher_class if facts else None,
            launcher_wrappers=facts.wrappers if facts else (),
            node_class=facts.node_class if facts else "",
            web_socket=facts.web_socket if facts else None,
            tunnel=facts.tunnel if facts else None,
            work_dir=facts.work_dir if facts else None,
            remote_fs=(facts.remote_fs or None) if facts else None,
            labels=facts.labels if facts else reading.labels,
            description=mask(description[:MOST_TEXT]),
            executors=facts.executors if facts else reading.executors,
            online=reading.online,
            busy=reading.busy,
            offline_mark=_masked(_best_mark(reading.mark, facts)),
            offline_reason=reading.offline_reason,
            ever_connected=not log.never_connected if log else None,
            transport=_transport(reading.online, log),
            protocol=log.protocol if log else None,
            remoting_version=log.remoting_version if log else None,
            address=log.address if log else None,
            config_sha256=_config_digest(reading.config),
        ),
        tuple(skips),
    )


def _fitting(reading: NodeReading) -> tuple[NodeReading, list[Skip]]:
    """With texts that a plan can hold, and no secret in them; what people write is far shorter."""
    skips: list[Skip] = []

    def cut(what: str, text: str) -> str:
        if len(text) > MOST_TEXT:
            skips.append(_too_long(reading.name, what, text))
        return mask(text[:MOST_TEXT])

    mark = reading.mark
    if mark is not None:
        mark = OfflineMark(cut("offline mark", mark.by), cut("offline mark", mark.reason))
    labels = tuple(label[:MOST_TEXT] for label in reading.labels[:MOST_LABELS])
    if labels != reading.labels:
        told = f"there are {len(reading.labels)} of them, or one is far too long"
        skips.append(Skip(f"node {reading.name}", "labels", told, "a look at the node"))
    return replace(
        reading,
        mark=mark,
        labels=labels,
        offline_reason=cut("offline reason", reading.offline_reason),
    ), skips


def _too_long(name: str, what: str, text: str) -> Skip:
    told = f"it has {len(text):,} characters; the first {MOST_TEXT:,} were kept"
    return Skip(f"node {name}", what, told, "a look at the node")


def _built_in(reading: NodeReading) -> Node:
    return Node(
        name=BUILT_IN,
        launcher=LauncherKind.BUILT_IN,
        launcher_class=None,
        node_class="hudson.model.Hudson",
        labels=reading.labels,
        description=mask(reading.description[:MOST_TEXT]),
        executors=reading.executors,
        online=reading.online,
        busy=reading.busy,
        offline_mark=reading.mark,
        offline_reason=reading.offline_reason,
    )


def _transport(online: bool, log: AgentLog | None) -> Transport:
    if log is None or not online or not log.connected:
        return Transport.UNKNOWN
    return log.transport


def _config_digest(config: bytes | None) -> str | None:
    # A redacted body has another digest than the one that a change would start from.
    if config is None or is_redacted(config) or is_cut_off(config):
        return None
    return digest(config)


def _best_mark(mark: OfflineMark | None, facts: LauncherFacts | None) -> OfflineMark | None:
    """While the channel is lost, REST names its cause instead of the mark; config.xml has it."""
    if mark is not None and not mark.by and facts is not None and facts.mark is not None:
        return facts.mark
    return mark


def _masked(mark_: OfflineMark | None) -> OfflineMark | None:
    """As a plan may show it."""
    return None if mark_ is None else OfflineMark(mask(mark_.by), mask(mark_.reason))


def _mark(cause: dict[str, Any], reason: str, lost: bool) -> OfflineMark:
    if lost:
        return OfflineMark("", "")
    found = _BY.match(plain(str(cause.get("description") or "")))
    by = found[1] if found else ""
    if reason:
        by = by.removesuffix(f" : {reason}")
    return OfflineMark(by, reason)


def _busy(data: dict[str, Any]) -> int:
    """Executors at work. ``currentExecutable`` is hidden from who may not read the job, so
    ``idle`` of each executor decides; a one-off executor is listed only while it works."""
    executors = _dicts(data.get("executors"))
    busy = sum(1 for e in executors if e.get("currentExecutable") or e.get("idle") is False)
    busy += len(_dicts(data.get("oneOffExecutors")))
    return max(busy, 1) if data.get("idle") is False else busy


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
