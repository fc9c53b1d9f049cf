"""The runbook as plain text: what to do, in order."""

import shlex

from migrate.agents.launch_kinds import StartKind, kind_named
from migrate.model.inventory import LaunchKind
from migrate.model.plan import for_node
from migrate.model.secrets import MASK
from migrate.model.text import visible
from migrate.model.versions import AGENT_URL_NAME_FROM
from migrate.planner.runbook.facts import Facts

CHECK = (
    "Check: the node's log in Jenkins (Manage Jenkins > Nodes > {node} > Log) says "
    "'Communication Protocol: WebSocket'."
)
RESUME = "Then go on: migrate apply {plan} --resume"


def command_text(facts: Facts) -> str:
    """The new command as one line to copy; empty when it is not known."""
    if facts.new is None:
        return ""
    words = facts.new.argv()
    if facts.windows:
        return " ".join(f'"{word}"' if " " in word else word for word in words)
    return shlex.join(words)


def instructions(facts: Facts) -> str:
    """What a person must do for this node, step by step, without any secret."""
    host = _host(facts)
    lines = [
        f"Node {visible(facts.node)} must be moved by hand: {visible(facts.reason)}.",
        _for_a_driver(facts),
    ]
    steps = ["In Jenkins, mark the node temporarily offline and wait until it runs no build."]
    if facts.secret_in_clear and facts.new is not None and not facts.in_container:
        by_script = facts.acts and not facts.windows
        steps.append(
            f"The agent's secret stands in clear on its command line. It goes into the file "
            f"{visible(facts.secret_file)} ({_private(facts)})"
            + ("; the script puts it there from the running process." if by_script else ".")
        )
    if facts.masked:
        steps.append(
            f"{', '.join(visible(word) for word in facts.masked)} of the command had a secret, "
            f"which was masked as {MASK} when it was read: put the old value in its place, "
            "below and wherever the command is kept."
        )
    steps += _change(facts, host)
    steps.append("Clear the offline mark. " + CHECK.format(node=visible(facts.node)))
    steps.append(RESUME.format(plan=shlex.quote(facts.folder)))
    lines += [f"{number}. {text}" for number, text in enumerate(steps, 1)]
    if facts.new is not None and facts.acts:
        undo = "put the old command back" if facts.windows else f"sh {facts.file} undo"
        lines.append(f"To undo: {undo}")
    return "\n".join(lines) + "\n"


def _for_a_driver(facts: Facts) -> str:
    """What would let a driver do it."""
    note = f"{visible(for_node(facts.note, facts.node))}; all of it: " if facts.note else ""
    explain = f"migrate explain {shlex.quote(visible(facts.node))} {shlex.quote(facts.folder)}"
    return f"(For a driver to do it: {note}{explain})"


def _host(facts: Facts) -> str:
    """Where a person works; the host name of a container is its id, and no host."""
    if facts.in_container:
        return f"the host that runs the container{_detail(facts)}"
    return visible(facts.host) or "the agent's host"


def _private(facts: Facts) -> str:
    """How the secret's file is kept to its user on that system."""
    if not facts.windows:
        return "mode 0600, owned by the agent's user"
    user = (facts.launch.user if facts.launch else None) or "USER"
    path = visible(facts.secret_file)
    return (
        f'icacls "{path}" /inheritance:r /grant:r "{visible(user)}:R" keeps it to the agent\'s user'
    )


def _change(facts: Facts, host: str) -> list[str]:
    """What to change, by what starts the agent."""
    kind = facts.launch.kind if facts.launch else LaunchKind.UNKNOWN
    if facts.by_hand:
        return [f"In the cluster: {part}" for part in facts.by_hand.split("; then ")]
    if kind is LaunchKind.SWARM:
        return [
            f"On {host}: add -webSocket to the options of the Swarm client (webSocket: true in "
            "its YAML file), take out -tunnel, and start it again."
        ]
    if facts.supervisor == "kubernetes" or kind is LaunchKind.CLOUD_POD:
        return [_kubernetes(facts)]
    if kind is LaunchKind.CONTAINER:
        return [
            f"On {host}: in {_CONTAINER_FILES}, set JENKINS_WEB_SOCKET=true (exactly that), take "
            "out JENKINS_TUNNEL and JENKINS_DIRECT_CONNECTION (and -tunnel of REMOTING_OPTS or the "
            f"arguments), leave the secret as it is, and {_CONTAINER_AGAIN}. "
            "With JENKINS_TUNNEL left in, the agent ends at once."
        ]
    if facts.supervisor == "docker":
        return [*_jar_of_image(facts), _in_container(facts, host)]
    if facts.argument_files:
        return [*_jar_by_hand(facts), *_in_files(facts, host)]
    if facts.new is None:
        return _unknown(facts, host)
    if facts.supervisor == "winsw":
        return [
            *_jar_by_hand(facts),
            f"On {host}: in the service's XML file beside its .exe{_detail(facts)}, change "
            f"<arguments> to: {visible(command_text(facts).split(' ', 1)[-1])}",
            f"Restart-Service {_service(facts)}",
        ]
    if facts.supervisor == "launchd":
        return [
            *_jar_by_hand(facts),
            f"On {host}: in the property list{_detail(facts)}, change ProgramArguments to: "
            f"{visible(command_text(facts))}",
            "launchctl bootout the job and bootstrap it again.",
        ]
    known = kind_named(facts.supervisor)
    if known is not None and known.where and not facts.acts:
        return [*_jar_by_hand(facts), *_handed_over(facts, host, known)]
    if not facts.acts:
        starter = "where it is kept" if facts.detail else "in what starts it, which is not known"
        return [*_jar_by_hand(facts), _by_hand(facts, host, starter, "start it again through that")]
    run = f"powershell -File {facts.file}" if facts.windows else f"sh {facts.file}"
    user = (facts.launch.user if facts.launch else None) or ""
    who = "root" if facts.supervisor == "systemd" else visible(user)
    steps = [
        f"Copy runbooks/{facts.file} to {host}, review it, and run it there"
        f"{f' as {who}' if who else ''}: {run}",
        f"It probes first, then {_what_the_script_does(facts)}",
    ]
    if facts.supervisor != "systemd":
        cron = kind_named("crontab") if facts.detail == "cron" else None
        kept = f"in {_named(facts, cron.where)}" if cron else "(start script, cron, rc.local)"
        steps.append(
            f"Change the command also where it is kept {kept}{_files(facts)}, else the "
            f"next boot starts the old one. The new command: {visible(command_text(facts))}"
        )
        steps += [_named(facts, cron.restart[0])] if cron else []
    return steps


_CONTAINER_FILES = (
    "what starts the container (its compose file, docker run in a script or a unit, or a "
    ".container file of podman)"
)
_CONTAINER_AGAIN = (
    "create the container again (docker compose up -d; or remove it and run it anew; a .container "
    "file: systemctl daemon-reload, then restart its unit)"
)


def _in_container(facts: Facts, host: str) -> str:
    """A command of one's own in a container: the edit in words, since its secret stays there."""
    if facts.argument_files:
        return f"{_in_files(facts, host)[0]} {_CONTAINER_AGAIN[0].upper()}{_CONTAINER_AGAIN[1:]}."
    if not facts.secret_in_clear and facts.new is not None:
        return _by_hand(facts, host, f"in {_CONTAINER_FILES}", _CONTAINER_AGAIN)
    gone = ", ".join(facts.dropped) or "-tunnel, -direct, -credentials and -noKeepAlive"
    return (
        f"On {host}: in {_CONTAINER_FILES}, put -webSocket in front of -url in the agent's "
        f"command; take out {gone} with their values, leave the secret and everything else as it "
        f"is, and {_CONTAINER_AGAIN}."
    )


def _handed_over(facts: Facts, host: str, kind: StartKind) -> list[str]:
    """File, edit, and the commands that make it count on this kind of system."""
    told = command_text(facts)
    words = told.split(" ", 1)[-1] if kind.name in _WITHOUT_JAVA else told
    return [
        f"On {host}: in {_named(facts, kind.where)}{_files(facts)}, change the agent's command to: "
        f"{visible(words)}",
        *(_named(facts, step) for step in kind.restart),
    ]


_WITHOUT_JAVA = ("winsw", "scheduled-task", "nssm", "openrc")
"""Kinds that name java elsewhere: what is changed are the words behind it."""


def _named(facts: Facts, text: str) -> str:
    """A kind's text with this service's name and user."""
    name = _service(facts) if facts.windows else visible(facts.detail) or "NAME"
    user = visible((facts.launch.user if facts.launch else None) or "its user")
    return text.replace("{name}", name).replace("{user}", user)


def _files(facts: Facts) -> str:
    """The files that were found on the host."""
    files = [visible(file.path) for file in facts.launch.launch_files] if facts.launch else []
    return f" (found there: {', '.join(files)})" if files else ""


def _what_the_script_does(facts: Facts) -> str:
    parts = []
    if facts.jar:
        parts.append(
            f"brings agent.jar {facts.jar.version} (checksum compared, old one kept as "
            f"{visible(facts.jar.path)}.migrate-...)"
        )
    if facts.supervisor == "systemd":
        parts.append(f"writes a drop-in for {visible(facts.detail)} and restarts the unit")
    else:
        parts.append("stops the old process and starts the agent with -webSocket")
    text = ", ".join(parts)
    if facts.dropped:
        text += f". Options that go, since -webSocket forbids them: {', '.join(facts.dropped)}"
        if {"-cert", "-noCertificateCheck", "-disableHttpsCertValidation"} & set(facts.dropped):
            text += (
                "; trust the controller's certificate by -Djavax.net.ssl.trustStore instead, "
                "or bring agent.jar 3184 or newer first"
            )
    return text + "."


def _in_files(facts: Facts, host: str) -> list[str]:
    """The edit of a file that the command names as ``@file``."""
    files = " and ".join(visible(path) for path in facts.argument_files)
    start = f"systemctl restart {visible(facts.detail)}" if facts.supervisor == "systemd" else ""
    return [
        f"On {host}: the agent's options stand in {files}, one word a line (the command names it "
        "as @FILE; it is not the file of the secret). Put a line -webSocket in front of the line "
        "-url; take out the lines -tunnel, -direct, -credentials, each with the line behind it, "
        "and -noKeepAlive. No second -url: the agent would end.",
        f"Start the agent again{': ' + start if start else ' through what starts it'}.",
    ]


def _jar_by_hand(facts: Facts) -> list[str]:
    if facts.jar is None:
        return []
    return [
        f"Stop the agent and replace {visible(facts.jar.path)} by {facts.jar.url} "
        f"(remoting {facts.jar.version}, SHA-256 {facts.jar.sha256}); keep the old file."
    ]


def _by_hand(facts: Facts, host: str, where: str, then: str) -> str:
    return (
        f"On {host}: {where}{_detail(facts)}, change the agent's command to: "
        f"{visible(command_text(facts))} - and {then}."
    )


def _jar_of_image(facts: Facts) -> list[str]:
    if facts.jar is None:
        return []
    return [
        f"Put {facts.jar.url} (remoting {facts.jar.version}, SHA-256 {facts.jar.sha256}) into the "
        f"container's image as {visible(facts.jar.path)}."
    ]


def _kubernetes(facts: Facts) -> str:
    return (
        f"Find the workload of the pod{_detail(facts)} and change its template: "
        "kubectl set env KIND/NAME JENKINS_WEB_SOCKET=true JENKINS_TUNNEL- "
        "JENKINS_DIRECT_CONNECTION- (or the same in the Helm values or manifest that owns it; "
        "for a Jenkins cloud, webSocket: true and no jenkinsTunnel), and wait for the rollout."
    )


def _unknown(facts: Facts, host: str) -> list[str]:
    read = facts.launch is not None and bool(facts.launch.command)
    why = (
        (facts.not_understood or "its command line is not understood")
        if read
        else "its command line is not known"
    )
    return [
        f"On {host}: find how the agent is started ({why}): ps -ef | grep -e remoting -e "
        f"agent.jar, {_starter(facts)}. The script "
        f"runbooks/{facts.file} probes the new way from there and changes nothing.",
        f"If it is started with -jnlpUrl: make a new plan with --launch "
        f"{shlex.quote(visible(facts.node) + '=jnlp-url')} and let migrate move it.",
        "If it is started with -url and -name, or with hudson.remoting.jnlp.Main: add -webSocket "
        # The comma after -credentials keeps it from being read as an option with its value.
        "in front of -url, take out -credentials, -tunnel, -direct and -noKeepAlive, and start "
        f"it again. -jar agent.jar with -url needs remoting {AGENT_URL_NAME_FROM.numbers[0]} or "
        "newer; older ones need -cp agent.jar hudson.remoting.jnlp.Main.",
    ]


def _starter(facts: Facts) -> str:
    """Where to look for a launch whose command is not known."""
    kind = kind_named("crontab" if facts.detail == "cron" else facts.supervisor)
    if kind is None or not kind.where:
        return f"its unit file, service or start script{_files(facts)}"
    then = "; then: " + "; ".join(_named(facts, step) for step in kind.restart)
    return f"{_named(facts, kind.where)}{_files(facts)}{then}"


def _detail(facts: Facts) -> str:
    return f" ({visible(facts.detail)})" if facts.detail else ""


def _service(facts: Facts) -> str:
    return "'" + visible(facts.detail).replace("'", "''") + "'" if facts.detail else "NAME"
