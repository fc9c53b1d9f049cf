"""``migrate doctor``."""

from typing import TYPE_CHECKING

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import Ticker, animated, check_format, result, say_next
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.next_command import with_given
from migrate.model.text import visible

WANTED = (
    ("Overall/Read", "to read anything"),
    ("Agent/ExtendedRead", "to read config.xml without Agent/Configure"),
    ("Agent/Configure", "to set a node's webSocket flag"),
    ("Agent/Connect", "to read agent logs and to bring a node online again"),
    ("Agent/Disconnect", "to hold a node and to make it reconnect"),
    ("Agent/Create", "for the probe node that proves WebSocket before any node is touched"),
    ("Agent/Delete", "to remove the probe node"),
    (
        "Overall/Administer",
        "to upgrade agent.jar, to see how agents were started, to close the port",
    ),
)


if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.engine.run.rights import Right
    from migrate.model.finding import Finding
    from migrate.model.inventory import Inventory, Skip


@connected
def doctor(
    conn: "Connection",
    output: opt.Format = "text",
    read_by: opt.ReadBy = "auto",
    launch_timeout: opt.LaunchTimeout = 180.0,
    hold: opt.HoldSeconds = 0.0,
    probe_node: opt.ProbeNode = False,
    sockets: opt.Sockets = 0,
    yes: opt.Agreed = False,
    nginx: opt.Nginx = None,
    nginx_root: opt.NginxRoot = "",
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Connect, list the permissions that are there and that lack, probe. Changes nothing.

    With --probe-node a node is made for one handshake, and deleted after it.

    Exit 3 when something blocks a migration.

    migrate doctor

    migrate doctor --hold 40

    migrate doctor --probe-node --hold 40 --yes

    migrate doctor --nginx /etc/nginx
    """
    from migrate.cli.reading import asked_to_hold, take_inventory
    from migrate.cli.sources import with_nginx
    from migrate.model.finding import Severity
    from migrate.model.serialize import SCHEMA_VERSION
    from migrate.model.sources import NOTHING_LOCATED
    from migrate.probe.summary import summarise
    from migrate.report import json
    from migrate.report.dispatch import render_doctor
    from migrate.rules.registry import judge

    check_format(output)
    _, of_files = with_nginx(NOTHING_LOCATED, nginx, nginx_root)
    inventory = take_inventory(
        conn,
        read_by,
        Ticker(quiet, animated(no_color)),
        launch_timeout=launch_timeout,
        holding=asked_to_hold(conn, hold, probe_node=probe_node, sockets=sockets, yes=yes),
    )
    findings = judge(inventory)
    blockers = [f for f in findings if f.severity is Severity.BLOCKER]
    doubts = [f for f in findings if f.severity is Severity.WARNING and f.subject == "edge"]
    summary = summarise(inventory.probes)
    has = set(inventory.controller.permissions)
    admin = "Overall/Administer" in has
    of_cluster, unasked = _cluster_rights(conn, inventory, findings)
    unsure = {s.what.removeprefix("permission ") for s in inventory.skips}
    rights = {
        name: True if admin or name in has else None if name in unsure else False
        for name, _ in WANTED
    }
    if output != "text":
        seen = json.DoctorAnswer(
            SCHEMA_VERSION,
            inventory.controller.url,
            inventory.controller.version,
            inventory.controller.user,
            rights,
            {right.key: may for right, may in of_cluster} if inventory.cluster else None,
            inventory.probes,
            json.WebSocketVerdict(summary.verdict, summary.sentence),
            tuple(blockers),
            inventory.skips,
            of_files,
        )
        result(render_doctor(seen, (*blockers, *doubts, *of_files), output, conn.given))
    else:
        known = inventory.controller
        result(
            f"controller {visible(known.url)}: Jenkins {visible(known.version)}, "
            f"user {visible(known.user) or '(anonymous)'}, read by {inventory.read_by}"
        )
        for name, why in WANTED:
            word = {True: "has  ", False: "lacks", None: "maybe"}[rights[name]]
            result(f"  {word} {name:20} {why}")
        if inventory.cluster is not None:
            result(
                f"cluster {visible(inventory.cluster.context)}: "
                f"{visible(inventory.cluster.server_version)}"
            )
            for told in _told(of_cluster):
                result(told)
        result("probes through the address that agents use:")
        for answer in inventory.probes:
            what = f": {visible(answer.cause)}" if answer.cause else ""
            result(f"  {answer.verdict:12} {answer.id:17} {visible(answer.answer)}{what}")
        result(f"WebSocket: {summary.verdict}: {visible(summary.sentence)}")
        for finding in [*blockers, *doubts, *of_files]:
            word = finding.severity.upper()
            result(f"{word} {finding.id} {visible(finding.subject)}: {visible(finding.summary)}")
            result(f"    fix: {visible(with_given(finding.fix, conn.given))}")
        for told in _not_seen((*inventory.skips, *unasked)):
            result(f"not seen: {with_given(told, conn.given)}")
    if blockers:
        say_next(f"migrate explain {blockers[0].id}")
        raise typer.Exit(int(ExitCode.BLOCKED))
    on = f"migrate explain {doubts[0].id}" if doubts else "migrate plan --name NAME"
    say_next(on, conn.given)


def _cluster_rights(
    conn: "Connection", inventory: "Inventory", findings: "tuple[Finding, ...]"
) -> "tuple[list[tuple[Right, bool]], list[Skip]]":
    """What a plan for this installation would need of the cluster, each with the API server's
    answer; nothing else is asked for, since each right that is named is granted by somebody."""
    from migrate.engine.run.rights import needed_by
    from migrate.model.inventory import Skip
    from migrate.model.plan import Choices
    from migrate.planner.plan import make_plan

    client = conn.cluster() if inventory.cluster is not None else None
    if client is None:
        return [], []
    found = []
    try:
        for right in needed_by(make_plan(inventory, findings, Choices(name="doctor"))):
            may = client.allowed(right.verb, right.object_kind, right.namespace, right.name)
            found.append((right, may))
    except MigrateError as error:
        return found, [Skip("cluster", "permissions", error.cause, error.next_command)]
    finally:
        client.close()
    return found, []


def _told(rights: "list[tuple[Right, bool]]") -> list[str]:
    """A line for each object: what may be done to it, what not, and the rule that grants that."""
    from migrate.cluster.errors import rbac_rule
    from migrate.cluster.kinds import kind_of

    lines: list[str] = []
    groups: dict[tuple[str, str, str, bool], list[tuple[Right, bool]]] = {}
    for right, may in rights:
        key = (right.object_kind, right.namespace, right.name, right.optional)
        groups.setdefault(key, []).append((right, may))
    for (kind, namespace, name, optional), asked in groups.items():
        place = kind_of(kind)
        where = f"{namespace}/{name}" if name else f"in {namespace}"
        for word, wanted in (("may  ", True), ("lacks", False)):
            verbs = [right.verb for right, may in asked if may is wanted]
            if not verbs:
                continue
            told = f"{', '.join(verbs)} {place.plural} {where}"
            lines.append(f"  {word} {visible(told)}")
            if not wanted:
                rule = rbac_rule(verbs, place.resource, namespace, name)
                why = " (only for the lock that other machines see)" if optional else ""
                lines.append(f"        grant {rule}{why}")
    return lines


def _not_seen(skips: "tuple[Skip, ...]") -> list[str]:
    """What was not read: a line for each reason, not for each of two thousand nodes."""

    groups: dict[tuple[str, str, str], list[str]] = {}
    for skip in skips:
        groups.setdefault((skip.what, skip.reason, skip.needed), []).append(visible(skip.subject))
    out = []
    for (what, reason, needed), subjects in groups.items():
        few = ", ".join(subjects[:3])
        more = f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""
        wants = f" (needs {visible(needed)})" if needed else ""
        out.append(f"{few}{more}: {visible(what)}: {visible(reason)}{wants}")
    return out
