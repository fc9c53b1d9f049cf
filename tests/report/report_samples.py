"""An installation, a plan and a run to report on; and the same with hostile names."""

from dataclasses import replace
from typing import Any

from msgspec import structs

from migrate.model.cluster_facts import (
    Cluster,
    EdgeController,
    Exposure,
    ExposureKind,
    IngressRoute,
    LeadsTo,
    Owner,
    TcpEntry,
    TcpServices,
)
from migrate.model.finding import Finding
from migrate.model.inventory import (
    AgentPort,
    Controller,
    Inventory,
    Launch,
    LauncherKind,
    LaunchKind,
    Node,
    OfflineMark,
    ProbeAnswer,
    Skip,
    Transport,
    Verdict,
)
from migrate.model.names import DriverName, StageName
from migrate.model.plan import Choices, Plan, PlannedFrom, Stage, Wave
from migrate.model.plan_steps import (
    CloseControllerPort,
    CloudSettings,
    FilesEdit,
    JarUpgrade,
    KubeTarget,
    Manual,
    MoveNode,
    NodeByHand,
    Piece,
    PlanStep,
    ProbeWebSocket,
    RemoveServicePort,
    RemoveTcpService,
    SwitchCloud,
    VerifyClosed,
)
from migrate.model.run import Phase, Run, RunStep, StepState
from migrate.model.ways import Place
from migrate.rules.registry import judge

JAR = "3160.vd76b_9ddd10cc"
SHA = "5f" * 32
JNLP = "hudson.slaves.JNLPLauncher"

HOSTILE = (
    "[bold red]x[/]\x1b[31m`a`|b*c*_d_<script>alert(1)</script>&lt;\u202egnp.exe\x9b2J\n# h "
    "![i](http://evil) @all \u200b"
)
"""Rich markup, ANSI escapes, Markdown, HTML, bidi, C1, a line break, no width."""


EDGE_PLACE = Place("controller", 50000, "jenkins.example.com")


def launch(kind: LaunchKind = LaunchKind.JNLP_URL, **more: Any) -> Launch:
    """A launch that was read on a host."""
    values: dict[str, Any] = {
        "command": "java -jar agent.jar -jnlpUrl URL -secret @secret-file -workDir /w",
        "options": ("-jnlpUrl", "-secret", "-workDir"),
        "jar": "/w/agent.jar",
        "jar_sha256": "0" * 64,
        "jar_writable": True,
        "java_version": "17.0.9",
        "os": "Linux",
        "host": "build-7",
        "supervisor": "none",
        "restarter": True,
    }
    return Launch(kind, **{**values, **more})


def node(name: str, **more: Any) -> Node:
    """A connected inbound node on TCP."""
    values: dict[str, Any] = {
        "launcher": LauncherKind.INBOUND,
        "launcher_class": JNLP,
        "node_class": "slave",
        "web_socket": False,
        "labels": ("linux",),
        "online": True,
        "ever_connected": True,
        "transport": Transport.TCP,
        "protocol": "JNLP4-connect",
        "remoting_version": JAR,
        "launch": launch(),
        "config_sha256": "1" * 64,
    }
    return Node(name, **{**values, **more})


def controller(**more: Any) -> Controller:
    """A 2.426.2 behind https."""
    values: dict[str, Any] = {
        "url": "https://jenkins.example.com/",
        "root_url": "https://jenkins.example.com/",
        "version": "2.426.2",
        "agent_port": AgentPort(50000, 50000, None, ("JNLP4-connect", "Ping"), False),
        "minimum_remoting": "4.13",
        "jar_version": JAR,
        "jar_sha256": SHA,
        "java_version": "17.0.9",
        "user": "admin",
        "permissions": ("Overall/Administer", "Overall/Read"),
    }
    return Controller(**{**values, **more})


def probes() -> tuple[ProbeAnswer, ...]:
    """All that tier 1 asks, answered well."""
    return (
        ProbeAnswer(
            "login", "GET /login", "200 OK", Verdict.PASS, "jenkins", "Jenkins answers its login."
        ),
        ProbeAnswer(
            "cli-ws", "GET /cli/ws Upgrade: websocket", "101 Switching Protocols", Verdict.PASS,
            "jenkins", "Upgrade survives on /cli/ws.",
        ),
    )  # fmt: skip


def cluster(**more: Any) -> Cluster:
    """ingress-nginx with the agents' entry and a database's."""
    owner = Owner("helm", "jenkins", "label app.kubernetes.io/managed-by=Helm")
    entries = (
        TcpEntry(
            "50000", "jenkins/jenkins-agent:50000", 50000, "jenkins", "jenkins-agent", "50000",
            leads_to=LeadsTo.JENKINS, reason="its endpoint is the pod of Jenkins",
        ),
        TcpEntry(
            "5432", "db/postgres:5432", 5432, "db", "postgres", "5432",
            leads_to=LeadsTo.OTHER, reason="its endpoint is pod db/postgres-0",
        ),
    )  # fmt: skip
    values: dict[str, Any] = {
        "context": "prod",
        "server_version": "v1.29.3",
        "edge_controllers": (
            EdgeController(
                "Deployment", "ingress-nginx", "ingress-nginx-controller", "ingress-nginx",
                ingress_class="nginx", tcp_services="ingress-nginx/tcp-services",
            ),
        ),
        "tcp_services": (
            TcpServices(
                "ingress-nginx", "tcp-services", True,
                ("Deployment ingress-nginx/ingress-nginx-controller",), entries,
            ),
        ),
        "ingresses": (
            IngressRoute(
                "jenkins", "jenkins", "networking.k8s.io/v1", ("jenkins.example.com",), "nginx",
                "k8s.io/ingress-nginx", {}, "jenkins:8080", True,
            ),
        ),
        "exposures": (
            Exposure(
                ExposureKind.TCP_SERVICES_ENTRY, "ConfigMap", "ingress-nginx", "tcp-services",
                "50000", 50000, "jenkins/jenkins-agent:50000",
            ),
            Exposure(
                ExposureKind.EDGE_SERVICE_PORT, "Service", "ingress-nginx",
                "ingress-nginx-controller", "50000-tcp", 50000, "port 50000 of the edge", 31500,
            ),
            Exposure(
                ExposureKind.AGENT_SERVICE, "Service", "jenkins", "jenkins-agent", "", 50000,
                "agent-listener", None, owner,
            ),
        ),
    }  # fmt: skip
    return Cluster(**{**values, **more})


def nodes() -> tuple[Node, ...]:
    """The kinds of nodes that the sandbox has."""
    return (
        node(
            "(built-in)", launcher=LauncherKind.BUILT_IN, launcher_class=None, web_socket=None,
            transport=Transport.UNKNOWN, protocol=None, remoting_version=None, launch=None,
            node_class="hudson.model.Hudson$MasterComputer", labels=(),
        ),
        node("builder", busy=1),
        node(
            "by-name",
            launch=launch(
                LaunchKind.URL_NAME,
                command="java -jar agent.jar -url URL -name by-name -secret @secret-file",
                options=("-url", "-name", "-secret", "-workDir"),
                host="build-9",
            ),
            remoting_version="3206.vb_15dcf73f6a_9",
        ),
        node("linux-1"),
        node("linux-old", remoting_version="3063.v26e24490f041"),
        node(
            "never-seen", online=False, ever_connected=False, transport=Transport.UNKNOWN,
            protocol=None, remoting_version=None, launch=None,
        ),
        node("node c é", labels=("lab",)),
        node(
            "ssh-1", launcher=LauncherKind.SSH,
            launcher_class="hudson.plugins.sshslaves.SSHLauncher", web_socket=None,
            transport=Transport.UNKNOWN, protocol="Standard in/out", launch=None,
        ),
        node("tunnelled", tunnel="edge.example.com:50000"),
        node(
            "win-away", online=False, transport=Transport.UNKNOWN, launch=None,
            offline_mark=OfflineMark("ann", "disk full"), remoting_version=None,
        ),
        node("ws-already", web_socket=True, transport=Transport.WEBSOCKET, protocol="WebSocket"),
    )  # fmt: skip


def inventory(**more: Any) -> Inventory:
    """The whole installation."""
    values: dict[str, Any] = {
        "schema_version": 1,
        "tool_version": "0.1.0",
        "scanned_at": "2026-11-21T20:04:11Z",
        "read_by": "script",
        "controller": controller(),
        "nodes": nodes(),
        "cluster": cluster(),
        "probes": probes(),
        "skips": (
            Skip("node win-away", "launch", "it is offline", "its agent connected"),
            Skip("node never-seen", "launch", "it is offline", "its agent connected"),
        ),
    }
    return Inventory(**{**values, **more})


def findings() -> tuple[Finding, ...]:
    """What the rules say of it."""
    return judge(inventory())


def move(name: str, **more: Any) -> PlanStep:
    """A move-node step as the planner fills it."""
    fields: dict[str, Any] = {
        "node": name,
        "driver": "inband",
        "driver_reason": "started with -jnlpUrl, and its host can be probed",
        "launch": "jnlp-url",
        "transport": Transport.TCP,
        "remoting": JAR,
        "upgrade": None,
        "drop_tunnel": None,
        "set_flag": True,
        "offline": False,
        "busy": 0,
        "mark": None,
    }
    return MoveNode(
        id=f"node/{name}",
        subject=f"node {name}",
        title=f"move {name} to WebSocket",
        **{**fields, **more},
        fingerprint={"transport": "tcp"},
    )


def by_hand(name: str = "by-name") -> PlanStep:
    """A node that a person moves."""
    return Manual(
        id=f"node/{name}",
        subject=f"node {name}",
        title="change its launch on build-9",
        reason="its transport stands in its own command line",
        instructions="On build-9, as root:\n  sh runbooks/by-name.sh\nThen go on with --resume.",
        node=NodeByHand(
            name=name,
            host="build-9",
            supervisor="systemd",
            launch="url-name",
            remoting="3206.vb_15dcf73f6a_9",
        ),
    )


def close_steps() -> tuple[PlanStep, ...]:
    """The close stage, one of them owned by Helm."""
    return (
        RemoveTcpService(
            id="close/tcp-services-entry/ingress-nginx/tcp-services/50000",
            subject="ConfigMap ingress-nginx/tcp-services[50000]",
            title="remove the entry 50000",
            piece=Piece(
                target=KubeTarget(kind="ConfigMap", namespace="ingress-nginx", name="tcp-services"),
                key="50000",
                value="jenkins/jenkins-agent:50000",
                port=50000,
            ),
        ),
        RemoveServicePort(
            id="close/edge-service-port/ingress-nginx/ingress-nginx-controller/50000-tcp",
            subject="Service ingress-nginx/ingress-nginx-controller[50000-tcp]",
            title="remove the port 50000-tcp",
            piece=Piece(
                target=KubeTarget(
                    kind="Service", namespace="ingress-nginx", name="ingress-nginx-controller"
                ),
                key="50000-tcp",
                port=50000,
                node_port=31500,
            ),
        ),
        Manual(
            id="close/agent-service/jenkins/jenkins-agent/",
            subject="Service jenkins/jenkins-agent",
            title="take the Service out of the chart's values",
            reason="Helm release jenkins owns it",
            instructions="values.yaml: controller.agentListenerEnabled: false",
            piece=Piece(
                target=KubeTarget(kind="Service", namespace="jenkins", name="jenkins-agent"),
                value="agent-listener",
                port=50000,
                owner="helm jenkins",
            ),
        ),
        CloseControllerPort(
            id="close/controller-port////",
            subject="controller",
            title="turn the TCP port off",
            port=50000,
        ),
    )


def plan(**more: Any) -> Plan:
    """A plan for it."""
    moves = (
        move("linux-1"),
        move(
            "linux-old",
            remoting="3063.v26e24490f041",
            upgrade=JarUpgrade(
                from_version="3063", to=JAR, from_sha256=None, sha256=None, jar=None, url=""
            ),
        ),
        move("node c é"),
        move("tunnelled", drop_tunnel="edge.example.com:50000"),
        move("builder", busy=1),
        move(
            "win-away", offline=True, driver=DriverName.REREAD, mark=OfflineMark("ann", "disk full")
        ),
    )
    stages = (
        Stage(
            StageName.PREFLIGHT,
            "prove the new way",
            (
                Wave(
                    "probe",
                    (
                        ProbeWebSocket(
                            id="preflight/probe",
                            subject="edge",
                            title="probe /wsagents/ with a node of its own",
                            url="https://jenkins.example.com/",
                            hold=35,
                        ),
                    ),
                ),
            ),
        ),
        Stage(
            StageName.NODES,
            "move the agents",
            (
                Wave("canary", moves[:1]),
                Wave("wave-1", moves[1:3]),
                Wave("wave-2", moves[3:]),
                Wave("by-hand", (by_hand(),)),
            ),
        ),
        Stage(StageName.CLOSE, "close the port", tuple(Wave(s.id, (s,)) for s in close_steps())),
        Stage(
            StageName.VERIFY,
            "prove that it is closed",
            (
                Wave(
                    "verify",
                    (
                        VerifyClosed(
                            id="verify/closed",
                            subject="edge",
                            title="the port refuses",
                            places=(EDGE_PLACE,),
                        ),
                    ),
                ),
            ),
        ),
    )
    values: dict[str, Any] = {
        "schema_version": 1,
        "plan_id": "ab" * 32,
        "tool_version": "0.1.0",
        "target": PlannedFrom(
            "https://jenkins.example.com/", "2.426.2", JAR, SHA, "prod", "cd" * 32
        ),
        "choices": Choices("saturday"),
        "stages": stages,
        "skips": (
            Skip("node ssh-1", "move", "the controller starts it over SSH"),
            Skip("node ws-already", "move", "it is on WebSocket already"),
        ),
    }
    return Plan(**{**values, **more})


def run_steps() -> tuple[RunStep, ...]:
    """One step of every state."""
    at = "2026-11-21T22:{:02d}:05.000Z".format

    def step(name: str, state: StepState, message: str = "", needs: str = "") -> RunStep:
        phases = (
            Phase("hold", at(1), "ok"),
            Phase("switch", at(2), "ok" if state is StepState.DONE else "failed", message),
        )
        return RunStep(
            f"node/{name}", "move-node", f"node {name}", f"move {name}", StageName.NODES,
            "wave-1", state, message, needs, at(1), at(3), phases,
        )  # fmt: skip

    return (
        RunStep(
            "preflight/probe", "probe-websocket", "edge", "probe", StageName.PREFLIGHT, "probe",
            StepState.DONE, "101, still open after 35 s", "", at(0), at(1),
        ),
        step("linux-1", StepState.DONE, "WebSocket, remoting " + JAR),
        step("linux-2", StepState.NOTHING, "is on WebSocket already"),
        step("linux-3", StepState.FAILED, "its config.xml could not be read"),
        step("linux-4", StepState.PUT_BACK, "came back over TCP; put back as it was"),
        step(
            "dead-1", StepState.STUCK, "its agent did not come back in 180 s",
            "On host build-7: start the agent again:\n  cd /w && ./start-agent.sh",
        ),
        step("moved-1", StepState.DRIFTED, "its config.xml was changed since the plan"),
        step("away-1", StepState.BLOCKED, "is offline", "--include-offline"),
        step("by-name", StepState.MANUAL, "a person must do this", "On build-9: sh by-name.sh"),
        RunStep(
            "close/controller-port", "close-controller-port", "controller", "turn it off",
            StageName.CLOSE, "controller", StepState.PENDING,
        ),
    )  # fmt: skip


def run(**more: Any) -> Run:
    """A run that stopped at the failure budget."""
    values: dict[str, Any] = {
        "run_id": "20261121T220000Z-1a2b",
        "plan_name": "saturday",
        "plan_id": "ab" * 32,
        "controller_url": "https://jenkins.example.com/",
        "tool_version": "0.1.0",
        "user": "ann",
        "host": "ops-1",
        "started": "2026-11-21T22:00:00.000Z",
        "finished": "2026-11-21T22:09:00.000Z",
        "state": "failed",
        "summary": "a person must act: 1 of 8 nodes could not be put back.",
        "exit_code": 1,
        "steps": run_steps(),
        "accepted": ("offline never-seen (2026-11-21T22:00:02.000Z)",),
        "notes": ("the wave stopped: 2 failures of 8 nodes, budget 0",),
        "next_command": "migrate report plans/saturday",
    }
    return Run(**{**values, **more})


def hostile_inventory() -> Inventory:
    """The same with a name that tries everything."""
    bad = node(
        HOSTILE,
        labels=(HOSTILE,),
        tunnel=HOSTILE,
        web_socket=True,
        description=HOSTILE,
        offline_mark=OfflineMark(HOSTILE, HOSTILE),
        remoting_version="3063" + HOSTILE,
    )
    base = inventory()
    return replace(
        base,
        nodes=(*base.nodes, bad),
        skips=(Skip(f"node {HOSTILE}", HOSTILE, HOSTILE, HOSTILE),),
        controller=controller(user=HOSTILE),
        probes=(
            ProbeAnswer(
                HOSTILE, HOSTILE, HOSTILE, Verdict.FAIL, HOSTILE, HOSTILE, HOSTILE, "unexpected"
            ),
        ),
    )


def hostile_plan() -> Plan:
    """A plan whose every text tries everything."""
    step = structs.replace(
        move(
            HOSTILE,
            driver_reason=HOSTILE,
            drop_tunnel=HOSTILE,
            launch_edit=FilesEdit(files=(HOSTILE,), url=HOSTILE, secret_file=HOSTILE),
        ),
        title=HOSTILE,
    )
    hand = by_hand(HOSTILE)
    hand = structs.replace(hand, title=HOSTILE, instructions=HOSTILE)
    before = CloudSettings(web_socket=False, tunnel=HOSTILE, direct=False)
    other = SwitchCloud(id="x/y", subject=HOSTILE, title=HOSTILE, cloud=HOSTILE, before=before)
    stage = Stage(StageName.NODES, HOSTILE, (Wave(HOSTILE, (step, hand, other)),))
    return plan(stages=(stage,), skips=(Skip(HOSTILE, HOSTILE, HOSTILE, HOSTILE),))


def hostile_run() -> Run:
    """A run whose every text tries everything."""
    step = RunStep(
        HOSTILE, HOSTILE, HOSTILE, HOSTILE, StageName.NODES, HOSTILE, StepState.STUCK, HOSTILE,
        HOSTILE, HOSTILE, HOSTILE, (Phase(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
    )  # fmt: skip
    return run(
        steps=(step,), summary=HOSTILE, user=HOSTILE, notes=(HOSTILE,), accepted=(HOSTILE,),
        next_command=HOSTILE,
    )  # fmt: skip
