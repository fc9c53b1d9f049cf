"""The one door to the reports: data and a format in, text out."""

from collections.abc import Callable
from dataclasses import replace

from migrate.model.difference import Change
from migrate.model.errors import UsageProblem
from migrate.model.finding import Finding
from migrate.model.history import Trend
from migrate.model.inventory import Inventory, Skip
from migrate.model.next_command import Given
from migrate.model.plan import Plan
from migrate.model.rehearsal import Rehearsal
from migrate.model.run import Run
from migrate.model.serialize import SCHEMA_VERSION
from migrate.report import csv, html, json, junit, markdown, prometheus, sarif, text
from migrate.report import difference as difference_report
from migrate.report import node as node_report
from migrate.report import plan as plan_report
from migrate.report import rehearsal as rehearsal_report
from migrate.report import run as run_report
from migrate.report import scan as scan_report
from migrate.report import trend as trend_report
from migrate.report.document import Document
from migrate.report.given import data_with, document_with
from migrate.report.machine import difference as difference_facts
from migrate.report.machine import doctor as doctor_facts
from migrate.report.machine import handover as handover_facts
from migrate.report.machine import plan as plan_facts
from migrate.report.machine import rehearsal as rehearsal_facts
from migrate.report.machine import run as run_facts
from migrate.report.machine import scan as scan_facts
from migrate.report.machine import trend as trend_facts
from migrate.report.machine.facts import Facts
from migrate.report.summary import head_of

FORMATS = ("text", "json", "md", "html", "sarif", "junit", "csv", "prometheus")
"""What ``-o`` takes, on every command that has it."""

_RENDERERS: dict[str, Callable[[Document], str]] = {
    "md": markdown.render,
    "html": html.render,
}
_MACHINE: dict[str, Callable[[Facts], str]] = {
    "sarif": sarif.render,
    "junit": junit.render,
    "csv": csv.render,
    "prometheus": prometheus.render,
}


def render_scan(
    inventory: Inventory,
    findings: tuple[Finding, ...],
    fmt: str = "text",
    *,
    brief: bool = False,
    summary: bool = False,
    columns: int | None = None,
    given: Given = (),
) -> str:
    """A scan in one of ``FORMATS``; ``UsageProblem`` for another one.

    ``brief`` leaves out evidence, cause, fix and probes, ``summary`` all but the few lines at the
    top; json always has everything.
    ``columns``: of the terminal that shows the text. ``given``: connection options that the next
    commands repeat; a plan and a run have their own.
    """
    if fmt == "json":
        return json.scan(inventory, data_with(findings, given, "fix"))
    if fmt in _MACHINE:
        return _MACHINE[fmt](scan_facts.facts(inventory, findings))
    made = scan_report.brief if brief else scan_report.document
    page = document_with(made(inventory, findings), given)
    return _render(head_of(page) if summary else page, fmt, columns)


def render_plan(
    plan: Plan,
    findings: tuple[Finding, ...] = (),
    fmt: str = "text",
    *,
    not_read: tuple[Skip, ...] = (),
    brief: bool = False,
    summary: bool = False,
    columns: int | None = None,
) -> str:
    """A plan in one of ``FORMATS`` (md is the change ticket); ``brief``: one screen of it,
    ``summary``: a few lines.

    ``not_read``: what the scan before it could not read; it stands at the top.
    """
    if fmt == "json":
        return json.plan(plan, data_with(findings, plan.choices.given, "fix"), not_read)
    if fmt in _MACHINE:
        return _MACHINE[fmt](plan_facts.facts(plan, findings))
    made = plan_report.brief if brief else plan_report.document
    page = document_with(made(plan, findings, not_read), plan.choices.given)
    return _render(head_of(page) if summary else page, fmt, columns)


def render_node(plan: Plan, node: str, *, columns: int | None = None) -> str:
    """How one node of a plan is moved and why not otherwise, as text; empty: the plan says nothing
    of such a node."""
    made = node_report.document(plan, node)
    if made is None:
        return ""
    return _render(document_with(made, plan.choices.given), "text", columns)


def render_run(
    run: Run,
    fmt: str = "text",
    *,
    brief: bool = False,
    summary: bool = False,
    columns: int | None = None,
) -> str:
    """A run in one of ``FORMATS`` (html is the ticket's attachment); ``brief``: one screen of it,
    ``summary``: a few lines."""
    if fmt == "json":
        steps = data_with(run.steps, run.given, "needs")
        return json.run(*data_with((replace(run, steps=steps),), run.given, "next_command"))
    if fmt in _MACHINE:
        return _MACHINE[fmt](run_facts.facts(run))
    made = run_report.brief if brief or summary else run_report.document
    page = document_with(made(run), run.given)
    return _render(head_of(page) if summary else page, fmt, columns)


def render_doctor(
    answer: json.DoctorAnswer, findings: tuple[Finding, ...], fmt: str, given: Given = ()
) -> str:
    """What doctor saw, in one of ``FORMATS``; ``findings``: what blocks or is doubtful."""
    page = document_with(doctor_facts.document(answer, findings), given)
    return render(answer, page, doctor_facts.facts(answer, findings), fmt)


def render_trend(found: tuple[Trend, ...], fmt: str, columns: int | None = None) -> str:
    """How far the move has come, in one of ``FORMATS``."""
    answer = json.TrendAnswer(SCHEMA_VERSION, found, tuple(trend.sentence for trend in found))
    page = trend_report.document(found)
    return render(answer, page, trend_facts.facts(found), fmt, columns=columns)


def render_rehearsal(rehearsal: Rehearsal, fmt: str, columns: int | None = None) -> str:
    """The record of a dry run, in one of ``FORMATS``."""
    answer = json.RehearsalAnswer(SCHEMA_VERSION, rehearsal)
    page = document_with(rehearsal_report.document(rehearsal), rehearsal.given)
    return render(answer, page, rehearsal_facts.facts(rehearsal), fmt, columns=columns)


def render_difference(
    before: str, after: str, changes: tuple[Change, ...], fmt: str, columns: int | None = None
) -> str:
    """What differs, in one of ``FORMATS``."""
    answer = json.DifferenceAnswer(SCHEMA_VERSION, before, after, changes)
    page = difference_report.document(before, after, changes)
    facts = difference_facts.facts(changes)
    return render(answer, page, facts, fmt, columns=columns)


def render_handover(answer: json.HandoverAnswer, fmt: str, columns: int | None = None) -> str:
    """Who was given what, in one of ``FORMATS``."""
    page, facts = handover_facts.document(answer), handover_facts.facts(answer)
    return render(answer, page, facts, fmt, columns=columns)


def render_page(page: Document) -> str:
    """A page of HTML that stands alone."""
    return html.render(page)


def render(
    data: object, page: Document, facts: Facts, fmt: str, *, columns: int | None = None
) -> str:
    """A result in one of ``FORMATS``: ``data`` is its JSON, ``page`` what a person reads."""
    if fmt == "json":
        return json.text(data)
    if fmt in _MACHINE:
        return _MACHINE[fmt](facts)
    return _render(page, fmt, columns)


def _render(document: Document, fmt: str, columns: int | None) -> str:
    if fmt == "text":
        return text.render(document, columns)
    renderer = _RENDERERS.get(fmt)
    if renderer is None:
        raise UsageProblem(
            f"there is no format {fmt[:20]!r}; known: {', '.join(FORMATS)}",
            next_command=f"-o {FORMATS[0]}",
        )
    return renderer(document)
