"""An inbound-agent container as a file describes it: what is found, and what changes. Pure."""

from dataclasses import dataclass

from migrate.agents import container as agent
from migrate.agents.command import read_options
from migrate.agents.container import Container, ContainerChange, NotClear
from migrate.agents.launch.base import FoundLaunch, Wanted
from migrate.model.inventory import LaunchKind
from migrate.model.secrets import mask
from migrate.splice.text import NotEditable, hidden
from migrate.splice.words import OPAQUE


@dataclass(frozen=True)
class Described:
    """A container, and where in its file it stands."""

    where: str
    container: Container

    def found(self) -> FoundLaunch:
        """The same for the caller."""
        one = self.container
        names = [mask(o.name) for o in read_options(one.args)[0] if OPAQUE not in o.name]
        text = " ".join([one.image, *one.args]).replace(OPAQUE, "").strip()
        return FoundLaunch(
            node=one.node(),
            kind=LaunchKind.CONTAINER,
            command=hidden(text, one.secrets()),
            options=(*names, *(key for key in one.env if key.startswith("JENKINS_"))),
            websocket=one.websocket(),
            secret_in_clear=one.secret() is not None,
            where=self.where,
        )


def change(container: Container, wanted: Wanted) -> ContainerChange:
    """``NotEditable`` where the container can't be moved by its variables and arguments."""
    try:
        made = agent.change(container, wanted.url, wanted.version)
    except NotClear as error:
        raise NotEditable(str(error), wanted.path) from None
    notes = made.notes
    if container.secret():
        notes = (
            *notes,
            "the secret still stands in this file; mount a file and name it as @FILE",
        )
    if container.built:
        notes = (*notes, "its image is built here: its remoting is what the Dockerfile brings")
    return ContainerChange(made.put, made.remove, made.args, notes)
