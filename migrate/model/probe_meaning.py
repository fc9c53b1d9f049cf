"""What an answer of ``/cli/ws`` says of Upgrade: one judge for the prober and the runbooks. Pure.

Only 101 (it came through) and 400 (it did not) do. Jenkins looks at Origin before it looks at
Upgrade, so a 403 says nothing of it (CLIAction.doWs since 2.442; recordings
jenkins-2.541.3/60-cli-ws-*, 70-ctx-nourl-cli-ws-right).
"""

from dataclasses import dataclass

BAD_ORIGIN = "Unexpected request origin"
NO_ROOT_URL = "Jenkins URL is not configured"
CLI_OFF = "WebSocket support for CLI disabled"
CLI_ERROR = "X-CLI-Error"
"""The header with one of these texts since 2.485; before, they are in the body."""


@dataclass(frozen=True)
class Meaning:
    """One row: the first that fits an answer is what it means."""

    status: int
    """0: any."""
    says: str
    """Text in X-CLI-Error or in the body; empty: any."""
    code: str
    """As in ``ProbeAnswer.code``."""
    upgrade: bool | None
    """Whether Upgrade came through; None: the answer says nothing of it."""
    cause: str
    """One sentence without its full stop; safe inside double quotes of a shell."""
    fix: str = ""


_SAYS_NOTHING = "this says nothing of Upgrade"
MEANINGS = (
    Meaning(101, "", "ok", True, "Upgrade survives on /cli/ws"),
    Meaning(
        400,
        "",
        "upgrade-stripped",
        False,
        "a proxy between this host and Jenkins drops or damages Upgrade on /cli/ws (400)",
        "open Upgrade for that path from the agent's network (docs/probes.md), or let a probe "
        "node decide",
    ),
    Meaning(
        403,
        NO_ROOT_URL,
        "root-url-missing",
        None,
        "no Jenkins URL is configured, and this Jenkins refuses every request on /cli/ws until "
        f"one is: {_SAYS_NOTHING}",
        "set it in Manage Jenkins, System, Jenkins URL (JCasC: unclassified: location: url)",
    ),
    Meaning(
        403,
        BAD_ORIGIN,
        "origin-rejected",
        None,
        "Jenkins refuses the Origin on /cli/ws, before it looks at Upgrade: another Jenkins URL "
        "is configured than the one that was sent, or, before 2.541.3 and 2.555, Host or "
        f"X-Forwarded-Proto do not arrive; {_SAYS_NOTHING}",
        "make the Jenkins URL (Manage Jenkins, System) the address that agents use, and let the "
        "proxy pass on Host and the X-Forwarded headers",
    ),
    Meaning(
        403,
        CLI_OFF,
        "cli-off",
        None,
        "the controller's property hudson.cli.CLIAction.ALLOW_WEBSOCKET=false closes /cli/ws: "
        f"{_SAYS_NOTHING}",
        "a probe node's handshake on /wsagents/ decides",
    ),
    Meaning(
        403,
        "",
        "auth-in-front",
        None,
        "something refuses /cli/ws (403): Jenkins, for another Origin than it wants, or a login "
        f"layer or firewall rule in front of it; {_SAYS_NOTHING}",
        "exempt the path there, or let a probe node's handshake on /wsagents/ decide",
    ),
    Meaning(
        404,
        "",
        "websocket-unsupported",
        None,
        f"there is no /cli/ws (404): its CLI or its WebSocket support is off; {_SAYS_NOTHING}",
        "see what /wsagents/ answers: a probe node's handshake there decides",
    ),
    Meaning(
        0, "", "unexpected", None, f"neither 101 nor 400 comes back from /cli/ws; {_SAYS_NOTHING}"
    ),
)


def cli_meaning(status: int, said: str = "") -> Meaning:
    """What ``status`` means, with ``said``: the text of X-CLI-Error or of the body."""
    return next(row for row in MEANINGS if row.status in (status, 0) and row.says in said)
