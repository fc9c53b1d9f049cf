"""What owners of machines read: a page and a message in plain words."""

from dataclasses import dataclass

from migrate.model.text import visible
from migrate.report.document import (
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    Heading,
    Line,
    Para,
    Pre,
    Tone,
    filled,
    line,
    plural,
)

CHECK = "sh check.sh"


@dataclass(frozen=True)
class Told:
    """A node on the owner's page."""

    name: str
    host: str
    why: str
    runbook: str
    """File name in ``runbooks/``; empty where there is none."""
    instructions: str


@dataclass(frozen=True)
class Page:
    """What one owner is told."""

    owner: str
    controller_url: str
    by: str
    """By when, in words."""
    contact: str
    """Who asks: where the owner answers to; empty: whoever sent it."""
    nodes: tuple[Told, ...]


def document(page: Page) -> Document:
    """The page."""
    many = plural(len(page.nodes), "machine")
    ask = page.contact or "whoever sent you this"
    blocks: list[Block] = [
        Callout(
            Tone.WARN,
            line(f"{many} of {page.owner} must be moved by hand, by {page.by}."),
            (Para(line("After that, agents that are still on the old port lose Jenkins.")),),
        ),
        Heading(2, line("What happens")),
        Para(
            line(
                "Jenkins' agents connect to ", Code(page.controller_url), " through a TCP port of "
                "its own, which will be closed. From then on they connect over WebSocket, through "
                "the same address and port as the web pages. Nothing else changes: not the jobs, "
                "not the labels, not what is installed."
            )
        ),
        Para(
            line(
                "Most agents are moved for you. These are not, since their start is written down "
                "on your machine, where the administrators of Jenkins can't or may not change it:"
            )
        ),
        _table(page.nodes),
        Heading(2, line("What to do")),
        Bullets(_todo(), ordered=True),
    ]  # fmt: skip
    steps = [node for node in page.nodes if node.instructions]
    if steps:
        blocks.append(Heading(2, line("Each machine")))
        for node in steps:
            blocks += [Heading(3, line(Code(node.name))), Pre(node.instructions)]
    blocks += [
        Heading(2, line("If something goes wrong")),
        Para(
            line(
                "While the port is open, each runbook takes its change back: ",
                Code("sh runbooks/FILE undo"), f". Ask {ask}.",
            )
        ),
    ]  # fmt: skip
    return Document(f"Jenkins agents of {page.owner}: what you have to do", tuple(blocks))


def _table(nodes: tuple[Told, ...]) -> Block:
    rows: list[tuple[Line, ...]] = [
        (
            line(Code(n.name)),
            line(n.host),
            line(n.why),
            line(Code(f"runbooks/{n.runbook}")) if n.runbook else (),
        )
        for n in nodes
    ]
    return filled(("Node", "Host", "Why by hand", "Runbook"), rows)


def _todo() -> tuple[Line, ...]:
    return (
        line("See what runs on a machine: ", Code(CHECK), ". It changes nothing and needs no "
             "account on Jenkins (Linux)."),
        line("Try the way there without a change: ", Code("sh runbooks/FILE probe"), "."),
        line("When no build runs on it, move it: ", Code("sh runbooks/FILE"), ". Read it first."),
        line("See that it is done: ", Code(CHECK), " says ", Code("on WebSocket"), "."),
    )  # fmt: skip


def message(page: Page) -> str:
    """The message to send, subject first. Plain text."""
    names = "\n".join(
        f"  - {visible(n.name)}" + (f" (on {visible(n.host)})" if n.host else "")
        for n in page.nodes
    )
    machines = plural(len(page.nodes), "Jenkins agent")
    return (
        f"Subject: {machines} of {visible(page.owner)} to be moved by {visible(page.by)}\n\n"
        f"Hello {visible(page.owner)},\n\n"
        f"the TCP port over which agents connect to {visible(page.controller_url)} will be closed."
        "\nAgents connect over WebSocket then, through the address of the web pages. Most are\n"
        f"moved for you. These need you, by {visible(page.by)}:\n\n{names}\n\n"
        "The folder with this message has a page that says what to do (page.html), a runbook for\n"
        "each machine (runbooks/), and a command that shows what is done; it changes nothing and\n"
        f"needs no account on Jenkins:\n\n  {CHECK}\n\n"
        "It takes a few minutes a machine, with no build running on it. Until the port is closed,\n"
        "each runbook also takes its change back.\n\n"
        f"Questions: {visible(page.contact) or 'answer this message'}\n"
    )
