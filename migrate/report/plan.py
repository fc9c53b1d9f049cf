"""The report of a plan: the change ticket. What, why, in which order, at what risk, and back."""

from urllib.parse import urlsplit

from migrate.model.finding import Finding, Severity
from migrate.model.inventory import STAYS_ON_TCP, Skip
from migrate.model.names import StageName
from migrate.model.permissions import needed_by
from migrate.model.plan import NODE_STEPS, Choices, Plan, Refused, Stage
from migrate.model.plan_steps import (
    AnnotateIngress,
    EditFile,
    Manual,
    NodeStep,
    PlanStep,
    acts_as,
    piece_of,
    restarts_controller,
)
from migrate.report import commands, stages, summary
from migrate.report import findings as findings_part
from migrate.report import skips as skips_part
from migrate.report.document import (
    MANY,
    Block,
    Bullets,
    Callout,
    Checks,
    Code,
    Document,
    Fields,
    Heading,
    Line,
    Para,
    Pre,
    Strong,
    Tone,
    line,
    plural,
)
from migrate.report.node import not_otherwise
from migrate.report.steps import (
    CLOSE_KINDS,
    file_part,
    front_part,
    generic,
    manual_part,
    moves_by_kind,
    moves_table,
    objects_table,
)


def document(
    plan: Plan, findings: tuple[Finding, ...], not_read: tuple[Skip, ...] = ()
) -> Document:
    """The whole report. ``not_read``: what the scan before it could not read."""
    name = plan.choices.name
    blocks: list[Block] = [
        *skips_part.head(not_read),
        _headline(plan, findings),
        _summary(plan, findings, not_read),
        Heading(2, line("What and why")),
        *_what(plan),
        Heading(2, line("Order, downtime and risk")),
        stages.table(plan),
        *_findings(findings),
    ]
    for stage in plan.stages:
        blocks += _stage(stage, plan.refused)
    blocks += _manual(plan)
    if plan.skips:
        blocks += [Heading(2, line("Left out")), *skips_part.table(plan.skips)]
    blocks += [Heading(2, line("How to run it")), _how_to_run(plan)]
    blocks += [Heading(2, line("How to go back")), *_way_back(plan)]
    blocks += [Heading(2, line("What was chosen")), Fields(_choices(plan.choices))]
    blocks += [Heading(2, line("Which installation and tool")), Fields(_identity(plan))]
    blocks += [Heading(2, line("Sign-off")), _sign_off(plan)]
    return Document(f"Change ticket: plan {name}", tuple(blocks))


def brief(plan: Plan, findings: tuple[Finding, ...], not_read: tuple[Skip, ...] = ()) -> Document:
    """What fits on a screen: the sentence, the nodes, the port, how to go on."""
    told = tuple(f for f in findings if f.severity is not Severity.INFO)
    blocks: list[Block] = [
        *skips_part.head(not_read),
        _headline(plan, ()),
        _summary(plan, findings, not_read),
    ]
    if told:
        blocks += [Heading(2, line("In the way, or worth care"))]
        blocks += findings_part.one_liners(told)
    if front := front_steps(plan):
        titles = tuple(line(step.title) for step in front)
        blocks += [Heading(2, line("The front, before any node")), Bullets(titles)]
    moves = [
        (wave.name, step)
        for stage in plan.stages
        for wave in stage.waves
        for step in wave.steps
        if stage.name is StageName.NODES
    ]
    if moves:
        many = len(moves) > MANY
        table = moves_by_kind(moves) if many else moves_table(moves)
        blocks += [Heading(2, line("Nodes, wave by wave")), *table]
        if plan.refused:
            why = commands.explain("NODE", plan.choices.folder)
            blocks.append(Para(line("Why not by another driver: ", Code(why)), Tone.MUTED))
        if many:
            by_name = commands.show(plan.choices.folder)
            blocks.append(Para(line("Each node by name: ", Code(by_name)), Tone.MUTED))
    closing = [
        s for stage in plan.stages if stage.name is StageName.CLOSE for s in _all_steps(stage)
    ]
    if closing:
        items = tuple(line(step.title) for step in closing)
        title = "The port, once every agent is on WebSocket"
        blocks += [Heading(2, line(title)), Bullets(items, ordered=True)]
    blocks += [Heading(2, line("How to run it")), _how_to_run(plan)]
    return Document(f"Plan {plan.choices.name}", tuple(blocks))


def _all_steps(stage: Stage) -> list[PlanStep]:
    return [step for wave in stage.waves for step in wave.steps]


def steps_of(plan: Plan, *kinds: str) -> list[PlanStep]:
    """Steps of these kinds, in order."""
    return [step for step in plan.steps() if step.kind in kinds]


def front_steps(plan: Plan) -> list[PlanStep]:
    """What lets WebSocket through the front, before any node is moved; whoever does it."""
    return [s for s in plan.steps() if isinstance(acts_as(s), AnnotateIngress)]


def manual_nodes(plan: Plan) -> list[PlanStep]:
    """Manual steps about nodes."""
    return [s for s in steps_of(plan, "manual") if s.subject.startswith("node ")]


def sentence(plan: Plan) -> str:
    """What the plan does, in one sentence."""
    moves, hands = len(steps_of(plan, *NODE_STEPS)), len(manual_nodes(plan))
    front = front_steps(plan)
    others = len(steps_of(plan, "manual")) - hands - sum(s.kind == "manual" for s in front)
    closes = len(steps_of(plan, *CLOSE_KINDS))
    parts = []
    if front:
        by_hand = " by hand" if any(s.kind == "manual" for s in front) else ""
        parts.append(f"lets WebSocket through the front in {plural(len(front), 'step')}{by_hand}")
    if moves or hands:
        away = sum(1 for s in steps_of(plan, *NODE_STEPS) if isinstance(s, NodeStep) and s.offline)
        unseen = f" ({away} of them offline: only with --include-offline)" if away else ""
        parts.append(f"moves {plural(moves, 'agent')} from TCP to WebSocket{unseen}")
    if hands:
        parts.append(f"hands {plural(hands, 'agent')} to a person")
    files = len(steps_of(plan, "edit-file"))
    if files:
        parts.append(f"edits sources in {plural(files, 'step')}, which a person deploys")
    if closes or others:
        told = f"closes the TCP port in {plural(closes, 'step')}"
        parts.append(told + (f" and {others} by hand" if others else ""))
        if any(restarts_controller(s) for s in plan.steps()):
            parts.append("RESTARTS JENKINS itself at its end")
    elif not plan.choices.close:
        parts.append("leaves the TCP port open")
    text = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else ""
    whole = f"This plan {text}." if text else "This plan has nothing to do."
    left = sum(skip.what == STAYS_ON_TCP for skip in plan.skips)
    if left and closes:
        stay = "stays" if left == 1 else "stay"
        whole += f" {plural(left, 'node')} {stay} on TCP, and the port open while that is so."
    return whole


def _headline(plan: Plan, findings: tuple[Finding, ...]) -> Block:
    stops = findings_part.blockers(findings)
    skipped = f" {plural(len(plan.skips), 'thing')} left out." if plan.skips else ""
    counted = f" Findings: {findings_part.summary(findings)}." if findings else ""
    return Callout(
        Tone.BAD if stops else Tone.PLAIN,
        line(sentence(plan), skipped, counted),
        tuple(Para(line(f"{f.id} {f.subject}: {f.summary}"), Tone.BAD) for f in stops),
    )


def _summary(plan: Plan, findings: tuple[Finding, ...], not_read: tuple[Skip, ...]) -> Block:
    going_on = commands.dry_run(plan.choices.folder)
    return summary.of_plan(plan, findings, not_read, len(manual_nodes(plan)), going_on)


def _what(plan: Plan) -> list[Block]:
    target = plan.target
    return [
        Para(
            line(
                "The agents of ",
                Code(target.controller_url),
                f" (Jenkins {target.controller_version}) connect to a fixed TCP port today, which "
                "has to be published beside HTTP. After this change they use WebSocket over the "
                "controller's ordinary address, and the port can be closed.",
            )
        ),
        Para(
            line(
                "First the new way is opened and proven, then agents move in waves while the old "
                "port stays open, and the port is closed last. A running build is never killed: "
                "a node is marked offline and waited for. A node that fails is put back by itself."
            )
        ),
    ]


def _findings(findings: tuple[Finding, ...]) -> list[Block]:
    told = tuple(f for f in findings if f.severity is not Severity.INFO)
    if not told:
        return []
    return [
        Heading(2, line("What stands in the way or deserves care")),
        *findings_part.blocks(told),
    ]


def _stage(stage: Stage, refused: tuple[Refused, ...]) -> list[Block]:
    steps = [(wave.name, step) for wave in stage.waves for step in wave.steps]
    if not steps:
        return []
    blocks: list[Block] = [Heading(2, line(f"Stage {stage.name}: {stage.title}"))]
    moves = [(w, s) for w, s in steps if _is_move(s)]
    others = [(w, s) for w, s in steps if not _is_move(s)]
    closes = [(w, s) for w, s in others if _is_object(s)]
    rest = [(w, s) for w, s in others if not _is_object(s)]
    if moves:
        blocks += [*moves_table(moves), *not_otherwise(refused)]
    if closes:
        blocks.append(objects_table(closes))
    for wave, step in rest:
        if step.kind == "manual":
            where = f"; wave {wave}, see Open manual steps"
            blocks.append(Para(line(Code(step.id), f": {step.title}{where}")))
        else:
            blocks += _part(wave, step)
    return blocks


def _part(wave: str, step: PlanStep) -> list[Block]:
    if isinstance(step, EditFile):
        return file_part(step)
    return front_part(step) if isinstance(step, AnnotateIngress) else generic(wave, step)


def _is_move(step: PlanStep) -> bool:
    return step.kind in NODE_STEPS or step.subject.startswith("node ")


def _is_object(step: PlanStep) -> bool:
    return acts_as(step).kind in CLOSE_KINDS or piece_of(step) is not None


def _manual(plan: Plan) -> list[Block]:
    steps = [step for step in plan.steps() if isinstance(step, Manual)]
    if not steps:
        return []
    out: list[Block] = [
        Heading(2, line("Open manual steps")),
        Para(
            line(
                "apply stops before the close stage until these are done. Ready scripts are in ",
                Code(f"{plan.choices.folder}/runbooks/"),
                " (read them before you run them).",
            )
        ),
    ]
    for step in steps:
        out += manual_part(step)
    return out


def _how_to_run(plan: Plan) -> Block:
    folder = plan.choices.folder
    host = urlsplit(plan.target.controller_url).hostname or "HOST"
    confirm = f" --confirm {host}" if plan.choices.close else ""
    rows = [
        f"{commands.show(folder)}",
        f"{commands.dry_run(folder)}",
        f"{commands.apply(folder)}{confirm}",
    ]
    if steps_of(plan, "manual"):
        rows.append(f"{commands.resume(folder)}{confirm}    # after the manual steps")
    return Pre("\n".join([*rows, "migrate verify"]))


def _way_back(plan: Plan) -> list[Block]:
    back = commands.rollback(plan.choices.folder)
    rows = [f"{back} --dry-run", back, f"{back} --node NAME      # one node"]
    if steps_of(plan, *CLOSE_KINDS):
        rows.append(f"{back} --stage close    # only open the port again")
    return [
        Para(
            line(
                "Until the last step and after it: the rollback opens the port first, then puts "
                "back each node's config.xml and launch byte for byte, its agent.jar and its "
                "connection, and verifies that too. It waits for no soak."
            )
        ),
        Pre("\n".join(rows)),
    ]


def _choices(choices: Choices) -> tuple[tuple[str, Line], ...]:
    yes = {True: "yes", False: "no"}
    pairs: list[tuple[str, Line]] = [
        ("Nodes", line(" ".join(choices.include))),
        ("Without", line(" ".join(choices.exclude) or "none")),
        ("Canary", line(plural(choices.canary, "node"))),
        ("Waves after it", line(", ".join(choices.wave_sizes))),
        ("Upgrade agent.jar", line(yes[choices.upgrade])),
        ("Secrets in clear into files", line(yes[choices.secrets_to_files])),
        ("Close the port", line(yes[choices.close])),
        ("Restart Jenkins itself", line(yes[choices.restart_controller])),
        ("Edit owned objects live", line(yes[choices.allow_live_edit])),
        ("Accept http://", line(yes[choices.accept_http])),
        ("Hold the probe's socket", line(f"{choices.probe_hold} s")),
        ("Wait for builds", line(f"up to {choices.drain_timeout} s a node")),
        ("Wait for a node", line(f"up to {choices.verify_timeout} s")),
    ]
    pairs += [("Agents' TCP address", line(Code(each))) for each in choices.agent_addresses]
    pairs += [("Driver asked for", line(Code(f"{p}={d}"))) for p, d in choices.drivers]
    pairs += [("Launch asserted", line(Code(f"{p}={k}"))) for p, k in choices.launches]
    return tuple(pairs)


def _identity(plan: Plan) -> tuple[tuple[str, Line], ...]:
    target = plan.target
    return (
        ("Plan id", line(Code(plan.plan_id))),
        ("Controller", line(Code(target.controller_url), f" Jenkins {target.controller_version}")),
        ("agent.jar served", line(target.jar_version or "not read")),
        ("Cluster", line(Code(target.cluster_context)) if target.cluster_context else line("none")),
        ("Permissions of Jenkins", line(", ".join(needed_by(plan.steps())))),
        ("Inventory SHA-256", line(Code(target.inventory_sha256))),
        ("Made by", line(f"migrate {plan.tool_version}, schema {plan.schema_version}")),
    )


def _sign_off(plan: Plan) -> Block:
    items: list[Line] = [
        line("Plan read and understood. Name, date: ", Strong("____________________")),
        line("Maintenance window agreed: ", Strong("____________________")),
        line("Dry run done, its result attached."),
        line("Somebody with access to the agents' hosts is on call: ", Strong("______________")),
    ]
    if plan.choices.close:
        items.append(line("Closing the port approved. Name, date: ", Strong("________________")))
    items.append(line("Result checked with migrate verify, report attached."))
    return Checks(tuple(items))
