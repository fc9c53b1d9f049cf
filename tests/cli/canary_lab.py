"""Secrets in every place where one can stand, and every place where one must not come out."""

import base64
import html
import http.server
import json
import re
import secrets
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli_lab import Cli, Done

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.spec import (
    AgentSpec,
    CloudSpec,
    HostSpec,
    NodeSpec,
    Scenario,
    WorkloadSpec,
)


def canary(what: str) -> str:
    """A secret that is nowhere else: unlike any form that masking could know by its look."""
    return f"{what}{secrets.token_urlsafe(9)}".replace("-", "x").replace("_", "y")


UNIT, SCRIPT, WINSW, COMPOSE, POD = map(canary, ("Unit", "Script", "Winsw", "Compose", "Pod"))
CONFIG, TEXT, JCASC, NODE_TEXT = map(canary, ("Config", "Text", "Jcasc", "Label"))
HOOK, SSH, PROGRAM = map(canary, ("Hook", "Ssh", "Program"))
KUBE_PASSWORD, URL_PASSWORD, PROXY_PASSWORD = map(canary, ("Kube", "Url", "Proxy"))
NO_SECRET = ("PROPERTY", "TOKEN", "KUBECONFIG", "KEEPS")
KUBECONFIG = "kubeconfig-with-secrets"
TOKEN = canary("Tok'e\"n+/&<%é ")
"""With all that shells, URLs, JSON, XML and HTML write in ways of their own."""


def _agent(kind: str, secret: str, **more: object) -> AgentSpec:
    return AgentSpec(
        launch=kind,
        environment=(("DB_PASSWORD", secret), ("NEXUS_TOKEN", secret)),
        java_options=(f"-Djavax.net.ssl.trustStorePassword={secret}",),
        **more,  # type: ignore[arg-type]
    )


SCENARIO = Scenario(
    name="canaries",
    title="secrets wherever they can stand",
    nodes=(
        NodeSpec("plain"),
        NodeSpec("marked"),
        NodeSpec("told", description=f"login: build password: {NODE_TEXT}"),
        NodeSpec("by-ssh", agent=_agent("url-name", UNIT, secret_in_clear=True)),
        NodeSpec("by-script", agent=_agent("url-name", SCRIPT, secret_in_clear=True)),
        NodeSpec(
            "by-winsw", agent=_agent("url-name", WINSW, held="argument", secret_in_clear=True)
        ),
        NodeSpec("by-compose", agent=_agent("url-name", COMPOSE)),
        NodeSpec("by-pod", agent=_agent("url-name", POD)),
        NodeSpec("by-file", by_casc=True),
    ),
    hosts=(
        HostSpec("h-1", ("by-ssh",), "systemd"),
        HostSpec("h-2", ("by-script",), "script"),
        HostSpec("h-3", ("by-winsw",), "winsw"),
        HostSpec("h-4", ("by-compose",), "docker"),
    ),
    workloads=(WorkloadSpec("by-pod", "agent-pod"),),
    clouds=(CloudSpec("kubernetes", "build", pods=0, label="pod", tunnel="{edge}"),),
    casc=True,
)
PROPERTY = f"""<nodeProperties>
    <hudson.slaves.EnvironmentVariablesNodeProperty><envVars serialization="custom"><tree-map>
      <int>2</int><string>NEXUS_PASSWORD</string><string>{CONFIG}</string>
      <string>API_TOKEN</string><string>{CONFIG}</string>
    </tree-map></envVars></hudson.slaves.EnvironmentVariablesNodeProperty>
    <vault><password>{CONFIG}</password><secretKey>{CONFIG}</secretKey></vault>
  </nodeProperties>"""


KEEPS = """#!/bin/sh
{{ printf '%s\\n' "$0" "$@"; env; }} >> {}.$$
"""


def forms(secret: str) -> tuple[str, ...]:
    """What a reader would take the secret from."""
    raw = secret.encode()
    return tuple(
        dict.fromkeys(
            [
                secret,
                urllib.parse.quote(secret, safe=""),
                urllib.parse.quote_plus(secret),
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                html.escape(secret),
                html.escape(secret, quote=False),
                raw.hex(),
                base64.b64encode(raw).decode().rstrip("="),
                base64.b64encode(b"admin:" + raw).decode().rstrip("="),
                base64.urlsafe_b64encode(raw).decode().rstrip("="),
            ]
        )
    )


@dataclass
class Canaries:
    """What was planted, and what was seen."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    """Where each leak was: the place and what came out."""
    ran: list[tuple[str, Done]] = field(default_factory=list)

    def look(self, place: str, text: str) -> None:
        """Note every canary in ``text``."""
        for what, secret in self.known.items():
            for form in forms(secret):
                if form in text:
                    at = text.index(form)
                    around = text[max(0, at - 60) : at + len(form) + 20].replace("\n", "|")
                    self.seen.append(f"{what} in {place}: {around!r}")
                    break

    def look_at_files(self, *, but: frozenset[str] = frozenset()) -> list[str]:
        """Everything below the folder, but the names and folders in ``but``; what was read."""
        read = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not but & set(path.relative_to(self.folder).parts):
                self.look(str(path.relative_to(self.folder)), path.read_text("utf-8", "replace"))
                read.append(path.name)
        return read

    def run(self, cli: Cli, *words: str, code: str = "", **extra: str | None) -> Done:
        """A command; what it prints is looked at."""
        done = cli(*words, code=code, **extra)
        shown = " ".join(words)
        self.ran.append((shown, done))
        self.look(f"stdout of {shown}", done.out)
        self.look(f"stderr of {shown}", done.err)
        return done


def programs(folder: Path, credential: str) -> None:
    """``ssh``, a driver's program, hooks and the login of a kubeconfig: each keeps what it was
    given, and says secrets."""
    given = folder / "given"
    for name, secret, code in (
        ("bin/ssh", SSH, 255),
        ("bin/program", PROGRAM, 1),
        ("hooks/before-run", HOOK, 0),
        ("hooks/after-node", HOOK, 1),
        ("hooks/before-node", HOOK, 0),
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        given.mkdir(exist_ok=True)
        path.write_text(
            f"{KEEPS.format(given / path.name)}"
            f"echo 'password: {secret}'\necho 'DB_PASSWORD={secret} done'\n"
            f"echo '{{\"token\": \"{secret}\"}}' >&2\necho 'Authorization: Bearer {secret}' >&2\n"
            f"exit {code}\n"
        )
        path.chmod(0o700)
    login = folder / "bin/kube-login"
    login.write_text(f"{KEEPS.format(given / login.name)}echo '{credential}'\n")
    login.chmod(0o700)


def plant(sandbox: Sandbox, work: Path) -> Canaries:
    """Secrets in config.xml, JCasC, kubeconfig, logs; and those that the sandbox made itself."""
    login = base64.b64encode(f"admin:{TOKEN}".encode()).decode()
    config = sandbox.jenkins.config_xml("plain").decode()
    body = re.sub(
        r"<nodeProperties ?/>|<nodeProperties>.*?</nodeProperties>", PROPERTY, config, flags=re.S
    )
    assert CONFIG in body
    request = urllib.request.Request(
        f"{sandbox.root_url}computer/plain/config.xml",
        body.encode(),
        {"Authorization": f"Basic {login}", "Content-Type": "application/xml"},
    )
    urllib.request.urlopen(request).close()
    marked = urllib.parse.urlencode({"offlineMessage": f"password={NODE_TEXT} is wrong"}).encode()
    mark = f"{sandbox.root_url}computer/marked/toggleOffline"
    request = urllib.request.Request(mark, marked, {"Authorization": f"Basic {login}"})
    urllib.request.urlopen(request).close()
    file = sandbox.home / "checkout/jenkins/casc.yaml"
    text = file.read_text()
    text = text.replace(
        "  clouds:\n",
        f"  securityRealm:\n    ldap:\n      managerPassword: {JCASC}\n"
        f"      token: '{JCASC}'\n  clouds:\n",
    )
    text = text.replace(
        "        webSocket: false\n",
        f'        credentialsPassword: "{JCASC}"\n        webSocket: false\n'
        f"        accessToken: {JCASC}\n",
    )
    file.write_text(text)
    (work / "checkout").mkdir()
    (work / "checkout/casc.yaml").write_text(text)
    kubeconfig = sandbox.kube.kubeconfig("admin")
    document = json.loads(kubeconfig.read_text())
    token = document["users"][0]["user"]["token"]
    other = {"username": "o", "password": KUBE_PASSWORD}
    document["users"].append({"name": "other", "user": other})
    login_program = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(work / "bin/kube-login"),
        "interactiveMode": "Never",
    }
    document["users"][0]["user"] = {"exec": login_program}
    # The sandbox writes its own again whenever it is asked for it.
    own = sandbox.home / KUBECONFIG
    own.write_text(json.dumps(document))
    own.chmod(0o600)
    credential = {
        "apiVersion": login_program["apiVersion"],
        "kind": "ExecCredential",
        "status": {"token": token},
    }
    programs(work, json.dumps(credential))
    found = Canaries(work)
    found.known = {
        f"agent secret of {spec.name}": sandbox.jenkins.secret(spec.name)
        for spec in sandbox.scenario.nodes
    }
    found.known |= {"API token": TOKEN, "kubeconfig token": token}
    found.known |= {
        name.lower().replace("_", " "): value
        for name, value in globals().items()
        if name.isupper() and isinstance(value, str) and name not in NO_SECRET
    }
    return found


class _Echo(http.server.BaseHTTPRequestHandler):
    """Answers every request with the login that it was sent, in every form, as an error page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        sent = self.headers.get("Authorization") or ""
        scheme, _, rest = sent.partition(" ")
        login = rest
        if scheme == "Basic":
            login = base64.b64decode(rest).decode("utf-8", "replace")
        secret = login.partition(":")[2] if scheme == "Basic" else login
        told = [sent, login, *(forms(secret) if secret else ())]
        line = " ".join(told).encode("ascii", "replace").decode()
        body = f"<html><title>Bad credential {told}</title>{told}</html>".encode()
        if self.path.startswith(("/api", "/version", "/apis")):
            answer = {"kind": "Status", "status": "Failure", "message": str(told)}
            body = json.dumps(answer).encode()
        if int(self.headers.get("Content-Length") or 0):
            self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status, line)  # type: ignore[attr-defined]
        self.send_header("X-Jenkins", "2.541.3")
        self.send_header("Content-Type", "application/json" if body[:1] == b"{" else "text/html")
        self.send_header("X-CLI-Error", line)
        self.send_header("WWW-Authenticate", f'Basic realm="{line}"')
        self.send_header("Location", f"/login?from={urllib.parse.quote(secret)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def echo(status: int) -> Iterator[str]:
    """The address of a server that says back what it was sent."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    server.status = status  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
