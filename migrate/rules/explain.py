"""Pages for ``migrate explain ID``, and docs/findings.md made of the same text. Pure."""

import difflib
import re
from collections.abc import Callable

from migrate.model.errors import UsageProblem
from migrate.rules import driver_pages
from migrate.rules.exit_codes import PAGES as EXIT_PAGES
from migrate.rules.registry import ALL
from migrate.rules.rule import Rule


class UnknownPage(UsageProblem):
    """There is no page of that name."""


def _escaped(text: str) -> str:
    """Prose that a Markdown renderer shows as it is written here."""
    return re.sub(r"([\\`*_<\[\]])", r"\\\1", text)


def _as_it_is(text: str) -> str:
    return text


def _rule_page(rule: Rule, level: int, prose: Callable[[str], str]) -> str:
    levels = f" {prose(rule.levels)}" if rule.levels else ""
    sources = "\n".join(f"- {prose(source)}" for source in rule.sources)
    head = "#" * level
    return (
        f"{head} {rule.id} {rule.title}\n\n"
        f"`{rule.name}`. Severity: **{rule.severity}**.{levels}\n\n"
        f"**What it means.** {prose(rule.meaning)}\n\n"
        f"**Why it matters.** {prose(rule.why)}\n\n"
        f"**Check by hand.** {prose(rule.by_hand)}\n\n"
        f"**Fix.** {prose(rule.fix)}\n\n"
        f"**Sources**\n\n{sources}\n"
    )


def _known() -> dict[str, str]:
    """Every accepted name, in lower case, to its page."""
    pages = {}
    for rule in ALL:
        text = _rule_page(rule, 1, _as_it_is)
        pages[rule.id.lower()] = text
        pages[rule.name] = text
    pages |= {name: f"# {title}\n\n{body}\n" for name, (title, body) in EXIT_PAGES.items()}
    pages["drivers"] = f"# {driver_pages.TITLE}\n\n{driver_pages.BODY}\n"
    return pages


def ids() -> tuple[str, ...]:
    """The names to list: rule ids, then ``exit-N``."""
    return (*(rule.id for rule in ALL), *EXIT_PAGES)


def index() -> str:
    """The list of all pages, for a terminal."""
    rules = "\n".join(f"{rule.id}     {rule.severity:<8} {rule.title}" for rule in ALL)
    codes = "\n".join(
        f"{name:<8} {title.partition(': ')[2]}" for name, (title, _) in EXIT_PAGES.items()
    )
    choosing = f"drivers  {driver_pages.TITLE}"
    return (
        f"# Findings\n\n{rules}\n\n# Exit codes\n\n{codes}\n\n# Choosing\n\n{choosing}\n\n"
        "A page: migrate explain ID\n"
    )


def page(wanted: str) -> str:
    """The page of a rule (``M003`` or ``upgrade-stripped``) or exit code (``exit-4``), as Markdown.

    Nothing asked for gives the list of all pages. ``UnknownPage`` names the nearest one.
    """
    pages = _known()
    key = wanted.strip().lower().replace("_", "-")
    if not key:
        return index()
    short = re.fullmatch(r"(?:m|rule )?(\d{1,3})", key)
    if short and f"m{int(short[1]):03d}" in pages and not key.isdecimal():
        key = f"m{int(short[1]):03d}"
    elif key.isdecimal():
        key = f"exit-{int(key)}"
    if key in pages:
        return pages[key]
    near = difflib.get_close_matches(key, list(pages), n=1, cutoff=0.5)
    best = near[0].upper() if near and re.fullmatch(r"m\d{3}", near[0]) else (near or ["M001"])[0]
    hint = f"; did you mean {best}?" if near else ""
    raise UnknownPage(
        f"there is no page {wanted[:60]!r}{hint}", next_command=f"migrate explain {best}"
    )


def document() -> str:
    """docs/findings.md: the table of all rules, their pages, and the exit codes."""
    rows = "\n".join(
        f"| [{r.id}](#{_anchor(f'{r.id} {r.title}')}) | {r.severity} | {r.title} |" for r in ALL
    )
    pages = "\n".join(_rule_page(rule, 2, _escaped) for rule in ALL)
    codes = "\n".join(f"### {title}\n\n{body}\n" for title, body in EXIT_PAGES.values())
    return (
        "# Findings\n\n"
        "What `migrate scan` and `migrate plan` may find. `migrate explain ID` prints the same "
        "page. A *blocker* means that apply refuses: the whole run when its subject is the "
        "controller or the edge, else just that node or object. This page is made from the rules "
        "in `migrate/rules/`.\n\n"
        f"| id | severity | finding |\n|---|---|---|\n{rows}\n\n"
        f"{pages}\n## Exit codes\n\n{codes}"
    )


def _anchor(title: str) -> str:
    """The anchor that Markdown renderers give to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
