"""A plan with the clients to run it: what apply, verify and rollback work with."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrate.cli.console import say_proxy
from migrate.cli.progress import Progress
from migrate.engine.clock import RealClock, StopSignal
from migrate.engine.record.folder import RunFolder, new_run_folder
from migrate.engine.run.left_behind import made_anew
from migrate.model.errors import Blocked, UsageProblem
from migrate.model.plan import Plan
from migrate.steps.base import Context, RunSettings

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.cluster.client import ClusterClient
    from migrate.jenkins.client import JenkinsController
    from migrate.model.inventory import Inventory
    from migrate.model.plan import Choices
    from migrate.probe.prober import Prober


@dataclass(frozen=True)
class Session:
    """One plan, connected."""

    plan: Plan
    plan_folder: Path
    ctx: Context
    stop: StopSignal
    progress: Progress

    def new_run(self) -> RunFolder:
        """A folder for a new run of the plan."""
        return new_run_folder(self.plan_folder, self.ctx.clock.now())

    def for_run(self, run: RunFolder) -> Context:
        """The context with the run's label in its offline marks."""
        return replace(self.ctx, run_label=f"migrate {self.plan.choices.name} {run.run_id}")


def open_session(
    path: Path,
    conn: "Connection",
    settings: RunSettings,
    *,
    animated: bool,
    quiet: bool,
) -> Session:
    """Read the plan, check that it is for this controller, connect."""
    from migrate.plan_store.plan_folder import read_plan

    folder = (path.parent if path.name == "plan.json" else path).resolve()
    plan = read_plan(folder)
    same_controller(plan.target.controller_url, conn, f"migrate apply {path}")
    stop = StopSignal()
    progress = Progress(plan.steps(), animated=animated, quiet=quiet)
    ctx = context(
        conn,
        _cluster(plan, conn, path),
        folder,
        plan.choices,
        settings,
        stop,
        progress,
    )
    return Session(plan, folder, replace(ctx, made_anew=made_anew(folder)), stop, progress)


def context(
    conn: "Connection",
    cluster: "ClusterClient | None",
    plan_folder: Path,
    choices: "Choices",
    settings: RunSettings,
    stop: StopSignal,
    progress: Progress,
    *,
    run_label: str = "",
) -> Context:
    """What steps work with: the clients, with their standstills told, and what the scan saw.

    ``JenkinsError`` for a controller that is away or refuses the user.
    """
    seen = inventory_of(plan_folder)
    jenkins = answering(conn)
    jenkins.tell_standstill(progress.note)
    if cluster is not None:
        cluster.tell_standstill(progress.note)
    return Context(
        jenkins=jenkins,
        cluster=cluster,
        prober=knowing(conn.prober(), seen),
        inventory=seen,
        choices=choices,
        settings=settings,
        access=conn.access,
        clock=RealClock(stop),
        emit=progress,
        run_label=run_label,
    )


def knowing(prober: "Prober", inventory: "Inventory | None") -> "Prober":
    """The prober with what the plan's scan knows of the controller."""
    if inventory is None:
        return prober
    return prober.knowing(inventory.controller.root_url, inventory.controller.version)


def answering(conn: "Connection") -> "JenkinsController":
    """The controller's client, after one read: nothing begins with a wrong token.

    ``JenkinsError`` for a controller that is away or refuses the user.
    """
    jenkins = conn.jenkins()
    say_proxy("Jenkins", jenkins.proxy.shown if jenkins.proxy else "")
    jenkins.node_names()
    return jenkins


def _cluster(plan: Plan, conn: "Connection", path: Path) -> "ClusterClient | None":
    """The cluster of the plan; ``UsageProblem`` when it has one and nothing names it now."""
    wanted = plan.target.cluster_context
    if not wanted:
        return None
    client = conn.cluster()
    if client is None and not conn.no_cluster:
        raise UsageProblem(
            f"the plan works on the cluster {wanted}, and no kubeconfig is named",
            next_command=f"migrate apply {path} --kubeconfig FILE    "
            "# or --no-cluster --stage nodes",
        )
    return client


def same_controller(planned: str, conn: "Connection", command: str = "migrate apply PLAN") -> None:
    """``Blocked`` when the plan is for another controller than the one that is connected.

    ``command`` is what was asked for, to tell with the right controller.
    """

    def place(url: str) -> tuple[str, str | None, int | None, str]:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port, parts.path.rstrip("/")

    if place(planned) != place(conn.url):
        raise Blocked(
            f"the plan is for {planned}, and this is {conn.url}; nothing was changed",
            next_command=f"{command} --jenkins-url {planned}",
        )


def inventory_of(folder: Path) -> "Inventory | None":
    """What the plan's scan saw; None when the file is gone (a rollback works without)."""
    from migrate.plan_store.plan_folder import read_inventory

    if not (folder / "inventory.json").is_file():
        return None
    return read_inventory(folder)
