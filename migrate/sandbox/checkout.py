"""The checkout that the controller is configured from, and the stand-in for what deploys it."""

import shlex
import shutil
import sys
from pathlib import Path

from migrate.sandbox.jenkins.clouds import Cloud

FILE = "jenkins/casc.yaml"
"""Below the checkout."""


def write_checkout(
    home: Path, clouds: list[Cloud], nodes: dict[str, str | None], agent_port: int
) -> None:
    """``HOME/checkout``, the controller's own copy, and ``HOME/bin/deploy-casc``."""
    file = home / "checkout" / FILE
    file.parent.mkdir(parents=True)
    file.write_text(casc_text(clouds, nodes, agent_port), encoding="utf-8")
    (home / "checkout" / "README.md").write_text("Deploy it with deploy-casc.\n", encoding="utf-8")
    shutil.copyfile(file, home / "jenkins" / "jenkins.yaml")
    script = home / "bin" / "deploy-casc"
    script.write_text(_deploy(file, home / "jenkins" / "jenkins.yaml"), encoding="utf-8")
    script.chmod(0o755)


def casc_text(clouds: list[Cloud], nodes: dict[str, str | None], agent_port: int) -> str:
    """The JCasC file of a controller with these clouds, and nodes with their tunnels."""
    rows = [
        "# What the controller is configured from. Nobody changes it in the user interface.",
        "jenkins:",
        '  systemMessage: "the sandbox"',
        f"  slaveAgentPort: {agent_port}   # fixed: the edge publishes it",
    ]
    if nodes:
        rows.append("  nodes:")
    for name, tunnel in nodes.items():
        rows += [
            "    - permanent:",
            f'        name: "{name}"',
            "        launcher:",
            "          inbound:",
        ]
        if tunnel:
            rows.append(f'            tunnel: "{tunnel}"   # through the edge')
        rows.append("            webSocket: false")
    rows.append("  clouds:")
    for cloud in clouds:
        rows += [
            "    - kubernetes:",
            f'        name: "{cloud.name}"',
            f'        namespace: "{cloud.namespace}"',
            f'        jenkinsUrl: "{cloud.jenkins_url}"',
        ]
        if cloud.tunnel:
            rows.append(f'        jenkinsTunnel: "{cloud.tunnel}"   # through the edge')
        rows.append(f"        webSocket: {str(cloud.web_socket).lower()}")
        rows.append("        templates:")
        rows += [f"          - {{name: {t.name}, label: {t.label}}}" for t in cloud.templates]
    return "\n".join(rows) + "\n"


def _deploy(source: Path, target: Path) -> str:
    return f"""#!/bin/sh
# Stands in for the pipeline behind the checkout: brings the file to the controller and loads it.
set -e
cp {shlex.quote(str(source))} {shlex.quote(str(target))}
exec {shlex.quote(sys.executable)} - <<'END'
import base64, os, urllib.request

url = os.environ["JENKINS_URL"] + "configuration-as-code/reload"
login = os.environ["JENKINS_USER_ID"] + ":" + os.environ["JENKINS_API_TOKEN"]
head = {{"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}}
request = urllib.request.Request(url, b"", head)
opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {{
    "redirect_request": lambda *_: None}}))
try:
    opener.open(request).close()
except urllib.error.HTTPError as answer:
    with answer:
        if answer.code != 302:
            raise
print("deployed and loaded")
END
"""
