"""JUnit's XML, as Jenkins and GitLab show it: a suite a group, a case a node, finding or step."""

from itertools import groupby

from migrate.model.text import html_lines, html_text
from migrate.report.machine.facts import Case, CaseState, Facts


def render(facts: Facts) -> str:
    """The whole file; Jenkins takes one without any case for a failure, so there is always one."""
    cases = facts.cases or (Case("migrate.result", facts.about, CaseState.PASSED, "nothing found"),)
    ordered = sorted(cases, key=lambda case: _suite(case.group))
    suites = [
        _suite_of(name, tuple(group))
        for name, group in groupby(ordered, key=lambda case: _suite(case.group))
    ]
    head = _counts(cases)
    body = "".join(suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="{html_text(facts.about)}" {head}>\n{body}</testsuites>\n'
    )


def _suite(group: str) -> str:
    """``migrate.findings`` of ``migrate.findings.M003``."""
    return ".".join(group.split(".")[:2])


def _counts(cases: tuple[Case, ...]) -> str:
    failed = sum(case.state is CaseState.FAILED for case in cases)
    skipped = sum(case.state is CaseState.SKIPPED for case in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}"'


def _suite_of(name: str, cases: tuple[Case, ...]) -> str:
    rows = "".join(_case(case) for case in cases)
    return f'  <testsuite name="{html_text(name)}" {_counts(cases)}>\n{rows}  </testsuite>\n'


def _case(case: Case) -> str:
    took = "" if case.seconds is None else f' time="{case.seconds:.3f}"'
    start = f'    <testcase classname="{html_text(case.group)}" name="{html_text(case.name)}"{took}'
    told, detail = html_text(case.message), html_lines(case.detail)
    match case.state:
        case CaseState.FAILED:
            inner = f'<failure message="{told}">{detail}</failure>'
        case CaseState.SKIPPED:
            inner = f'<skipped message="{told}"/>'
        case _:
            lines = "\n".join(part for part in (told, detail) if part)
            inner = f"<system-out>{lines}</system-out>" if lines else ""
    return f"{start}>{inner}</testcase>\n" if inner else f"{start}/>\n"
