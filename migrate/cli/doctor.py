"""``migrate doctor``."""

from typing import TYPE_CHECKING

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import Ticker, animated, check_format, result, say
from migrate.model.errors import ExitCode

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
    from migrate.model.inventory import Skip


@connected
def doctor(
    conn: "Connection",
    output: opt.Format = "text",
    read_by: opt.ReadBy = "auto",
    launch_timeout: opt.LaunchTimeout = 180.0,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Connect, list the permissions that are there and that lack, probe. Changes nothing.

    Exit 3 when something blocks a migration.

    migrate doctor
    """
    from migrate.cli.reading import take_inventory
    from migrate.model.finding import Severity
    from migrate.model.serialize import to_json
    from migrate.model.text import visible
    from migrate.probe.summary import summarise
    from migrate.rules.registry import judge

    check_format(output, ("text", "json"))
    inventory = take_inventory(
        conn, read_by, Ticker(quiet, animated(no_color)), launch_timeout=launch_timeout
    )
    findings = judge(inventory)
    blockers = [f for f in findings if f.severity is Severity.BLOCKER]
    doubts = [f for f in findings if f.severity is Severity.WARNING and f.subject == "edge"]
    summary = summarise(inventory.probes)
    has = set(inventory.controller.permissions)
    admin = "Overall/Administer" in has
    unsure = {s.what.removeprefix("permission ") for s in inventory.skips}
    rights = {
        name: True if admin or name in has else None if name in unsure else False
        for name, _ in WANTED
    }
    if output == "json":
        result(
            to_json(
                {
                    "controller": inventory.controller.url,
                    "version": inventory.controller.version,
                    "user": inventory.controller.user,
                    "permissions": rights,
                    "cluster": inventory.cluster.permissions if inventory.cluster else None,
                    "probes": inventory.probes,
                    "websocket": {"verdict": summary.verdict, "sentence": summary.sentence},
                    "blockers": blockers,
                    "skips": inventory.skips,
                }
            )
        )
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
            for what, allowed in sorted(inventory.cluster.permissions.items()):
                verb, kind, *where = what.split(" ")
                told = visible(" ".join([verb, kind, *(f"in {place}" for place in where)]))
                result(f"  {'may  ' if allowed else 'lacks'} {told}")
        result("probes through the address that agents use:")
        for answer in inventory.probes:
            what = f": {visible(answer.cause)}" if answer.cause else ""
            result(f"  {answer.verdict:12} {answer.id:17} {visible(answer.answer)}{what}")
        result(f"WebSocket: {summary.verdict}: {visible(summary.sentence)}")
        for finding in [*blockers, *doubts]:
            word = finding.severity.upper()
            result(f"{word} {finding.id} {visible(finding.subject)}: {visible(finding.summary)}")
            result(f"    fix: {visible(finding.fix)}")
        for told in _not_seen(inventory.skips):
            result(f"not seen: {told}")
    if blockers:
        say(f"next: migrate explain {blockers[0].id}")
        raise typer.Exit(int(ExitCode.BLOCKED))
    say(f"next: migrate explain {doubts[0].id}" if doubts else "next: migrate plan --name NAME")


def _not_seen(skips: "tuple[Skip, ...]") -> list[str]:
    """What was not read: a line for each reason, not for each of two thousand nodes."""
    from migrate.model.text import visible

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
