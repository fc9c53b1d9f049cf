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


@connected
def doctor(
    conn: "Connection",
    output: opt.Format = "text",
    read_by: opt.ReadBy = "auto",
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
    inventory = take_inventory(conn, read_by, Ticker(quiet, animated(no_color)))
    blockers = [f for f in judge(inventory) if f.severity is Severity.BLOCKER]
    summary = summarise(inventory.probes)
    has = set(inventory.controller.permissions)
    admin = "Overall/Administer" in has
    rights = {name: admin or name in has for name, _ in WANTED}
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
            result(f"  {'has  ' if rights[name] else 'lacks'} {name:20} {why}")
        if inventory.cluster is not None:
            result(
                f"cluster {visible(inventory.cluster.context)}: "
                f"{visible(inventory.cluster.server_version)}"
            )
            for what, allowed in sorted(inventory.cluster.permissions.items()):
                result(f"  {'may  ' if allowed else 'lacks'} {visible(what)}")
        result("probes through the address that agents use:")
        for answer in inventory.probes:
            result(f"  {answer.verdict:12} {answer.id:17} {visible(answer.answer)}")
        result(f"WebSocket: {summary.verdict}: {visible(summary.sentence)}")
        for finding in blockers:
            result(f"BLOCKER {finding.id} {visible(finding.subject)}: {visible(finding.summary)}")
            result(f"    fix: {visible(finding.fix)}")
        for skip in inventory.skips:
            needed = f" (needs {visible(skip.needed)})" if skip.needed else ""
            result(
                f"not seen: {visible(skip.subject)}, {visible(skip.what)}: "
                f"{visible(skip.reason)}{needed}"
            )
    if blockers:
        say(f"next: migrate explain {blockers[0].id}")
        raise typer.Exit(int(ExitCode.BLOCKED))
    say("next: migrate plan --name NAME")
