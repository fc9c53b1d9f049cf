"""Steps that edit a source of the controller's configuration. Pure.

An edited checkout changes nothing on the controller: each step is followed by a manual one, which
counts as done only when the controller itself reads as wanted.
"""

from collections.abc import Sequence

from migrate.model.cluster_facts import Owner
from migrate.model.finding import Finding
from migrate.model.inventory import Inventory, LauncherKind
from migrate.model.plan import Choices
from migrate.model.plan_steps import EditFile, PlanStep
from migrate.model.sources import Located, SourceEdit, SourcesWanted
from migrate.model.text import visible
from migrate.planner.clouds import needs_source
from migrate.planner.deploy import Deploy
from migrate.planner.left_out import owned_nodes

NAMED = 5
"""Names that a title has."""
RELOAD = (
    "Look at it (git diff), commit and push it, and let it be deployed; or bring the file to where "
    "the controller reads it and load it: Manage Jenkins > Configuration as Code > Reload, or POST "
    "configuration-as-code/reload (documentation of configuration-as-code, configurationReload.md)."
)


def sources_wanted(
    inventory: Inventory, findings: tuple[Finding, ...], choices: Choices
) -> SourcesWanted:
    """What is worth looking for in the sources: what JCasC owns and the plan would change."""
    return SourcesWanted(
        clouds=tuple(c.name for c in inventory.clouds if needs_source(c, choices)),
        nodes=tuple(n.name for n in owned_nodes(inventory, findings, choices) if is_jcasc(n.owner)),
        port=port_needs_source(inventory, choices),
        known_nodes=tuple(n.name for n in inventory.nodes if n.launcher is LauncherKind.INBOUND),
    )


def port_needs_source(inventory: Inventory, choices: Choices) -> bool:
    """Whether the agent port is turned off in a JCasC file, or nowhere."""
    controller = inventory.controller
    return (
        choices.close
        and not choices.allow_live_edit
        and controller.agent_port.mode != "off"
        and not controller.agent_port.enforced
        and is_jcasc(controller.port_owner)
    )


def is_jcasc(owner: Owner | None) -> bool:
    """Whether files of JCasC set it again."""
    return owner is not None and owner.kind == "jcasc"


def cloud_deploys(located: Located) -> dict[str, Deploy]:
    """By a cloud's name, what the step says that waits for its deploy."""
    return {
        name: deploy_of(edit, "webSocket true, without jenkinsTunnel and directConnection")
        for edit in located.edits
        for name in edit.clouds
    }


def switched(clouds: Sequence[str], nodes: Sequence[str]) -> str:
    """What an edit sets, in a few words."""
    told = [
        f"{what} {', '.join(visible(name) for name in names[:NAMED])}"
        + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        for what, names in (("cloud", clouds), ("node", nodes))
        if names
    ]
    return f"{'; '.join(told)}: webSocket true"


def edit_of_port(located: Located) -> SourceEdit | None:
    """The edit that turns the port off, if a source has it."""
    return next((edit for edit in located.edits if edit.port), None)


def step_id(edit: SourceEdit) -> str:
    """Of the step that makes this edit."""
    return f"{'close/' if edit.port else ''}edit/{edit.path}"


def edit_steps(located: Located) -> list[PlanStep]:
    """The steps that edit clouds and nodes, one for each file."""
    return [edit_step(edit) for edit in located.edits if not edit.port]


def edit_step(edit: SourceEdit) -> PlanStep:
    """One file, with all that is changed in it at this point of the plan."""
    path = visible(edit.path)
    what = "slaveAgentPort -1" if edit.port else f"{switched(edit.clouds, edit.nodes)}"
    fingerprint = {"sha256": edit.sha256, "after_sha256": edit.after_sha256}
    if edit.scanned_sha256 != edit.sha256:
        # Rehearsed before the earlier step, and done without it if that was left alone.
        fingerprint["scanned_sha256"] = edit.scanned_sha256
    title = f"edit {path} ({what}); takes effect once it is deployed"
    return EditFile(
        id=step_id(edit),
        subject=f"file {edit.path}",
        title=title,
        fingerprint=fingerprint,
        source=edit.source,
        path=edit.path,
        clouds=edit.clouds,
        nodes=edit.nodes,
        port=edit.port,
        places=edit.places,
        diff=edit.diff,
        reason="JCasC sets it from there; its deploy, not this edit, changes the controller",
    )


def deploy_of(edit: SourceEdit, reads: str) -> Deploy:
    """What the manual step behind an edit says; ``reads``: what the controller must say."""
    path, step = visible(edit.path), visible(step_id(edit))
    return Deploy(
        reason=f"the controller learns of step {step} by a deploy, which only its owner makes",
        instructions=f"{path} below {visible(edit.source)} is edited by the step {step}.\n"
        f"{RELOAD}\n"
        f"This counts as done when the controller itself reads {reads}: apply --resume looks.\n",
        undo=f"once the rollback has put {path} back: commit it and let it be deployed",
    )
