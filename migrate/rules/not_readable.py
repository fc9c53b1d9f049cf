"""M018: things that could not be read."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Skip
from migrate.model.plan import Choices
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins


def _what(skips: list[Skip]) -> str:
    """``launch of 7 subjects, config.xml of node x``: what is open, and of whom if of several."""
    of: dict[str, list[str]] = {}
    for skip in skips:
        of.setdefault(skip.what, []).append(skip.subject)
    if len({skip.subject for skip in skips}) == 1:
        return ", ".join(sorted(of))
    return ", ".join(
        f"{what} of {subjects[0] if len(subjects) == 1 else f'{len(subjects)} subjects'}"
        for what, subjects in sorted(of.items())
    )


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else ".")


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    groups: dict[tuple[str, str], list[Skip]] = {}
    for skip in inventory.skips:
        groups.setdefault((skip.needed, "" if skip.needed else skip.reason), []).append(skip)
    for (needed, _), skips in sorted(groups.items()):
        subjects = sorted({skip.subject for skip in skips})
        reasons = sorted({skip.reason for skip in skips})
        yield Hit(
            subjects[0] if len(subjects) == 1 else "scan",
            f"not read: {_what(skips)}",
            "; ".join(f"{s.subject}, {s.what}: {s.reason}" for s in skips),
            " ".join(_sentence(reason) for reason in reasons if reason),
            f"Give what is needed and scan again: {needed}"
            if needed
            else "Nothing to do, unless it matters here; the judgement leaves it out.",
            Severity.WARNING if needed else Severity.INFO,
        )


RULE = Rule(
    id="M018",
    name="not-readable",
    title="Something could not be read",
    severity=Severity.WARNING,
    find=_find,
    meaning="The user or the kubeconfig lacks a right, or the answer came too late or was not "
    "usable. Each thing left open is listed with what would be needed to know it.",
    why="A plan made from half of the facts moves less, or leaves something open. What was not "
    "read is never guessed.",
    by_hand="migrate doctor lists the permissions that are there and those that lack.",
    fix="Give the user the permission named, or run as one who has it. Reading all needs "
    "Overall/Read, Agent/ExtendedRead or Agent/Configure, Agent/Connect; the launch of agents "
    "needs Overall/Administer; the cluster needs get and list.",
    sources=(
        jenkins("core/src/main/java/hudson/model/Computer.java: getLogText, doConfigDotXml"),
        "recorded on Jenkins 2.426.2: four sets of permissions (40-perm-*)",
    ),
    levels="An info where nothing that a person could give would help.",
)
