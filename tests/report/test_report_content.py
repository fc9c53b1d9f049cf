"""What the reports must say, whatever their form."""

import re
from dataclasses import replace

import pytest
import report_samples as samples
from msgspec import structs

from migrate.model.errors import UsageProblem
from migrate.model.finding import Finding, Severity
from migrate.model.inventory import Inventory, Transport
from migrate.model.names import StageName
from migrate.model.plan import Plan
from migrate.model.plan_steps import CloudSettings, PlanStep, Step, SwitchCloud, node_of
from migrate.model.run import StepState
from migrate.report import plan as plan_report
from migrate.report import run as run_report
from migrate.report import scan as scan_report
from migrate.report.dispatch import render_plan, render_run, render_scan
from migrate.report.document import Document, Line, Table, filled, line, plain
from migrate.report.text import TABLE_WIDTH, render, width


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def words(row: tuple[Line, ...]) -> list[str]:
    return [plain(cell) for cell in row]


def test_scan_headline_counts_only_inbound_agents() -> None:
    assert scan_report.headline(samples.inventory()) == (
        "8 of 9 inbound agents have to be moved to WebSocket; 1 is on it."
    )
    done = tuple(
        replace(n, transport=Transport.WEBSOCKET) for n in samples.inventory().nodes
    )  # fmt: skip
    assert "All 9 inbound agents are on WebSocket" in scan_report.headline(
        samples.inventory(nodes=done)
    )
    assert scan_report.headline(samples.inventory(nodes=())) == "No inbound agent was found."


def test_scan_text_has_its_parts_in_order() -> None:
    made = render_scan(samples.inventory(), samples.findings(), "text")
    order = [
        made.index(part)
        for part in ("inbound agents", "Launches:", "\nFindings\n", "\nNot read\n", "\nNodes\n")
    ]
    assert order == sorted(order)
    for node in samples.inventory().nodes:
        assert node.name in made


def test_scan_tells_blockers_at_the_top() -> None:
    finding = Finding("M003", Severity.BLOCKER, "edge", "drops it", "evidence", "cause", "the fix")
    made = render_scan(samples.inventory(), (finding,), "text")
    assert made.index("!! M003 edge: drops it") < made.index("Launches:")
    assert "the fix" in made
    assert "migrate plan --name" not in made


def test_findings_with_one_cause_are_one_part() -> None:
    many = tuple(
        Finding("M010", Severity.WARNING, f"node n{i}", "is offline", f"e{i}", "cause", "fix")
        for i in range(3)
    )
    other = Finding("M010", Severity.WARNING, "node z", "is offline", "e", "another cause", "fix")
    made = render_scan(samples.inventory(), (*many, other), "text")
    assert made.count("WARNING M010") == 2
    assert "(3 subjects)" in made
    assert all(f"node n{i}: is offline (e{i})" in made for i in range(3))


def test_an_id_of_another_version_is_shown() -> None:
    finding = Finding("M999", Severity.INFO, "edge", "something newer", "e", "c", "f")
    assert "M999 something newer" in render_scan(samples.inventory(), (finding,), "text")


def test_text_tables_hold_every_name_unbroken() -> None:
    nodes = (samples.node("n" * 200), samples.node("a name with  two spaces"))
    made = render_scan(samples.inventory(nodes=nodes), (), "text")
    assert "n" * 200 in made
    assert "a name with  two spaces" in made


def test_text_tables_fit_where_words_allow() -> None:
    prose = line("many short words " * 20)
    made = render(Document("t", (Table(("a", "b", "c"), ((prose, prose, prose),)),)))
    assert max(width(row) for row in made.split("\n")) <= TABLE_WIDTH
    assert made.count("many") == 60


def test_a_long_name_goes_on_at_its_seams_and_loses_nothing() -> None:
    name = "Service ingress-nginx/ingress-nginx-controller[27651-tcp]"
    cells = (line(name), line("--accept-offline https://jenkins.example.com/a"), line(name))
    made = render(Document("t", (Table(("a", "b", "c"), (cells,)),)))
    assert max(width(row) for row in made.split("\n")) <= TABLE_WIDTH
    rows = made.split("\n\n")[1].split("\n")[2:]
    start = rows[0].index("--accept")
    assert "".join(row[:start].strip() for row in rows).replace(" ", "") == name.replace(" ", "")
    assert "https://jenkins" in made


def test_a_column_that_says_nothing_is_left_out() -> None:
    rows: list[tuple[Line, ...]] = [
        (line("x"), (), line("-")),
        (line("y"), line(""), line("-")),
    ]
    assert filled(("a", "b", "c"), rows) == Table(("a",), ((line("x"),), (line("y"),)))


def test_the_wave_of_a_single_step_is_not_told() -> None:
    run = samples.run()
    long = replace(run.steps[-1], stage=StageName.CLOSE, wave="edge-service-port/a/b/27651-tcp")
    table = next(
        t
        for t in tables(run_report.document(replace(run, steps=(*run.steps[:-1], long))))
        if "Stage, wave" in t.columns
    )
    assert {words(row)[0] for row in table.rows} == {"preflight", "nodes: wave-1", "close"}


def test_plan_ticket_says_all_that_a_ticket_needs() -> None:
    made = render_plan(samples.plan(), samples.findings(), "md")
    for part in (
        "## What and why",
        "## Order, downtime and risk",
        "## Stage nodes",
        "## Open manual steps",
        "## Left out",
        "## How to go back",
        "migrate rollback plans/saturday",
        "migrate apply plans/saturday --dry-run",
        "migrate apply plans/saturday --confirm jenkins.example.com",
        "- [ ] Plan read",
        "sh runbooks/by-name.sh",
        "ab" * 32,
    ):
        assert part in made


def test_a_reason_shared_by_nodes_is_told_once() -> None:
    made = render_plan(samples.plan(), (), "text")
    assert made.count("started with -jnlpUrl, and its host can be probed") == 2
    assert "1. inband: started with -jnlpUrl" in made
    assert "3. manual: its transport stands in its own command line" in made


def test_plan_tables_hold_every_step_once() -> None:
    document = plan_report.document(samples.plan(), ())
    moves = next(t for t in tables(document) if "Driver" in t.columns)
    assert [words(row)[1] for row in moves.rows] == [
        node_of(s) for s in samples.plan().steps() if node_of(s)
    ]
    closes = next(t for t in tables(document) if "What is done" in t.columns)
    assert len(closes.rows) == 4
    assert "31500" in words(closes.rows[1])[5]


def test_all_that_a_step_of_another_kind_says_is_shown() -> None:
    step = SwitchCloud(
        id="x/y",
        subject="cloud k8s",
        title="switch the cloud",
        cloud="k8s",
        before=CloudSettings(web_socket=False, tunnel="t:1", direct=False),
    )
    stage = replace(
        samples.plan().stages[0], waves=(replace(samples.plan().stages[0].waves[0], steps=(step,)),)
    )
    made = render_plan(samples.plan(stages=(stage,)), (), "text")
    assert "switch the cloud" in made
    assert re.search(r"cloud: +k8s", made)
    assert re.search(r"pods: +0", made)
    assert '"tunnel": "t:1"' in made


def test_a_plan_without_close_says_so() -> None:
    plan = samples.plan()
    plan = replace(plan, choices=replace(plan.choices, close=False), stages=plan.stages[:2])
    made = render_plan(plan, (), "text")
    assert "leaves the TCP port open" in " ".join(made.split())
    assert "--stage close" not in made
    assert "--confirm" not in made
    assert "Closing the port approved" not in made


def test_an_empty_plan_has_nothing_to_do() -> None:
    made = render_plan(samples.plan(stages=(), skips=()), (), "text")
    assert "This plan has nothing to do." in made


def test_run_says_the_outcome_first_and_the_stuck_node_next() -> None:
    made = render_run(samples.run(), "text")
    body = made.split("\n", 3)[3]
    assert body.startswith("!! FAILED")
    loud = [made.index(part) for part in (
        "A person must act now", "Failed before", "put back as it was:", "Waits for a person",
        "Not as planned", "\nCounts\n",
    )]  # fmt: skip
    assert loud == sorted(loud)
    assert "On host build-7: start the agent again" in made.split("Failed before")[0]


def test_run_counts_add_up() -> None:
    run = samples.run()
    table = next(t for t in tables(run_report.document(run)) if t.columns[-1] == "sum")
    numbers = [[int(word) for word in words(row)[1:]] for row in table.rows]
    for row in numbers:
        assert sum(row[:-1]) == row[-1]
    for column in zip(*numbers, strict=True):
        assert sum(column[:-1]) == column[-1]
    assert numbers[-1][-1] == len(run.steps)
    told = re.findall(r"(\d+) ", run_report.counts_sentence(run))
    assert sum(map(int, told[1:])) == int(told[0]) == len(run.steps)


def test_offline_nodes_are_told_in_the_first_sentence() -> None:
    told = plan_report.sentence(samples.plan())
    assert "moves 6 agents from TCP to WebSocket (1 of them offline" in told


def test_every_state_has_a_tone() -> None:
    assert set(run_report.TONES) == set(StepState)


def test_a_clean_run_is_quiet() -> None:
    run = samples.run(
        steps=samples.run_steps()[:2], state="finished", exit_code=0, summary="1 done",
        accepted=(), notes=(), next_command="",
    )  # fmt: skip
    made = render_run(run, "text")
    assert "!" not in made
    assert "migrate verify" in made
    assert "migrate rollback plans/saturday/runs/20261121T220000Z-1a2b" in made


def test_a_run_without_an_end_can_be_shown() -> None:
    run = samples.run(
        steps=(), state="interrupted", exit_code=None, summary="", finished="",
        next_command="migrate apply plans/saturday --resume",
    )  # fmt: skip
    for fmt in ("text", "md", "html", "json"):
        assert "plans/saturday --resume" in render_run(run, fmt)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageProblem, match="no format 'pdf'; known: text, json, md, html"):
        render_run(samples.run(), "pdf")


def test_nothing_is_said_of_a_cluster_that_was_not_read() -> None:
    inventory: Inventory = samples.inventory(cluster=None, probes=(), skips=())
    made = render_scan(inventory, (), "text")
    assert "none in play" in made
    assert "lets the TCP port be reached" not in made


def test_a_fleet_is_told_by_its_kinds_and_the_summary_stays_on_the_screen() -> None:
    fleet = tuple(samples.node(f"node-{n:04}") for n in range(500))
    brief = render_scan(samples.inventory(nodes=fleet), (), "text", brief=True)
    assert "500 inbound agents" in brief
    assert re.search(r"500 +node-0000, node-0001, and 498 more", brief)
    assert "Each node by name: migrate scan --details" in brief
    assert len(brief.splitlines()) < 60
    whole = render_scan(samples.inventory(nodes=fleet), (), "text")
    assert all(node.name in whole for node in fleet)


def _fleet_plan(count: int) -> Plan:
    plan = samples.plan()
    stage = next(s for s in plan.stages if s.name == "nodes")
    first = next(s for w in stage.waves for s in w.steps if s.kind == "move-node")
    steps = tuple(
        structs.replace(first, id=f"node/n{n}", subject=f"node n{n}", node=f"n{n}")
        for n in range(count)
    )
    wave = replace(stage.waves[0], name="wave-1", steps=steps)
    stages = tuple(replace(s, waves=(wave,)) if s is stage else s for s in plan.stages)
    return replace(plan, stages=stages)


def test_a_plan_for_a_fleet_is_told_by_wave() -> None:
    plan = _fleet_plan(500)
    brief = render_plan(plan, (), "text", brief=True)
    assert re.search(r"500 +wave-1 +n0, n1, and 498 more", brief)
    assert "Each node by name: migrate show plans/saturday" in brief
    assert len(brief.splitlines()) < 80
    assert "n499" in render_plan(plan, (), "text")


def test_a_plans_report_compares_no_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step with each other made the report of 5,000 nodes take ten seconds."""

    def compared(self: PlanStep, other: object) -> bool:
        raise AssertionError("a step was compared")

    monkeypatch.setattr(Step, "__eq__", compared)
    with pytest.raises(AssertionError, match="was compared"):
        assert samples.move("a") == samples.move("a")
    assert "n9" in render_plan(_fleet_plan(10), (), "md")


@pytest.mark.parametrize("columns", [80, 100])
def test_text_fits_a_narrow_terminal(columns: int) -> None:
    """Commands stay whole, to be copied; everything else is wrapped at words or seams."""
    run = samples.run()
    made = (
        render_scan(samples.inventory(), samples.findings(), "text", columns=columns),
        render_plan(samples.plan(), samples.findings(), "text", brief=True, columns=columns),
        render_run(replace(run, steps=run.steps[:5]), "text", columns=columns),
    )
    for text in made:
        too_wide = [
            row
            for row in text.splitlines()
            if width(row) > columns
            and not row.lstrip("!? ").startswith(("migrate ", "on host"))
            and " " in row.strip()
        ]
        assert not too_wide


def test_a_wide_terminal_changes_nothing() -> None:
    plan = samples.plan()
    assert render_plan(plan, (), "text", columns=200) == render_plan(plan, (), "text")


def test_a_report_does_not_send_to_itself() -> None:
    run = replace(samples.run(), next_command="migrate report plans/saturday")
    made = render_run(run, "text")
    assert "migrate report" not in made
    assert "migrate apply plans/saturday --resume    # once what failed was dealt with" in made
    back = tuple(replace(s, state=StepState.ROLLED_BACK) for s in run.steps[:1])
    made = render_run(replace(run, steps=(*back, *run.steps[1:])), "text")
    assert f"migrate rollback plans/saturday/runs/{run.run_id}    # once" in made
