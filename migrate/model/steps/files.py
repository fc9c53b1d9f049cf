"""Steps that edit a checkout."""

from migrate.model.steps.base import Step


class EditFile(Step, frozen=True, kw_only=True, tag="edit-file"):
    """Edit a file of a checkout that owns a setting."""

    source: str
    """Folder that was given with ``--source`` when the plan was made."""
    path: str
    """Of the file, below it."""
    clouds: tuple[str, ...] = ()
    """Clouds that it sets to WebSocket."""
    nodes: tuple[str, ...] = ()
    """Nodes that it sets to WebSocket."""
    port: bool = False
    """Whether it turns the agent port off."""
    places: tuple[str, ...] = ()
    """Where in the file, for a person."""
    diff: str = ""
    """The lines that change; every value masked that the edit is not about."""
    reason: str = ""
