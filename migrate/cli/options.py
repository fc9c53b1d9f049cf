"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

JenkinsUrl = Annotated[
    str | None,
    typer.Option(
        "--jenkins-url",
        envvar="JENKINS_URL",
        help="The controller, as agents reach it.",
    ),
]
JenkinsUser = Annotated[
    str | None, typer.Option("--jenkins-user", envvar="JENKINS_USER_ID", help="User id.")
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", help="File with the API token (else JENKINS_API_TOKEN in the environment)."
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file", help="CA certificates (PEM) to trust for the controller, not the system's."
    ),
]
ClientCert = Annotated[
    Path | None,
    typer.Option(
        "--client-cert",
        metavar="FILE",
        help="Client certificate (PEM) for what is in front of the controller.",
    ),
]
ClientKey = Annotated[
    Path | None,
    typer.Option("--client-key", metavar="FILE", help="Its key, where that file has none."),
]
HeaderFile = Annotated[
    Path | None,
    typer.Option(
        "--header-file",
        metavar="FILE",
        help="Headers (Name: value) that what is in front of the controller wants.",
    ),
]
InsecureHttp = Annotated[
    bool,
    typer.Option(
        "--insecure-http", help="Send token and secrets over http://, in clear, all the same."
    ),
]
Kubeconfig = Annotated[
    Path | None,
    typer.Option("--kubeconfig", help="kubeconfig file (else KUBECONFIG, ~/.kube/config)."),
]
KubeContext = Annotated[str | None, typer.Option("--context", help="kubeconfig context.")]
NoCluster = Annotated[bool, typer.Option("--no-cluster", help="Leave Kubernetes out.")]
JenkinsService = Annotated[
    str | None,
    typer.Option(
        "--jenkins-service",
        metavar="NS/NAME",
        help="The controller's Service, where no Ingress tells which it is.",
    ),
]
Namespaces = Annotated[
    list[str] | None,
    typer.Option(
        "--namespace",
        metavar="NS",
        help="Look here where listing the whole cluster is forbidden; repeatable.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="YAML file that names several controllers (docs/commands.md)."),
]
ControllerName = Annotated[
    str | None, typer.Option("--controller", help="Which controller of the --config file.")
]
Timeout = Annotated[
    float, typer.Option("--timeout", min=0.1, help="Seconds before a request is given up.")
]
Summary = Annotated[
    bool, typer.Option("--summary", help="The few lines at the top, and nothing else.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress messages.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colour, no animation.")]
Format = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        help="text, json, md, html, sarif, junit, csv or prometheus.",
        metavar="FORMAT",
    ),
]
ReadBy = Annotated[
    str,
    typer.Option(
        "--read-by",
        help="auto, rest (Agent permissions) or script (script console, Overall/Administer).",
    ),
]
HoldSeconds = Annotated[
    float,
    typer.Option(
        "--hold",
        min=0,
        help="Hold a WebSocket so many seconds (40 shows an idle timeout below Jenkins' ping).",
    ),
]
ProbeNode = Annotated[
    bool,
    typer.Option(
        "--probe-node",
        help="Hold it on /wsagents/, as a node that is made for it and deleted after.",
    ),
]
Sockets = Annotated[
    int,
    typer.Option(
        "--sockets",
        min=0,
        max=200,
        help="Open so many WebSockets at once: shows a cap for each address.",
    ),
]
Agreed = Annotated[bool, typer.Option("--yes", help="Make the probe node without asking.")]
LaunchTimeout = Annotated[
    float,
    typer.Option(
        "--launch-timeout",
        min=0.1,
        metavar="SECONDS",
        help="For each agent to say how it was started, all tries together; ten times that in all.",
    ),
]
ExitCodeFlag = Annotated[
    bool, typer.Option("--exit-code", help="Exit 10 when changes or findings are pending.")
]
Sources = Annotated[
    list[Path] | None,
    typer.Option(
        "--source",
        metavar="DIR",
        help="A checkout with the JCasC files that the controller is configured from; repeatable.",
    ),
]
Kept = Annotated[
    list[Path] | None,
    typer.Option(
        "--source",
        metavar="DIR",
        help="A checkout to read instead of anything live; repeatable.",
    ),
]
Nginx = Annotated[
    list[Path] | None,
    typer.Option("--nginx", metavar="FILE|DIR", help="Configuration of a plain nginx; repeatable."),
]
NginxRoot = Annotated[
    str,
    typer.Option(
        "--nginx-root", metavar="DIR", help="Folder that stands for /etc/nginx in --nginx."
    ),
]
Patch = Annotated[
    Path | None,
    typer.Option(
        "--patch",
        metavar="OUT",
        help="Write nodes.patch, close.patch and by-hand.md there, from --source and --nginx.",
    ),
]
AgentAddresses = Annotated[
    list[str] | None,
    typer.Option(
        "--agent-address",
        metavar="HOST:PORT",
        help="Where agents reach the TCP port, beside what the scan finds; repeatable.",
    ),
]
SourcesNow = Annotated[
    list[Path] | None,
    typer.Option(
        "--source",
        metavar="DIR",
        help="Where the plan's source files are on this machine, if not where it was planned.",
    ),
]
HistoryFolder = Annotated[
    Path | None,
    typer.Option(
        "--history",
        metavar="DIR",
        help="Keep a small dated summary there; `migrate trend DIR` shows how far the move is.",
    ),
]
OwnersFile = Annotated[
    Path | None,
    typer.Option(
        "--owners", metavar="FILE", help="YAML file: who owns which nodes (examples/owners.yaml)."
    ),
]
OwnerLabel = Annotated[
    str,
    typer.Option(
        "--owner-label", metavar="PATTERN", help="Label in which * is the owner, e.g. 'team-*'."
    ),
]
OwnerDescription = Annotated[
    str,
    typer.Option(
        "--owner-description",
        metavar="PATTERN",
        help="The same in the description, e.g. 'owner: *'.",
    ),
]
PlansFolder = Annotated[Path, typer.Option("--plans", metavar="DIR", help="Folder of the plans.")]
PlanPath = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan's folder: plans/NAME.")]
RunPath = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's folder or id, or plans/NAME for its last run.")
]
RequireSignature = Annotated[
    Path | None,
    typer.Option(
        "--require-signature",
        metavar="ALLOWED_SIGNERS",
        help="Only with a signature of somebody in this file (ssh-keygen -Y).",
    ),
]
Windows = Annotated[
    list[str] | None,
    typer.Option(
        "--window",
        metavar="WINDOW",
        help='Only then, as "Sat 22:00-02:00 Europe/Berlin"; repeatable; without a zone: UTC.',
    ),
]
Deadline = Annotated[
    str | None,
    typer.Option("--deadline", metavar="TIME", help="No node that would end later: 2h, ISO time."),
]
MaxQueue = Annotated[
    int | None,
    typer.Option("--max-queue", min=0, help="Wait while more builds than this wait."),
]
MaxBusy = Annotated[
    str | None,
    typer.Option("--max-busy", metavar="P%", help="Wait while more executors are busy."),
]
WaitFile = Annotated[Path | None, typer.Option("--wait-file", help="Wait while this file exists.")]
MaxWait = Annotated[
    str | None,
    typer.Option("--max-wait", metavar="TIME", help="Waited longer than this: stop, resumable."),
]
HooksFolder = Annotated[
    Path | None,
    typer.Option("--hooks", metavar="DIR", help="Your programs: before-run, after-node ..."),
]
HookTimeout = Annotated[
    float, typer.Option("--hook-timeout", min=1, help="Seconds that a hook may take.")
]


def addresses(given: list[str] | None) -> tuple[str, ...]:
    """``--agent-address`` as given, each once; ``UsageProblem`` for what is no HOST:PORT."""
    from migrate.model.ways import split_address

    for text in given or ():
        split_address(text)
    return tuple(dict.fromkeys(given or ()))
