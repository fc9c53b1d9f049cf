"""The exported beans of the controller: root, computer set, computers, labels, who am I."""

import time
from collections.abc import Callable
from typing import Any

from migrate.sandbox.jenkins.causes import Cause
from migrate.sandbox.jenkins.changes import DISK_THRESHOLDS
from migrate.sandbox.jenkins.escapes import description, reason
from migrate.sandbox.jenkins.exports import Bean, Field
from migrate.sandbox.jenkins.permissions import ADMINISTER, CONNECT
from migrate.sandbox.jenkins.security import Caller
from migrate.sandbox.jenkins.state import Build, Computer, Installation

_MONITORS = "hudson.node_monitors."
_SERIES = ("hour", "min", "sec10")
_STATISTICS = (
    "availableExecutors",
    "busyExecutors",
    "connectingExecutors",
    "definedExecutors",
    "idleExecutors",
    "onlineExecutors",
    "queueLength",
    "totalExecutors",
)
BUILT_IN = "the Jenkins controller's built-in node"


def fixed(name: str, value: Any, visibility: int = 1, inline: bool = False) -> Field:
    """A field with a value that costs nothing to have at hand."""
    return Field(name, lambda: value, visibility, inline)


def _statistics() -> Bean:
    series = Bean(None, tuple(fixed(name, Bean(None, ())) for name in _SERIES))
    return Bean("hudson.model.Label$1", tuple(fixed(name, series) for name in _STATISTICS))


_LOAD = _statistics()
"""Load statistics have no numbers here, so one bean serves all."""


class Beans:
    """Builds beans for one caller: some fields need a permission."""

    def __init__(self, installation: Installation, caller: Caller) -> None:
        self.home = installation
        self.caller = caller

    def root(self) -> Bean:
        """/api/json."""
        url = self.home.url
        view = Bean("hudson.model.AllView", (fixed("name", "all", 2), fixed("url", url, 2)))
        admin = ADMINISTER.held_by(self.caller.permissions)
        return Bean(
            "hudson.model.Hudson",
            (
                fixed("assignedLabels", [self._name_only("built-in")]),
                fixed("mode", "NORMAL"),
                fixed("nodeDescription", BUILT_IN),
                fixed("nodeName", "", 2),
                fixed("numExecutors", 0),
                fixed("description", None),
                fixed("jobs", []),
                fixed("overallLoad", Bean(None, ())),
                fixed("primaryView", view),
                fixed("quietDownReason", None),
                fixed("quietingDown", False),
                fixed("slaveAgentPort", self.home.agent_port),
                fixed("unlabeledLoad", Bean("jenkins.model.UnlabeledLoadStatistics", ())),
                fixed("url", url),
                fixed("useCrumbs", True),
                fixed("useSecurity", True),
                fixed("views", [view] if admin else []),
            ),
        )

    def computer_set(self) -> Bean:
        """/computer/api/json."""
        computers = self.home.sorted_computers()
        online = [c for c in computers if c.channel is not None and c.mark is None]
        return Bean(
            "hudson.model.ComputerSet",
            (
                fixed("busyExecutors", sum(len(c.running) for c in computers)),
                fixed(
                    "computer",
                    [self.built_in(), *(self.computer(c) for c in computers)],
                    inline=True,
                ),
                fixed("displayName", "Nodes"),
                fixed("totalExecutors", sum(c.config.executors for c in online)),
            ),
        )

    def computer(self, computer: Computer) -> Bean:
        """/computer/NAME/api/json."""
        config = computer.config
        trusted = CONNECT.held_by(self.caller.permissions)
        remote_fs = config.text("remoteFS")
        remote = remote_fs if computer.channel is not None else None
        return Bean(
            config.computer_class,
            (
                *self._common(
                    description=config.text("description"),
                    display_name=computer.name,
                    labels=sorted({computer.name, *config.labels}),
                    executors=config.executors,
                    executor=lambda number: self._executor(computer, number),
                    icon=_icon(computer),
                    idle=not computer.running,
                    inbound=config.inbound and not config.wrapped,
                    launch_supported=not config.inbound,
                    monitors=lambda: (
                        self._monitors(computer, config.text("remoteFS")) if trusted else {}
                    ),
                    offline=computer.offline,
                    cause=computer.cause if computer.offline else None,
                    marked=computer.mark is not None,
                ),
                fixed("absoluteRemotePath", remote if trusted else None),
            ),
        )

    def built_in(self) -> Bean:
        """/computer/(built-in)/api/json."""
        trusted = CONNECT.held_by(self.caller.permissions)
        return Bean(
            "hudson.model.Hudson$MasterComputer",
            self._common(
                description=BUILT_IN,
                display_name="Built-In Node",
                labels=["built-in"],
                executors=0,
                executor=lambda _: None,
                icon="symbol-computer",
                idle=True,
                inbound=False,
                launch_supported=True,
                monitors=lambda: self._monitors(None, str(self.home.home)) if trusted else {},
                offline=False,
                cause=None,
                marked=False,
            ),
        )

    def _common(
        self,
        *,
        description: str,
        display_name: str,
        labels: list[str],
        executors: int,
        executor: Callable[[int], Bean | None],
        icon: str,
        idle: bool,
        inbound: bool,
        launch_supported: bool,
        monitors: Callable[[], dict[str, Any]],
        offline: bool,
        cause: Cause | None,
        marked: bool,
    ) -> tuple[Field, ...]:
        return (
            fixed("actions", []),
            Field("assignedLabels", lambda: [self._label(name) for name in labels]),
            fixed("description", description),
            fixed("displayName", display_name, 2),
            Field("executors", lambda: [executor(number) for number in range(executors)]),
            fixed("icon", icon),
            fixed("iconClassName", icon),
            fixed("idle", idle),
            fixed("jnlpAgent", inbound),
            fixed("launchSupported", launch_supported),
            fixed("loadStatistics", _LOAD),
            fixed("manualLaunchAllowed", True),
            Field("monitorData", monitors, inline=True),
            fixed("numExecutors", executors),
            fixed("offline", offline, 2),
            fixed("offlineCause", None if cause is None else self._cause(cause)),
            fixed("offlineCauseReason", "" if cause is None else reason(self.home, cause)),
            fixed("oneOffExecutors", []),
            fixed("temporarilyOffline", marked),
        )

    def _cause(self, cause: Cause) -> Bean:
        fields = [fixed("timestamp", cause.timestamp)]
        text = description(self.home, cause)
        if text is not None:
            fields.append(fixed("description", text))
        return Bean(cause.class_name, tuple(fields))

    def _executor(self, computer: Computer, number: int) -> Bean:
        build = computer.running[number] if number < len(computer.running) else None
        return Bean(
            None,
            (
                fixed("currentExecutable", None if build is None else self._build(build)),
                fixed("idle", build is None),
                fixed("likelyStuck", False),
                fixed("number", number),
                fixed("progress", -1 if build is None else build.progress()),
            ),
        )

    def _monitors(self, computer: Computer | None, path: str) -> dict[str, Any]:
        return _monitors(computer, path, self.home.has(DISK_THRESHOLDS))

    def _build(self, build: Build) -> Bean:
        url = f"{self.home.url}job/sandbox/{build.number}/"
        return Bean(
            "hudson.model.FreeStyleBuild", (fixed("number", build.number, 2), fixed("url", url, 2))
        )

    def _name_only(self, name: str) -> Bean:
        return Bean(None, (fixed("name", name, 2),))

    def _label(self, name: str) -> Bean:
        def members() -> list[Computer]:
            return [c for c in self.home.sorted_computers() if name in (c.name, *c.config.labels)]

        def count(of: Callable[[Computer], int]) -> Callable[[], int]:
            return lambda: sum(of(c) for c in members() if not c.offline)

        def nodes() -> list[Bean]:
            return [self.root()] if name == "built-in" else [self._node(c) for c in members()]

        return Bean(
            None,
            (
                fixed("actions", []),
                Field("busyExecutors", count(lambda c: len(c.running))),
                fixed("clouds", []),
                fixed("description", None),
                Field("idleExecutors", count(lambda c: c.config.executors - len(c.running))),
                fixed("loadStatistics", _LOAD),
                fixed("name", name, 2),
                Field("nodes", nodes),
                Field("offline", lambda: name != "built-in" and all(c.offline for c in members())),
                fixed("tiedJobs", []),
                Field("totalExecutors", count(lambda c: c.config.executors)),
                fixed("propertiesList", []),
            ),
        )

    def _node(self, computer: Computer) -> Bean:
        config = computer.config
        labels = sorted({computer.name, *config.labels})
        return Bean(
            config.node_class,
            (
                fixed("assignedLabels", [self._name_only(label) for label in labels]),
                fixed("mode", config.text("mode", "NORMAL")),
                fixed("nodeDescription", config.text("description")),
                fixed("nodeName", computer.name, 2),
                fixed("numExecutors", config.executors),
            ),
        )


def who_am_i(caller: Caller) -> Bean:
    """/whoAmI/api/json."""
    anonymous = caller.how == "anonymous"
    return Bean(
        "hudson.security.WhoAmI",
        (
            fixed("anonymous", anonymous),
            fixed("authenticated", True),
            fixed("authorities", ["anonymous" if anonymous else "authenticated"]),
            fixed("name", caller.name),
        ),
    )


def _icon(computer: Computer) -> str:
    if computer.mark is not None:
        return "symbol-computer-disconnected"
    return "symbol-computer-offline" if computer.channel is None else "symbol-computer"


def _monitors(computer: Computer | None, path: str, thresholds: bool) -> dict[str, Any]:
    names = [
        "SwapSpaceMonitor",
        "TemporarySpaceMonitor",
        "DiskSpaceMonitor",
        "ArchitectureMonitor",
        "ResponseTimeMonitor",
        "ClockMonitor",
    ]
    if computer is not None and computer.channel is None:
        return {f"{_MONITORS}{name}": None for name in names}
    now = int(time.time() * 1000)

    limits = (
        fixed("threshold", 1 << 30),
        fixed("totalSize", 256 << 30),
        fixed("warningThreshold", 2 << 30),
    )

    def disk(where: str) -> Bean:
        return Bean(
            f"{_MONITORS}DiskSpaceMonitorDescriptor$DiskSpace",
            (
                fixed("timestamp", now),
                fixed("path", where),
                fixed("size", 64 << 30),
                *(limits if thresholds else ()),
            ),
        )

    swap = Bean(
        f"{_MONITORS}SwapSpaceMonitor$MemoryUsage2",
        (
            fixed("availablePhysicalMemory", 16 << 30),
            fixed("availableSwapSpace", 0),
            fixed("totalPhysicalMemory", 24 << 30),
            fixed("totalSwapSpace", 0),
        ),
    )
    response = Bean(
        f"{_MONITORS}ResponseTimeMonitor$Data", (fixed("timestamp", now), fixed("average", 0))
    )
    clock = Bean("hudson.util.ClockDifference", (fixed("diff", 0),))
    values = [swap, disk("/tmp"), disk(path), "Linux (amd64)", response, clock]  # noqa: S108
    return {f"{_MONITORS}{name}": value for name, value in zip(names, values, strict=True)}
