"""Why a node is offline, and the agent log that says what happened to its connection."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

USER = "hudson.slaves.OfflineCause$UserCause"
TERMINATION = "hudson.slaves.OfflineCause$ChannelTermination"
CLOSED_CHANNEL = "java.nio.channels.ClosedChannelException"
LAUNCH_FAILED = "hudson.slaves.OfflineCause$LaunchFailed"


@dataclass(frozen=True)
class Cause:
    """An offline cause; ``reason`` is what /api/json calls ``offlineCauseReason``."""

    class_name: str
    reason: str
    description: str | None = None
    user: str = ""
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))
    """Milliseconds since the epoch."""

    def to_xml(self, with_message: bool = False) -> Element:
        """As ``<temporaryOfflineCause>`` in config.xml."""
        element = Element("temporaryOfflineCause", {"class": self.class_name})
        SubElement(element, "timestamp").text = str(self.timestamp)
        if self.class_name == TERMINATION:
            SubElement(element, "cause", {"class": CLOSED_CHANNEL})
            return element
        description = SubElement(element, "description")
        holder = SubElement(description, "holder")
        SubElement(holder, "owner").text = "hudson.slaves.Messages"
        SubElement(description, "key").text = "SlaveComputer.DisconnectedBy"
        arguments = SubElement(description, "args")
        SubElement(arguments, "string").text = self.user
        SubElement(arguments, "string").text = f" : {self.reason}" if self.reason else ""
        SubElement(element, "userId").text = self.user
        if with_message and self.reason:
            SubElement(element, "message").text = self.reason
        return element


def by_user(user: str, message: str | None) -> Cause:
    """A person's cause; ``message`` may be missing."""
    text = f"Disconnected by {user}" + (f" : {message}" if message else "")
    return Cause(USER, message or "", text, user)


def from_xml(element: Element) -> Cause:
    """Read ``<temporaryOfflineCause>`` back, after a restart."""
    user = element.findtext("userId") or ""
    arguments = element.findall("description/args/string")
    said = (arguments[1].text or "") if len(arguments) > 1 else ""
    cause = by_user(user, said.removeprefix(" : "))
    stamp = element.findtext("timestamp") or "0"
    return Cause(USER, cause.reason, cause.description, user, int(stamp))


def terminated() -> Cause:
    """The channel went away."""
    return Cause(TERMINATION, "Connection was broken")


def launch_failed() -> Cause:
    """launchSlaveAgent on an agent that only dials in (24-disconnect-offline-api.txt)."""
    return Cause(
        LAUNCH_FAILED,
        "This agent is offline because Jenkins failed to launch the agent process on it.",
    )


class AgentLog:
    """$JENKINS_HOME/logs/slaves/NAME/slave.log: rewound at each connect."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "slave.log"

    def rewind(self) -> None:
        """Start a new session; the last one is kept as ``slave.log.1``."""
        if self.path.exists():
            self.path.replace(self.path.with_name("slave.log.1"))
        self.path.write_bytes(b"")

    def write(self, *lines: str) -> None:
        """Append lines."""
        with self.path.open("ab") as out:
            out.write("".join(f"{line}\n" for line in lines).encode())

    def read(self) -> bytes:
        """The log as it is on disk, LF line ends."""
        return self.path.read_bytes() if self.path.exists() else b""
