"""The change of one agent's words in a file, and the proof that nothing else changed. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from migrate.agents.launch.base import Wanted, choose
from migrate.agents.launch.launched import Launched, Rewrite
from migrate.splice.text import NotEditable
from migrate.splice.view import applied
from migrate.splice.words import splices

Reader = Callable[[str], Sequence[Launched]]
_MOST_WORDS = 1000
"""Words are compared with each other: many of them would take minutes."""


@dataclass(frozen=True)
class Changed:
    """A file with one agent on WebSocket."""

    text: str
    made: Rewrite
    launched: Launched
    secrets: tuple[str, ...]
    """Every secret in clear that the file holds, to be hidden."""


def changed(text: str, wanted: Wanted, read: Reader) -> Changed:
    """The file with the wanted node's agent on WebSocket.

    It is read again by the same reader: it must start the same agents, this one with the same jar,
    node, secret and options, and with exactly the words that it should have.
    """
    before = tuple(read(text))
    number = choose([one.found() for one in before], wanted)
    launched = before[number]
    if len(launched.words) > _MOST_WORDS:
        told = f"{launched.where} has {len(launched.words)} words, more than any such command"
        raise NotEditable(told, wanted.path)
    made = launched.rewritten(wanted)
    secrets = tuple(secret for one in before for secret in one.secrets())
    if made.values == tuple(word.value for word in launched.words):
        return Changed(text, made, launched, secrets)
    site = launched.site
    if site is None:
        raise NotEditable(f"{launched.where} could not be changed safely", wanted.path)
    edits = splices(site.view.text, launched.words, made.values, site.style)
    new = applied(text, site.view.lift(edits))
    prove(before, tuple(read(new)), number, made, wanted)
    return Changed(new, made, launched, secrets)


def prove(
    before: Sequence[Launched],
    after: Sequence[Launched],
    number: int,
    made: Rewrite,
    wanted: Wanted,
) -> None:
    """``NotEditable`` unless only the transport of agent ``number`` is another one."""
    right = len(before) == len(after)
    for index, (old, now) in enumerate(zip(before, after, strict=False)):
        words = tuple(word.value for word in now.words)
        if index == number:
            same = old.same_but_transport(now)
            right = right and words == made.values and same
        else:
            right = right and words == tuple(word.value for word in old.words)
    if not right:
        raise NotEditable(f"{before[number].where} could not be changed safely", wanted.path)
