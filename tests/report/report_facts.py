"""Facts for the machine formats: of the samples, and made up by hypothesis."""

from typing import Any

import report_samples as samples
from hypothesis import strategies as st

from migrate.model.finding import Severity
from migrate.report.machine import plan, run, scan
from migrate.report.machine.facts import Case, CaseState, Facts, Metric, Remark, Rows, Sample
from migrate.rules.registry import judge


def all_facts() -> dict[str, Facts]:
    """Of each report, good and hostile."""
    inventory, hostile = samples.inventory(), samples.hostile_inventory()
    return {
        "scan": scan.facts(inventory, samples.findings()),
        "plan": plan.facts(samples.plan(), samples.findings()),
        "run": run.facts(samples.run()),
        "hostile scan": scan.facts(hostile, judge(hostile)),
        "hostile plan": plan.facts(samples.hostile_plan(), judge(hostile)),
        "hostile run": run.facts(samples.hostile_run()),
    }


TEXT = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "[a](http://evil)", "{0}", '"', "\\", "]]>", "\ud800", "a\nb", "../../x", "%2e", "'"]
)


def _facts(told: str, other: str, file: str, number: float) -> Facts:
    return Facts(
        f"scan/{told}",
        (
            Remark(told, Severity.WARNING, other, told, other, file, 7),
            Remark("M003", Severity.BLOCKER, told, other),
        ),
        tuple(Case(f"migrate.{told}", other, state, told, other) for state in CaseState),
        Rows(("a", "b"), ((told, other), (other, file))),
        (Metric("migrate_x", "Words.", (Sample(number, {"name": told, "b": other}),)),),
    )


FACTS: Any = st.builds(
    _facts, TEXT, TEXT, TEXT, st.floats(allow_nan=False, allow_infinity=False, width=32)
)
