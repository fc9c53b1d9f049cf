"""The facts of what was handed over."""

from migrate.model.finding import Severity
from migrate.report.document import Code, Document, Line, filled, line, plural
from migrate.report.json import HandoverAnswer
from migrate.report.machine.facts import Case, CaseState, Facts, Remark, Rows, counted


def facts(answer: HandoverAnswer) -> Facts:
    """A row for each node."""
    nodes = [(share, node) for share in answer.owners for node in share.nodes]
    return Facts(
        f"handover/{answer.plan}",
        tuple(
            Remark(
                "node.handed-over",
                Severity.INFO,
                f"node {node.name}",
                f"node {node.name} is for {share.owner}: {node.why}",
            )
            for share, node in nodes
        ),
        tuple(
            Case("migrate.handover", node.name, CaseState.SKIPPED, f"for {share.owner}: {node.why}")
            for share, node in nodes
        ),
        Rows(
            ("owner", "contact", "node", "host", "why", "runbook", "folder"),
            tuple(
                (s.owner, s.contact, n.name, n.host, n.why, n.runbook, s.folder) for s, n in nodes
            ),
        ),
        (
            counted(
                "migrate_handed_over",
                "Nodes that need a person, by owner.",
                "owner",
                {share.owner: len(share.nodes) for share in answer.owners},
                plan=answer.plan,
            ),
        ),
    )


def document(answer: HandoverAnswer) -> Document:
    """Who got what."""
    total = sum(len(share.nodes) for share in answer.owners)
    rows: list[tuple[Line, ...]] = [
        (line(s.owner), line(str(len(s.nodes))), line(Code(s.folder)), line(s.contact))
        for s in answer.owners
    ]
    title = f"{plural(total, 'node')} for {plural(len(answer.owners), 'owner')}"
    blocks = (filled(("Owner", "Nodes", "Folder", "Write to"), rows),) if rows else ()
    return Document(title, blocks)
