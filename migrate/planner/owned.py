"""What to change at the source of an object that somebody owns, in the owner's own words.

Helm keys: jenkins/charts (controller.agentListenerEnabled since 3.3.11, JCasC slaveAgentPort
since 5.8.13, charts/jenkins/templates/_helpers.tpl) and ingress-nginx's chart (``tcp``).
"""

import shlex

from migrate.model.cluster_facts import Exposure, ExposureKind
from migrate.model.inventory import Controller
from migrate.model.text import visible


def at_the_source(exposure: Exposure, step_id: str) -> str:
    """Instructions for the person who keeps the object's source."""
    owner = exposure.owner
    place = f"{exposure.object_kind} {exposure.namespace}/{exposure.name}"
    lines = [f"{visible(place)}: {_change(exposure)}"]
    if exposure.by_hand:
        lines.append(f"By hand: {visible(exposure.by_hand)}")
    if owner is None:
        lines.append("Nothing owns it as far as the scan tells: edit it with kubectl.")
    elif not owner.reverts:
        lines.append(
            f"A person applied it ({visible(owner.evidence)}): take it out of that manifest, too."
        )
    elif owner.kind == "helm":
        lines.append(f"It belongs to the Helm release {visible(owner.name)}:")
        lines.append(_helm(exposure))
    else:
        lines.append(
            f"It belongs to {visible(owner.kind)} {visible(owner.name)}: change it in the "
            "repository or object from which that is made, and let it be applied."
        )
    if owner is not None and owner.reverts and not exposure.obstacle:
        lines.append(
            "Or plan again with --allow-live-edit: then it is edited in place, and its owner puts "
            "it back at the next deploy."
        )
    lines.append(
        f"When it is done: migrate mark {shlex.quote(visible(step_id))} done --reason TEXT"
    )
    return "\n".join(lines) + "\n"


def _change(exposure: Exposure) -> str:
    changes = {
        ExposureKind.TCP_SERVICES_ENTRY: (
            f"remove the key {exposure.key!r} (its value is {exposure.value!r})"
        ),
        ExposureKind.EDGE_SERVICE_PORT: f"remove the port {exposure.port} ({exposure.key})",
        ExposureKind.AGENT_SERVICE: "delete it: it serves the agent port alone",
        ExposureKind.AGENT_SERVICE_PORT: f"remove the port {exposure.port} ({exposure.key})",
        ExposureKind.TCP_ROUTE: f"take the route out ({exposure.value})",
    }
    default = f"remove the container port {exposure.key} ({exposure.value})"
    text = changes.get(exposure.kind, default)
    if exposure.node_port:
        text += f"; note its nodePort {exposure.node_port} for the way back"
    return visible(text)


def _helm(exposure: Exposure) -> str:
    edge = (
        ExposureKind.TCP_SERVICES_ENTRY,
        ExposureKind.EDGE_SERVICE_PORT,
        ExposureKind.EDGE_CONTAINER_PORT,
    )
    if exposure.kind in edge:
        return visible(
            f'  in the values of ingress-nginx, remove tcp: {{"{exposure.port}": ...}}; one value '
            "makes the ConfigMap key, the Service port and the container port"
        )
    return (
        "  in the values of the jenkins chart, set controller.agentListenerEnabled: false "
        "(removes the agent Service and the NetworkPolicy rule); and agent.websocket: true for "
        "the chart's own Kubernetes cloud"
    )


def controller_source(controller: Controller) -> str:
    """Instructions for turning the controller's port off where this tool can't."""
    lines: list[str] = []
    owner = controller.port_owner
    if controller.agent_port.enforced:
        lines.append(
            "Set -Djenkins.model.Jenkins.slaveAgentPort=-1, or take out that and "
            "-Djenkins.model.Jenkins.slaveAgentPortEnforce=true, in the controller's Java options "
            "(JAVA_OPTS, JENKINS_JAVA_OPTIONS, unit file), and restart the controller."
        )
    if owner is not None and owner.kind == "helm":
        lines.append(
            f"The Helm release {visible(owner.name)} writes slaveAgentPort by its default JCasC "
            "(chart jenkins 5.8.13 and newer), and no value of it renders -1: set "
            "controller.JCasC.defaultConfig: false and bring your own configScripts with "
            "jenkins: {slaveAgentPort: -1}, or leave the listener on inside the cluster and set "
            "controller.agentListenerEnabled: false."
        )
    elif owner is not None and owner.kind == "init.groovy.d":
        lines.append(
            f"A script of init.groovy.d sets it at each start ({visible(owner.evidence)}): set it "
            "to -1 there (Jenkins.get().setSlaveAgentPort(-1)), or take the script out, and "
            "restart the controller, or turn the port off by hand until its next start."
        )
    elif owner is not None:
        lines.append(
            f"In the JCasC source ({visible(owner.evidence)}) set, under jenkins:, "
            "slaveAgentPort: -1, and reload the configuration. With the file at hand: migrate plan "
            "--source DIR edits it for you."
        )
    if not lines:
        lines.append(
            "As an administrator: Manage Jenkins > Security > Agents > TCP port for inbound "
            "agents > Disable, or in the script console: "
            "Jenkins.get().setSlaveAgentPort(-1); Jenkins.get().save()"
        )
    lines.append("When it is done: migrate mark close/controller-port done --reason TEXT")
    return "\n".join(lines) + "\n"
