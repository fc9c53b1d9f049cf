"""The probe's requests and its judge as text of a shell script, and of PowerShell. Pure.

The runbooks and the driver ``ssh`` run what is rendered here, so that they ask what the prober
asks, and read an answer as it does.
"""

import shlex

from migrate.model.address import parse_address
from migrate.model.errors import UsageProblem
from migrate.model.forward_proxy import Way, Ways
from migrate.model.probe_meaning import MEANINGS, Meaning
from migrate.model.probe_requests import Request, Target, cli_handshake, login_request
from migrate.model.text import powershell_quote

KEY = "bWlncmF0ZS1wcm9iZS0xNg=="
"""Sec-WebSocket-Key of scripts, which must be the same text for the same plan. 16 bytes."""

_ASK = r"""
ask() { # REQUEST ADDRESS [curl options]: sets code (000: no answer), said (X-CLI-Error), status,
    # and tunnel: what a proxy answers to CONNECT
    request=$1
    address=$2
    shift 2
    status=0
    answer=$("$request" curl -q --silent --http1.1 --output /dev/null --dump-header - \
        --write-out 'tunnel:%{http_connect} code:%{http_code}' --max-time 15 "$@" "$address") ||
        status=$?
    tunnel=${answer##*tunnel:}
    tunnel=${tunnel%% *}
    code=${answer##*code:}
    code=${code:-000}
    said=$(printf '%s\n' "$answer" | tr -d '\r' |
        sed -n 's/^[Xx]-[Cc][Ll][Ii]-[Ee][Rr][Rr][Oo][Rr]: *//p' | tail -n 1)
}
"""


def shell_functions(target: Target) -> str:
    """``ask``, the two requests (``login_request``, ``cli_request``) and ``cli_means``.

    Each request goes the way of the agent's own client where that was read, whatever the shell's
    environment says; ``login_way`` and ``cli_way`` do that for other commands of curl, and
    ``LOGIN_WAY`` and ``CLI_WAY`` tell it. ``UsageProblem`` when the address is none of HTTP.
    """
    login = login_request(parse_address(target.url))
    cli = cli_handshake(target, KEY)
    return (
        _ways(target.ways)
        + _ASK
        + _with_headers("login", login)
        # Tyrus sends neither of the two.
        + _with_headers("cli", cli, "User-Agent:", "Accept:")
        + _judge()
    )


_SHELLS_OWN = r"""
case ${http_proxy:-}${https_proxy:-}${HTTPS_PROXY:-}${all_proxy:-}${ALL_PROXY:-} in
'') LOGIN_WAY= ;;
*) LOGIN_WAY=", as the proxy settings of this shell have it (those of the agent are not known)" ;;
esac
CLI_WAY=$LOGIN_WAY
"""


def _ways(ways: Ways | None) -> str:
    """``login_way`` and ``cli_way``: a command of curl with the options for it."""
    text = "" if ways is not None and ways.first.told and ways.channel.told else _SHELLS_OWN
    chosen = {"login": ways.first, "cli": ways.channel} if ways is not None else {}
    for name in ("login", "cli"):
        way = chosen.get(name)
        options = curl_options(way, tunnel=name == "cli") if way is not None else ()
        if way is not None and way.told:
            text += f"{name.upper()}_WAY={shlex.quote(', ' + way.told)}\n"
        words = " ".join(('"$@"', *map(shlex.quote, options)))
        text += f"{name}_way() {{\n    {words}\n}}\n"
    return text


def curl_options(way: Way, *, tunnel: bool) -> tuple[str, ...]:
    """What sends curl this way, whatever its environment says. ``tunnel``: by CONNECT also to an
    http:// address, as Tyrus asks its proxy; a plain GET of Java goes to it as it is."""
    if way.kind == "direct":
        return ("--noproxy", "*")
    if way.kind == "system":
        return ()
    kind = "http" if way.kind == "http" else "socks5h"
    options = ("--noproxy", "", "--proxy", f"{kind}://{way.address}")
    return (*options, "--proxytunnel") if tunnel else options


def _with_headers(name: str, request: Request, *without: str) -> str:
    rows = [f"--header {shlex.quote(line)}" for line in (*without, *request.own_lines)]
    options = " \\\n        ".join(rows)
    head = f"{name}_request() {{ # COMMAND: with the headers of an agent"
    return f'{head}\n    {name}_way "$@" {options}\n}}\n'


def _judge() -> str:
    rows = "".join(
        f"    {_pattern(row)})\n"
        f"        means={shlex.quote(row.cause)}\n        to_do={shlex.quote(row.fix)}\n"
        "        ;;\n"
        for row in MEANINGS
    )
    return (
        "cli_means() { # STATUS X-CLI-ERROR: sets means and to_do\n"
        f'    case "$1:$2" in\n{rows}    esac\n}}\n'
    )


def _pattern(row: Meaning) -> str:
    status = str(row.status) if row.status else "*"
    return f"{status}:*" + (f"{shlex.quote(row.says)}*" if row.says else "")


def powershell_values(target: Target) -> str:
    """``$LoginRequest`` and ``$CliRequest`` (lines to send), and ``$Meanings``.

    ``UsageProblem`` when the address is none of HTTP.
    """
    login = login_request(parse_address(target.url))
    cli = cli_handshake(target, KEY)
    rows = ",\n".join(
        f"    @{{ Status = {row.status}; Says = {powershell_quote(row.says)}; "
        f"Cause = {powershell_quote(row.cause)}; Fix = {powershell_quote(row.fix)} }}"
        for row in MEANINGS
    )
    return (
        _powershell_ways(target.ways)
        + f"$LoginRequest = {_strings(login.lines)}\n$CliRequest = {_strings(cli.lines)}\n"
        f"$Meanings = @(\n{rows}\n)\n"
    )


def _powershell_ways(ways: Ways | None) -> str:
    """``$LoginWay`` and ``$CliWay``: Kind (empty: nobody read it), Authority and Told."""
    text = ""
    for name, way in (
        ("Login", ways.first if ways else None),
        ("Cli", ways.channel if ways else None),
    ):
        known = way if way is not None and way.told else Way("")
        told = f", {known.told}" if known.kind else ""
        text += (
            f"${name}Way = @{{ Kind = {powershell_quote(known.kind)}; "
            f"Authority = {powershell_quote(known.address)}; "
            f"Told = {powershell_quote(told)} }}\n"
        )
    return text


def _strings(lines: tuple[str, ...]) -> str:
    rows = ",\n".join(f"    {powershell_quote(line)}" for line in lines)
    return f"@(\n{rows}\n)"


def why_no_probe(target: Target) -> str:
    """Why this address cannot be asked; empty when it can."""
    try:
        parse_address(target.url)
    except UsageProblem as problem:
        return problem.cause
    return ""
