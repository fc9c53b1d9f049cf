"""What several drivers ask of an agent's launch. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from migrate.agents.options import forbidden_options
from migrate.model.inventory import Launch, LaunchKind, Node
from migrate.model.plan_steps import FilesEdit
from migrate.model.versions import AGENT_BLOCK_BELOW, Version
from migrate.planner.jar import JarPlan, jar_within, next_version
from migrate.planner.offers.base import ADMINISTER, REREAD, Facts, Refusal

EDITED = (LaunchKind.URL_NAME, LaunchKind.JNLP_MAIN)
"""Launches that hold the transport themselves, and that ``ssh`` and ``inband`` edit."""

BY_HAND = {
    LaunchKind.URL_NAME: (
        "its transport stands in its own command line (-url and -name), not in the node's flag"
    ),
    LaunchKind.JNLP_MAIN: (
        "its transport stands in its own command line (hudson.remoting.jnlp.Main), "
        "not in the node's flag"
    ),
    LaunchKind.SWARM: "the transport of a Swarm client stands in its own options",
    LaunchKind.CONTAINER: "the transport of a container agent stands in its environment",
    LaunchKind.CLOUD_POD: "the transport of a cloud's pod stands in the cloud's template",
}
"""Why the node's flag alone does not move such an agent."""


@dataclass(frozen=True)
class ByFlag:
    """What comes of a ``-jnlpUrl`` agent when its flag is set and it is disconnected."""

    jar: JarPlan
    """What happens to its agent.jar before."""
    runs: str | None
    """Version of remoting that runs after it; None: not known."""
    stuck: Refusal | None
    """Why it would not come back on WebSocket; None: it does."""


def by_flag(node: Node, facts: Facts, launch: Launch) -> ByFlag:
    """For a connected agent that was started with ``-jnlpUrl``."""
    jar = jar_within(node, facts.controller, launch, upgrade=facts.choices.upgrade)
    if jar.to and (facts.asked == REREAD or nothing_runs_there(facts, launch)):
        jar = JarPlan(None, jar.why)
    runs = jar.to or next_version(node, facts.controller, launch)
    stuck = lost_at_restart(
        launch.options, runs, jar.why, reconnects_only=launch.restarter is False
    )
    return ByFlag(jar, runs, stuck)


def nothing_runs_there(facts: Facts, launch: Launch) -> Refusal | None:
    """Why no program may be run through the agent; None: it may."""
    if not facts.administers:
        return Refusal(
            f"without {ADMINISTER} nothing can be run on its host: "
            "neither a probe from there nor a newer agent.jar",
            f"scan, plan and apply as a user with {ADMINISTER}",
        )
    if launch.asserted:
        return Refusal(
            "its host could not be asked how it was started, so nothing else is run there",
            "have a scan read its launch there",
        )
    return None


def lost_at_restart(
    options: Iterable[str], runs: str | None, jar_note: str, *, reconnects_only: bool = False
) -> Refusal | None:
    """Why an agent with these options would not come back on WebSocket; None: it does.

    ``runs`` is the remoting version that runs then, ``jar_note`` why it is no newer one.
    ``reconnects_only``: nothing starts its process anew.
    """
    version = Version.maybe(runs)
    if version is None:
        return Refusal(
            "its remoting version is not known, since the agent log could not be read "
            "(Agent/Connect)",
            "scan as a user with Agent/Connect",
        )
    if version < AGENT_BLOCK_BELOW:
        return Refusal(
            f"remoting {runs} does not hold a WebSocket connection "
            "(4.13 is the first that reconnects on Java 11), and its agent.jar can't be "
            "replaced from here",
            "bring a newer agent.jar to its host" + (f" ({jar_note})" if jar_note else ""),
        )
    if reconnects_only:
        return Refusal(
            "Jenkins' restarter does not work on it, so it reconnects in the same process "
            "over the same transport",
            "have a supervisor start it anew",
        )
    names = tuple(options)
    quits = [name for name in names if name.lower() == "-noreconnect"]
    if quits:
        return Refusal(
            f"{quits[0]} ends it at a disconnect, and only its supervisor can start it again",
            f"start it without {quits[0]}, and plan again",
        )
    forbidden = ", ".join(forbidden_options(names, runs))
    if forbidden:
        return Refusal(
            f"its command line has {forbidden}, which ends the agent when it meets -webSocket",
            f"start it without {forbidden}, and plan again",
        )
    return None


def files_edit(  # noqa: PLR0917
    facts: Facts,
    launch: Launch,
    files: tuple[str, ...],
    runs: str | None,
    unit: str,
    secret: str,
) -> FilesEdit:
    """The edit of the launch in one of ``files``, for the remoting that will run."""
    controller = facts.controller
    return FilesEdit(
        files=files,
        url=controller.inbound_url or controller.root_url or controller.url,
        version=runs,
        unit=unit,
        secret_file=secret or None,
        secret_owner=launch.user if secret else None,
    )
