"""The runbook as a script: variables of this node in front of a body that never changes.

Everything that came from outside is quoted, or escaped where it stands in a comment.
"""

import shlex
from importlib import resources

from migrate.agents.command import LaunchLine
from migrate.model.probe_scripts import powershell_values, shell_functions, why_no_probe
from migrate.model.text import (
    file_name,
    powershell_quote,
    sh_heredoc,
    systemd_word,
    visible,
    windows_word,
)
from migrate.planner.runbook.facts import Facts, base_folder, start_folder
from migrate.planner.runbook.instructions import command_text, instructions


def script(facts: Facts) -> str:
    """The sh or PowerShell script for this node's host."""
    return _powershell(facts) if facts.windows else _shell(facts)


def _body(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _shell(facts: Facts) -> str:
    chosen = facts.way
    head = [
        "#!/bin/sh",
        f"# Moves the agent of node {visible(facts.node)} from TCP to WebSocket.",
        f"# Made by migrate for the plan {visible(facts.plan)}. Review it before you run it.",
        "#",
        "#   sh FILE         probe, then make the change",
        "#   sh FILE probe   only probe from this host; changes nothing",
    ]
    if chosen != "advise":
        head.append("#   sh FILE undo    put the old command and the old agent.jar back")
    head += ["set -eu", ""]
    values = {"NODE": facts.node, "URL": facts.url}
    functions: list[str] = []
    if chosen == "advise":
        functions.append(
            _function("instructions", "cat <<'MIGRATE_END'", heredoc=instructions(facts))
        )
    if facts.old is not None and facts.new is not None and chosen != "advise":
        values |= _values(facts, facts.old)
        functions += [
            _function("new_command", _exec(facts.new)),
            _function("old_command", _exec(facts.old)),
            *_marks(facts, facts.old),
        ]
        if chosen == "systemd":
            functions.append(
                _function("dropin_text", "cat <<'MIGRATE_END'", heredoc=_dropin(facts.new))
            )
    head += [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    text = "\n".join([*head, "", _probe(facts), *functions])
    return text + _body("body.sh") + _body(f"{chosen}.sh")


def _probe(facts: Facts) -> str:
    """The requests of the probe, and how their answers are read."""
    why = why_no_probe(facts.target)
    return f"CANNOT_PROBE={shlex.quote(why)}\n" + ("" if why else shell_functions(facts.target))


def _values(facts: Facts, old: LaunchLine) -> dict[str, str]:
    base = base_folder(old, facts.launch)
    jar = facts.jar
    return {
        "AGENT_USER": (facts.launch.user if facts.launch else None) or "",
        "UNIT": facts.detail if facts.supervisor == "systemd" else "",
        "STATE": f"{base}/migrate-{file_name(facts.node)}",
        "JAVA": old.java,
        "START_DIR": start_folder(old, facts.launch),
        "SECRET_FILE": facts.secret_file,
        "SECRET_IN_CLEAR": "1" if facts.secret_in_clear else "",
        "JAR": jar.path if jar else "",
        "JAR_TYPED": old.jar,
        "JAR_VERSION": jar.version if jar else "",
        "JAR_SHA256": jar.sha256 if jar else "",
        "JAR_URL": jar.url if jar else "",
        "NEW_COMMAND_TEXT": command_text(facts),
    }


def _exec(line: LaunchLine) -> str:
    return 'exec "$JAVA" ' + shlex.join(line.argv()[1:])


def _function(name: str, line: str, *, heredoc: str = "") -> str:
    if not heredoc:
        return f"{name}() {{\n    {line}\n}}\n"
    return f"{name}() {{\n    {line}\n{sh_heredoc(heredoc, 'MIGRATE_END')}\n}}\n"


def _marks(facts: Facts, old: LaunchLine) -> list[str]:
    """What the agent's process has among its arguments, before and after the change."""
    url = old.value("-jnlpUrl")
    third = [facts.node] if url is None else [url, facts.node]
    second = ["hudson.remoting.jnlp.Main"] if old.main_class else ["-name"]
    if url is not None:
        second = ["-jnlpUrl", "-name", "hudson.remoting.jnlp.Main"]
    marks = ([old.jar], second, third)
    return [
        _function(f"mark_{number}", "printf '%s\\n' " + shlex.join(words))
        for number, words in enumerate(marks, 1)
    ]


def _dropin(new: LaunchLine) -> str:
    """A drop-in that replaces ExecStart. Quoting as systemd.service(5), "COMMAND LINES"."""

    return (
        "# Written by migrate: the agent connects by WebSocket. Remove this file to undo.\n"
        "[Service]\n"
        "ExecStart=\n"
        "ExecStart=" + " ".join(map(systemd_word, new.argv())) + "\n"
    )


def _powershell(facts: Facts) -> str:
    quote = powershell_quote
    why = why_no_probe(facts.target)
    jar = facts.jar
    new = facts.new
    values = {
        "Node": facts.node,
        "Url": facts.url,
        "Service": facts.detail if facts.supervisor == "winsw" else "",
        "SecretFile": facts.secret_file,
        "Jar": jar.path if jar else "",
        "JarVersion": jar.version if jar else "",
        "JarSha256": jar.sha256 if jar else "",
        "JarUrl": jar.url if jar else "",
        "Program": new.java if new else "",
        "StartDir": start_folder(new, facts.launch) if new else "",
        "Instructions": instructions(facts),
    }
    lines = [
        f"# Moves the agent of node {_ascii(facts.node)} from TCP to WebSocket.",
        f"# Made by migrate for the plan {_ascii(facts.plan)}. Review it before you run it.",
        "$ErrorActionPreference = 'Stop'",
        "",
        *(f"${name} = {quote(value)}" for name, value in values.items()),
        f"$Arguments = @({', '.join(quote(windows_word(w)) for w in _arguments(facts))})",
        f"$Marks = @({', '.join(quote(word) for word in _windows_marks(facts))})",
    ]
    lines.append(f"$CannotProbe = {quote(why)}")
    probe = "" if why else powershell_values(facts.target)
    return "\n".join(lines) + "\n" + probe + _body("body.ps1")


def _ascii(text: str) -> str:
    """For a comment that is read in any code page."""
    return visible(text).encode("ascii", "backslashreplace").decode()


def _arguments(facts: Facts) -> tuple[str, ...]:
    return facts.new.argv()[1:] if facts.new and facts.acts else ()


def _windows_marks(facts: Facts) -> tuple[str, ...]:
    return (facts.old.jar, facts.node) if facts.old else ()
