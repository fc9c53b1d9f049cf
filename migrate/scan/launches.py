"""How each connected inbound agent was started, asked on its own host."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Any, Protocol

from migrate.jenkins.errors import JenkinsError
from migrate.jenkins.launch import launch_from
from migrate.jenkins.reading import Progress, silent
from migrate.model.inventory import Launch, LauncherKind, Node, Skip

THREADS = 24
"""A first call on a channel takes 2 to 4 s (facts E), nearly all of it waiting."""
NEEDED = "Overall/Administer, or: migrate plan --launch 'PATTERN=jnlp-url'"
CONNECT = "the agent connected, or: migrate plan --launch 'PATTERN=jnlp-url'"


class ScriptRunner(Protocol):
    """What of the controller is used here."""

    def can_script(self) -> bool:
        """Whether the script console may be used."""

    def run_script(self, script: str, arguments: dict[str, Any], *, node: str | None = None) -> Any:
        """Run one of the tool's own scripts."""


def discover_launches(
    controller: ScriptRunner,
    nodes: tuple[Node, ...],
    on_progress: Progress = silent,
    *,
    url: str = "",
) -> tuple[tuple[Node, ...], tuple[Skip, ...]]:
    """``nodes`` with ``launch`` filled where it could be read, and a Skip for each other
    inbound node. The order of the nodes stays. ``url`` is where agents connect: a host that
    has settings of a forward proxy tries whether it opens without one."""
    inbound = [n for n in nodes if n.launcher is LauncherKind.INBOUND]
    if not inbound:
        return nodes, ()
    if not controller.can_script():
        return nodes, tuple(
            _skip(node, "how its agent was started is not shown by REST", NEEDED)
            for node in inbound
        )
    skips = {n.name: _skip(n, "its agent is not connected", CONNECT) for n in inbound}
    asked = [n.name for n in inbound if n.online]
    launches: dict[str, Launch] = {}
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        waiting = {pool.submit(_ask, controller, name, url): name for name in asked}
        for done, future in enumerate(as_completed(waiting), start=1):
            name = waiting[future]
            answer = future.result()
            if isinstance(answer, Launch):
                launches[name] = answer
                del skips[name]
            else:
                skips[name] = replace(skips[name], reason=answer, needed=NEEDED)
            on_progress("launches", done, len(waiting))
    found = tuple(replace(n, launch=launches.get(n.name, n.launch)) for n in nodes)
    return found, tuple(skips[node.name] for node in inbound if node.name in skips)


def _ask(controller: ScriptRunner, name: str, url: str) -> Launch | str:
    """The launch, or why it could not be read."""
    try:
        return launch_from(controller.run_script("describe-launch", {"url": url}, node=name))
    except JenkinsError as error:
        return error.cause


def _skip(node: Node, reason: str, needed: str) -> Skip:
    return Skip(f"node {node.name}", "launch", reason, needed)
