"""Steps for the controller's clouds: those that the tool sets, and those that a person must. Pure.

Source: kubernetes-plugin, KubernetesCloud.java and PodTemplateBuilder.java: JENKINS_TUNNEL is set
also with webSocket, with directConnection webSocket is ignored, and a template's own variables
go before the cloud's.
"""

from collections.abc import Mapping

from migrate.model.inventory import Cloud, CloudTemplate, Inventory, Skip
from migrate.model.plan import Choices
from migrate.model.plan_steps import CloudSettings, Manual, PlanStep, SwitchCloud
from migrate.model.text import visible, yaml_word
from migrate.planner.deploy import Deploy

KUBERNETES_CLOUD = "KubernetesCloud"
_BAD_OPTIONS = ("-tunnel", "-direct", "-directConnection", "-credentials", "-noKeepAlive")


def plan_clouds(
    inventory: Inventory, choices: Choices, deploys: Mapping[str, Deploy] | None = None
) -> tuple[list[PlanStep], list[PlanStep], list[Skip]]:
    """(steps that the tool runs, steps for people, clouds left out with the reason).

    ``deploys``: by name, what the steps say for clouds whose source is edited.
    """
    moves: list[PlanStep] = []
    by_hand: list[PlanStep] = []
    skips: list[Skip] = []
    for cloud in inventory.clouds:
        skip = _left_out(cloud)
        if skip is not None:
            skips.append(skip)
            continue
        reason = _obstacle(cloud, choices)
        deploy = (deploys or {}).get(cloud.name)
        (by_hand if reason else moves).append(_step(cloud, reason, deploy))
    return moves, by_hand, skips


def needs_source(cloud: Cloud, choices: Choices) -> bool:
    """Whether nothing but its JCasC file keeps this tool from switching the cloud."""
    owned = cloud.owner is not None and cloud.owner.kind == "jcasc"
    free = _left_out(cloud) is None and not _problems(cloud)
    return owned and free and not choices.allow_live_edit


def _left_out(cloud: Cloud) -> Skip | None:
    kind = cloud.cloud_class.rsplit(".", 1)[-1]
    subject = f"cloud {cloud.name}"
    if kind != KUBERNETES_CLOUD:
        return Skip(
            subject,
            "move",
            f"clouds of {cloud.cloud_class} are not supported: each such plugin has its own way to "
            "start agents, and some have no setting for WebSocket",
            "see the plugin's page whether its agents dial in over TCP; its nodes keep the port "
            "open while they do",
        )
    if cloud.web_socket is None:
        return Skip(
            subject,
            "move",
            "its plugin has no WebSocket setting (kubernetes 1.25.0 is the first that has)",
            "a newer kubernetes plugin",
        )
    if cloud.web_socket and not cloud.tunnel and not cloud.direct and not _problems(cloud):
        return Skip(subject, "move", "its new pods connect over WebSocket already")
    return None


def _obstacle(cloud: Cloud, choices: Choices) -> str:
    problems = _problems(cloud)
    if problems:
        return "; ".join(problems)
    if cloud.owner is not None and not choices.allow_live_edit:
        evidence = visible(cloud.owner.evidence)
        return f"{visible(cloud.owner.kind)} would set it again ({evidence})"
    return ""


def _problems(cloud: Cloud) -> list[str]:
    return [text for template in cloud.templates for text in _template_problems(template)]


def _template_problems(template: CloudTemplate) -> list[str]:
    name = visible(template.name or template.label or "(unnamed)")
    found = [
        f"pod template {name} sets {variable} itself, which goes before the cloud's setting"
        for variable in ("JENKINS_TUNNEL", "JENKINS_DIRECT_CONNECTION")
        if template.env.get(variable)
    ]
    own = template.env.get("JENKINS_WEB_SOCKET")
    if own is not None and own != "true":
        found.append(f"pod template {name} sets JENKINS_WEB_SOCKET itself to {visible(own)!r}")
    words = f"{template.args} {template.env.get('REMOTING_OPTS', '')}".split()
    bad = [option for option in _BAD_OPTIONS if option in words]
    if bad:
        found.append(f"pod template {name} gives its agent {', '.join(bad)}")
    return found


def _step(cloud: Cloud, reason: str, deploy: Deploy | None) -> PlanStep:
    title = f"cloud {visible(cloud.name)}: new pods connect over WebSocket"
    switch = SwitchCloud(
        id=f"cloud/{cloud.name}",
        subject=f"cloud {cloud.name}",
        title=title,
        cloud=cloud.name,
        before=CloudSettings(
            web_socket=bool(cloud.web_socket), tunnel=cloud.tunnel, direct=cloud.direct
        ),
        pods=len(cloud.nodes),
        driver_reason="its pods are told by the cloud; those that run now finish on TCP",
    )
    if not reason:
        return switch
    return Manual(
        id=switch.id,
        subject=switch.subject,
        title=f"by hand: {title}",
        reason=deploy.reason if deploy else reason,
        instructions=deploy.instructions if deploy else _instructions(cloud),
        undo=deploy.undo if deploy else "put the old values back at the same place",
        read_back=deploy is not None,
        # Done is what the step that may not run would see.
        would_be=None if _problems(cloud) else switch,
    )


def _instructions(cloud: Cloud) -> str:
    lines = [f"Cloud {visible(cloud.name)} must be changed by hand."]
    for problem in _problems(cloud):
        lines.append(f"- {problem}: take it out there.")
    gone = [
        key
        for key, value in (("jenkinsTunnel", cloud.tunnel), ("directConnection", cloud.direct))
        if value
    ]
    lines += [
        "In JCasC:" if cloud.owner else "In Manage Jenkins > Clouds, or in JCasC:",
        "  jenkins:",
        "    clouds:",
        "      - kubernetes:",
        f"          name: {yaml_word(cloud.name)}",
        "          webSocket: true",
    ]
    if gone:
        lines.append(f"          # and without: {', '.join(gone)}")
    if cloud.owner and not _problems(cloud):
        lines.append("With its file at hand: migrate plan --source DIR edits it for you.")
    lines += [
        "Load the configuration again. Pods that run now keep TCP until they finish.",
        f"Then: migrate mark 'cloud/{visible(cloud.name)}' done --reason TEXT",
    ]
    return "\n".join(lines) + "\n"
