"""What the editors share whose file is a text with commands in it."""

from migrate.agents.launch.base import FoundLaunch, Wanted, make_edit
from migrate.agents.launch.change import changed
from migrate.agents.launch.launched import Launched
from migrate.splice.edit import Edit
from migrate.splice.text import MAX_CHARS, NotEditable
from migrate.splice.xml_text import escaped


class LineEditor:
    """An editor by its reader alone: ``read`` says which agents a text starts, and where."""

    name = ""
    restart = ""
    """What makes an edit of this kind of file count."""

    def detect(self, text: str, path: str) -> bool:
        """Whether this looks like a file of this kind."""
        raise NotImplementedError

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The agents that the text starts, in order; ``NotEditable`` for what is no such file."""
        raise NotImplementedError

    def nothing(self) -> str:
        """The reason for a file that starts no agent."""
        return "it starts no agent that this tool recognises"

    def launched(self, text: str, path: str) -> tuple[Launched, ...]:
        """``read``, for a file of a size that can be one."""
        if len(text) > MAX_CHARS:
            raise NotEditable(f"it has {len(text)} characters, more than any such file", path)
        return self.read(text, path)

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """One for each agent."""
        return tuple(one.found() for one in self.launched(text, path))

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The words that must change; everything else keeps its bytes."""
        if not self.launched(text, wanted.path):
            raise NotEditable(self.nothing(), wanted.path)
        done = changed(text, wanted, lambda now: self.launched(now, wanted.path))
        notes = done.made.notes
        return make_edit(
            wanted,
            text,
            done.text,
            notes=(*notes, self.restart) if done.text != text and self.restart else notes,
            secret=done.made.secret,
            hide=[*done.secrets, *(escaped(secret) for secret in done.secrets)],
            reason=done.made.reason,
        )
