"""Every kind of start of an agent that this tool knows: how it is recognised, what edits it, and
what a person is told. Pure data, from which docs/agents.md has its table and runbooks their words.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StartKind:
    """One kind of file or service that starts agents."""

    name: str
    """The editor's name, or that of a kind without one."""
    title: str
    recognised: str
    edited: str
    """What is edited; empty: nothing, the runbook hands it over."""
    where: str = ""
    """For a runbook: where the command is kept; ``{name}`` is the service's name."""
    restart: tuple[str, ...] = ()
    """For a runbook: what makes the edit count on that system, step by step."""


KINDS: tuple[StartKind, ...] = (
    StartKind(
        "systemd",
        "systemd unit, drop-in",
        "`*.service`, `*.service.d/`, or a `[Service]` with `ExecStart`",
        "`ExecStart`, or a variable of `Environment=` that it alone uses; a vendor's unit and a "
        "template get a drop-in",
        "the ExecStart of {name} (systemctl cat {name} shows it)",
        ("systemctl daemon-reload", "systemctl restart {name}"),
    ),
    StartKind(
        "shell",
        "shell script, init.d, OpenRC, rc.local",
        "`#!` of a shell or of `openrc-run`, `*.sh`",
        "each command; variables, arrays and quoted texts that it uses",
        "the script that starts it",
        ("end the agent and start the script again as its user",),
    ),
    StartKind(
        "env",
        "file of variables",
        "`*.env`, `/etc/default/`, `/etc/sysconfig/`, `/etc/conf.d/`, or nothing but KEY=VALUE",
        "the image's `JENKINS_` variables, `REMOTING_OPTS`, any variable that holds Java's words, "
        "the jar or an agent's options",
    ),
    StartKind(
        "argument-file",
        "file of arguments (`@FILE`)",
        "an option of agent.jar in its first line, a word a line",
        "its lines",
    ),
    StartKind(
        "supervisord",
        "supervisord program",
        "`[program:NAME]`",
        "`command=`, also over several lines",
        "command= of [program:{name}] in supervisord's configuration (/etc/supervisor/conf.d/, "
        "/etc/supervisord.d/, or the file that its -c names)",
        ("supervisorctl reread", "supervisorctl update (it starts {name} anew)"),
    ),
    StartKind(
        "crontab",
        "crontab (`@reboot` and others)",
        "`crontab`, `cron.d/`, `crontabs/`, or a line `@reboot`",
        "the line's command, `\\%` and the user's column kept",
        "the line in the crontab of {user} (crontab -l -u {user} shows it), /etc/crontab or "
        "/etc/cron.d/",
        (
            "crontab -e -u {user} hands the changed line to cron, which reads /etc/cron.d by "
            "itself",
            "an @reboot line runs only at the next boot: end the agent and start the line's "
            "command once by hand as {user}",
        ),
    ),
    StartKind(
        "upstart",
        "upstart job",
        "`/etc/init/*.conf`",
        "`exec` and `script`",
        "exec or script in /etc/init/{name}.conf",
        (
            "initctl reload-configuration",
            "stop {name} and start {name} (restart keeps the old definition)",
        ),
    ),
    StartKind(
        "openrc",
        "OpenRC service",
        "its script below `/etc/init.d` (as a shell script)",
        "as a shell script and a file of variables",
        "command_args in /etc/init.d/{name} or /etc/conf.d/{name}",
        ("rc-service {name} restart",),
    ),
    StartKind(
        "launchd",
        "launchd property list",
        "`*.plist`, or `ProgramArguments`",
        "the list, also a shell's line inside of it",
        "ProgramArguments in the property list of {name} (/Library/LaunchDaemons, LaunchAgents)",
        ("launchctl bootout the job and bootstrap it again",),
    ),
    StartKind(
        "winsw",
        "WinSW service XML",
        "`<service>` with `<executable>`",
        "`<arguments>`, `<argument>`, `<startargument(s)>`",
        "<arguments> in the service's XML file beside its .exe ({name})",
        ("Restart-Service {name}",),
    ),
    StartKind(
        "scheduled-task",
        "scheduled task of Windows",
        "`<Task>` with `<Exec>`, as `schtasks /query /xml` writes it",
        "`<Arguments>`",
        "<Arguments> of the task (schtasks /query /fo LIST /v finds its name, schtasks /query /tn "
        "NAME /xml > task.xml writes it)",
        (
            "schtasks /create /tn NAME /xml task.xml /f",
            "schtasks /end /tn NAME",
            "schtasks /run /tn NAME",
        ),
    ),
    StartKind(
        "nssm",
        "NSSM service",
        "the program above the agent",
        "",
        "the service's AppParameters in the registry (nssm get NAME AppParameters shows them; "
        "Get-CimInstance Win32_Service finds NAME by its path to nssm.exe)",
        ("nssm set NAME AppParameters, with the new words behind java", "nssm restart NAME"),
    ),
    StartKind(
        "batch",
        "batch file",
        "`*.bat`, `*.cmd`",
        "each command, variables that it alone uses",
    ),
    StartKind(
        "powershell",
        "PowerShell script",
        "`*.ps1`",
        "",
        "the script that starts it",
        ("end the agent and start the script again",),
    ),
    StartKind(
        "compose",
        "compose file",
        "YAML with `services` at its top, with `image` or `build`",
        "`environment`, `command`, `entrypoint`, also a shell's text",
        "the service's environment or command in the compose file",
        ("docker compose up -d",),
    ),
    StartKind(
        "quadlet",
        "podman quadlet",
        "`*.container`, or a `[Container]` with `Image`",
        "`Environment=`, `Exec=`",
        "Environment= and Exec= of the .container file",
        ("systemctl daemon-reload", "systemctl restart the unit of the file's name"),
    ),
    StartKind(
        "docker-run",
        "`docker run`, `podman run`",
        "in a unit, a script and every other kind above",
        "its `-e` variables and arguments",
        "docker run in a script or a unit",
        ("remove the container and run it again",),
    ),
    StartKind(
        "workload",
        "workload of the cluster",
        "image or variables of an inbound agent",
        "the pod template (driver `kubernetes`)",
        "the pod template",
        ("kubectl rollout status",),
    ),
)


def kind_named(name: str) -> StartKind | None:
    """The kind of this name; None for one that is not known."""
    return next((kind for kind in KINDS if kind.name == name), None)


def table() -> str:
    """The table of docs/agents.md."""
    rows = [
        "| kind of start | recognised by | edited | runbook: what makes it count |",
        "|---|---|---|---|",
    ]
    for kind in KINDS:
        then = "; ".join(kind.restart).replace("{name}", "NAME").replace("{user}", "USER")
        then = then.replace("|", "\\|") or "with the next start of what reads it"
        rows.append(
            f"| {kind.title} | {kind.recognised} | {kind.edited or 'no: the runbook hands it over'}"
            f" | {then} |"
        )
    return "\n".join(rows) + "\n"
