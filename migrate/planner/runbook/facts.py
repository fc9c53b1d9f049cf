"""What a runbook is made from."""

import posixpath
from dataclasses import dataclass, replace

from migrate.agents.command import LaunchLine, masked_words, read_launch, to_websocket
from migrate.model.forward_proxy import agents_ways
from migrate.model.inventory import Controller, Launch, LaunchKind, Node
from migrate.model.plan import Choices
from migrate.model.probe_requests import Target
from migrate.model.secrets import MASK
from migrate.model.text import file_name
from migrate.planner.choose import Choice
from migrate.planner.jar import judge_jar, next_version


@dataclass(frozen=True)
class Jar:
    """A newer agent.jar for the person to bring."""

    path: str
    version: str
    sha256: str
    url: str


@dataclass(frozen=True)
class Facts:
    """Everything that one node's runbook says."""

    plan: str
    folder: str
    """The plan's, as a person types it."""
    node: str
    reason: str
    note: str
    """What would let a driver do it; empty: nothing is known."""
    by_hand: str
    """What a person does, where the scan knows it to the letter; empty: ``launch`` tells."""
    url: str
    """The address that agents use; ends with a slash."""
    target: Target
    """What the probe asks: that address, and what decides its Origin."""
    launch: Launch | None
    old: LaunchLine | None
    """The command as it is, its secret as ``@file``; None: not known, or not to be repeated."""
    new: LaunchLine | None
    dropped: tuple[str, ...]
    """Options that must not stand beside ``-webSocket``."""
    jar: Jar | None
    secret_file: str
    """File of the agent's secret as the command names it; empty where there is no command."""
    secret_in_clear: bool
    """The secret stands in the old command line; a person puts it into ``secret_file``."""
    offline: bool
    argument_files: tuple[str, ...] = ()
    """Files that hold options of the agent, one word a line (``@file`` on its command line)."""
    not_understood: str = ""
    """Why there is no command although one was read; names the word."""
    masked: tuple[str, ...] = ()
    """Words of the command with another secret than the agent's, masked when it was read: a script
    can't start it, and a person puts the values back."""
    alike: bool = False
    """Another node's file would have the same name but for capitals."""

    @property
    def windows(self) -> bool:
        """Whether the host runs Windows."""
        return bool(self.launch and self.launch.os and self.launch.os.lower().startswith("windows"))

    @property
    def in_container(self) -> bool:
        """Whether it runs in a container, where no file of the host is."""
        kinds = (LaunchKind.CONTAINER, LaunchKind.CLOUD_POD)
        own = self.launch is not None and self.launch.kind in kinds
        return own or self.supervisor in ("docker", "kubernetes")

    @property
    def supervisor(self) -> str:
        """What starts the process again; ``unknown`` when nobody knows."""
        return self.launch.supervisor if self.launch else "unknown"

    @property
    def detail(self) -> str:
        """Unit, service or pod."""
        return self.launch.supervisor_detail if self.launch else ""

    @property
    def way(self) -> str:
        """What the script does on a Unix: ``systemd``, ``plain`` (stop and start the process), or
        ``advise`` (probe and say)."""
        kind = self.launch.kind if self.launch else LaunchKind.UNKNOWN
        by_command = kind in (LaunchKind.URL_NAME, LaunchKind.JNLP_MAIN, LaunchKind.JNLP_URL)
        if self.by_hand or self.masked or None in (self.old, self.new) or not by_command:
            return "advise"
        if self.supervisor == "systemd" and self.detail:
            return "systemd"
        # What starts it is not known: it would be started a second time beside ours.
        return "plain" if self.supervisor == "none" else "advise"

    @property
    def acts(self) -> bool:
        """Whether the script makes the change itself."""
        if self.windows:
            return self.supervisor == "none" and not self.masked and not self.by_hand
        return self.way != "advise"

    @property
    def file(self) -> str:
        """Name of the script inside the plan's ``runbooks`` folder."""
        return file_name(self.node, apart=self.alike) + (".ps1" if self.windows else ".sh")

    @property
    def host(self) -> str:
        """Where the script is run, as far as known."""
        return (self.launch.host if self.launch else None) or ""


def agents_url(controller: Controller) -> str:
    """The URL that agents are told, with its final slash.

    Source: jenkins.agent.inboundUrl (2.276), else the root URL (jenkins-agent.jnlp.jelly).
    """
    url = controller.inbound_url or controller.root_url or controller.url
    return url if url.endswith("/") else url + "/"


def gather(
    node: Node,
    controller: Controller,
    choices: Choices,
    choice: Choice,
    alike: frozenset[str] = frozenset(),
) -> Facts:
    """Facts for a node that a person must move; ``alike`` are ``same_files`` of all nodes."""
    launch = choice.launch
    url = agents_url(controller)
    windows = bool(launch and launch.os and launch.os.lower().startswith("windows"))
    parsed = None
    if launch and launch.command:
        parsed = read_launch(launch.command, node.name, jar=launch.jar, windows=windows)
    jar = None
    version = next_version(node, controller, launch)
    if choices.upgrade and launch and launch.jar and controller.jar_sha256:
        wanted = judge_jar(node, controller, launch)
        if wanted.to is not None:
            jar = Jar(launch.jar, wanted.to, controller.jar_sha256, f"{url}jnlpJars/agent.jar")
            version = wanted.to
    old = new = None
    dropped: tuple[str, ...] = ()
    secret_file, in_clear = "", False
    files = parsed.argument_files if parsed else ()
    unclear = _unclear(parsed) if parsed else ""
    masked: tuple[str, ...] = ()
    if parsed is not None and not files and not unclear:
        secret = parsed.secret()
        in_clear = secret is None or not secret.startswith("@")
        secret_file = _secret_path(parsed, launch) if in_clear or not secret else secret[1:]
        old = replace(parsed.with_secret("@" + secret_file), java=_program(parsed, launch))
        made = to_websocket(old, node.name, url, version, _work_dir(node))
        new, dropped = made.line.with_secret("@" + secret_file), made.dropped
        masked = masked_words(old)
        if not masked and any(MASK in word for word in (*old.argv(), *new.argv())):
            old = new = None  # A path or a name was masked: the command can't be written down.
    return Facts(
        plan=choices.name,
        folder=choices.folder,
        node=node.name,
        reason=choice.offer.reason,
        note=choice.offer.note,
        by_hand=choice.offer.by_hand,
        url=url,
        target=Target(
            url, controller.root_url, controller.version, agents_ways(launch, url, version)
        ),
        launch=launch,
        old=old,
        new=new,
        dropped=dropped,
        jar=jar,
        secret_file=secret_file,
        secret_in_clear=in_clear,
        offline=not node.online,
        argument_files=files,
        not_understood=unclear,
        masked=masked,
        alike=node.name in alike,
    )


def _unclear(line: LaunchLine) -> str:
    """Which word of a command is not understood; empty where all are. Never a secret's."""
    if line.swarm:
        return ""
    for word in line.strange:
        if word.startswith("-"):
            return f"its word {word.partition('=')[0]} is no option of agent.jar"
        return "it has words that are neither options of agent.jar nor their values"
    if len(line.positional) == 1:
        return "it has a word that is neither an option of agent.jar nor a value"
    return ""


def _program(line: LaunchLine, launch: Launch | None) -> str:
    """The java that runs the agent now: as typed, or found by its home for a bare ``java``."""
    home = launch.java_home if launch else None
    if not home or not _absolute(home) or line.java not in ("java", "java.exe"):
        return line.java
    return f"{home}\\bin\\java.exe" if "\\" in home else f"{home.rstrip('/')}/bin/java"


def _work_dir(node: Node) -> str | None:
    """What the JNLP file tells: the path of its own, else the node's remote folder."""
    if node.work_dir is None or node.work_dir.disabled:
        return None
    return node.work_dir.path or node.remote_fs


def base_folder(line: LaunchLine, launch: Launch | None) -> str:
    """A folder that belongs to this agent: its work directory, else the folder of its jar."""
    work_dir = line.value("-workDir")
    if work_dir and _absolute(work_dir):
        return work_dir
    for jar in (launch.jar if launch else None, line.jar):
        if jar and _absolute(jar):
            return _parent(jar)
    return "."


def _secret_path(line: LaunchLine, launch: Launch | None) -> str:
    folder = base_folder(line, launch)
    separator = "\\" if "\\" in folder else "/"
    return f"{folder}{separator}agent-secret"


def _absolute(path: str) -> bool:
    return path.startswith(("/", "\\\\")) or path[1:3] in (":\\", ":/")


def _parent(path: str) -> str:
    if "\\" in path:
        return path.rsplit("\\", 1)[0]
    return posixpath.dirname(path)


def start_folder(line: LaunchLine, launch: Launch | None) -> str:
    """The folder in which the command was started, as far as the jar's path tells.

    A relative jar and its full path give it away; else the folder of the jar.
    """
    full = launch.jar if launch else None
    if full and not _absolute(line.jar) and full.endswith("/" + line.jar):
        return full[: -len(line.jar) - 1] or "/"
    return _parent(full) if full and _absolute(full) else base_folder(line, launch)
