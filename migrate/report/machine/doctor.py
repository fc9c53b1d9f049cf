"""The facts and the page of ``migrate doctor``."""

from migrate.model.finding import Finding
from migrate.model.inventory import Verdict
from migrate.report import findings as findings_part
from migrate.report import skips as skips_part
from migrate.report.document import (
    Badge,
    Block,
    Callout,
    Code,
    Document,
    Heading,
    Line,
    Tone,
    filled,
    line,
)
from migrate.report.json import DoctorAnswer
from migrate.report.machine.facts import (
    Case,
    CaseState,
    Facts,
    Metric,
    Rows,
    Sample,
    cases_of,
    one,
    remarks_of,
)

_STATES = {
    Verdict.PASS: CaseState.PASSED,
    Verdict.FAIL: CaseState.FAILED,
    Verdict.INCONCLUSIVE: CaseState.SKIPPED,
}
_TONES = {Verdict.PASS: Tone.GOOD, Verdict.FAIL: Tone.BAD, Verdict.INCONCLUSIVE: Tone.WARN}
_WORDS = {True: "has", False: "lacks", None: "maybe"}


def _rights(answer: DoctorAnswer) -> list[tuple[str, str, bool | None]]:
    """(where, what, whether) of each right."""
    cluster = answer.cluster or {}
    return [
        *(("permission", name, has) for name, has in answer.permissions.items()),
        *(("cluster", name, has) for name, has in cluster.items()),
    ]


def facts(answer: DoctorAnswer, findings: tuple[Finding, ...]) -> Facts:
    """Rights, probes, and what blocks or is doubtful."""
    url = answer.controller
    rights = _rights(answer)
    # A right that lacks is no failure: what needs it is found by the plan.
    asked = tuple(
        Case(
            f"migrate.rights.{where}",
            name,
            CaseState.PASSED if has else CaseState.SKIPPED,
            _WORDS[has],
        )
        for where, name, has in rights
    )
    probes = tuple(
        Case("migrate.probes", p.id, _STATES[p.verdict], f"{p.answer}: {p.cause}", p.fix)
        for p in answer.probes
    )
    rows = [(where, name, _WORDS[has], "") for where, name, has in rights]
    rows += [("probe", p.id, p.verdict.value, f"{p.answer}: {p.cause}") for p in answer.probes]
    rows += [("finding", f"{f.id} {f.subject}", f.severity.value, f.summary) for f in findings]
    return Facts(
        f"doctor/{url}",
        remarks_of(findings),
        (*asked, *probes, *cases_of(findings)),
        Rows(("kind", "what", "verdict", "detail"), tuple(rows)),
        (
            Metric(
                "migrate_right",
                "1 for a right that the user has, 0 for one that lacks or is not known.",
                tuple(
                    Sample(has is True, {"controller": url, "where": where, "right": name})
                    for where, name, has in rights
                ),
            ),
            Metric(
                "migrate_probe_passed",
                "1 for a probe that passed.",
                tuple(
                    Sample(p.verdict is Verdict.PASS, {"controller": url, "probe": p.id})
                    for p in answer.probes
                ),
            ),
            one(
                "migrate_blockers",
                "What keeps a migration from starting.",
                len(answer.blockers),
                controller=url,
            ),
        ),
    )


def document(answer: DoctorAnswer, findings: tuple[Finding, ...]) -> Document:
    """The page."""
    verdict = answer.websocket
    tone = Tone.BAD if answer.blockers else _TONES[verdict.verdict]
    blocks: list[Block] = [
        Callout(tone, line(f"WebSocket: {verdict.verdict}: {verdict.sentence}")),
    ]
    if findings:
        blocks += [Heading(2, line("Findings")), *findings_part.blocks(findings)]
    rights: list[tuple[Line, ...]] = [
        (line(where), line(Code(name)), line(_WORDS[has])) for where, name, has in _rights(answer)
    ]
    blocks += [Heading(2, line("Rights")), filled(("Where", "Right", "Has it"), rights)]
    probes: list[tuple[Line, ...]] = [
        (
            line(Code(p.id)),
            line(Badge(p.verdict.value, _TONES[p.verdict])),
            line(p.answer),
            line(p.cause),
        )
        for p in answer.probes
    ]
    blocks += [Heading(2, line("Probes")), filled(("Probe", "Verdict", "Answer", "Means"), probes)]
    if answer.skips:
        blocks += [Heading(2, line("Not read")), *skips_part.table(answer.skips)]
    title = f"Doctor: {answer.controller}, Jenkins {answer.version}, user {answer.user}"
    return Document(title, tuple(blocks))
