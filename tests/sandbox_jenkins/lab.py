"""A controller with real agent processes, for the live tests."""

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from migrate.sandbox.agent.engine import RESTARTER_AFTER
from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.fitting import settled
from migrate.sandbox.jenkins import JenkinsServer
from migrate.sandbox.spec import CONTROLLER_VERSION, AgentSpec, NodeSpec

TOKEN = "11" + "a" * 32
SCALE = 0.05


class Lab:
    """Starts nodes by name; everything is stopped at the end."""

    def __init__(
        self,
        home: Path,
        faults: frozenset[str] = frozenset(),
        scale: float = SCALE,
        version: str = CONTROLLER_VERSION,
    ) -> None:
        self.home, self.scale, self.release = home, scale, version
        self.faults = faults
        self.jenkins = JenkinsServer(
            home / "jenkins", time_scale=self.scale, faults=faults, jenkins_version=version
        )
        self.agents: dict[str, AgentProcess] = {}
        self.http = requests.Session()
        self.http.auth = ("admin", TOKEN)

    def __enter__(self) -> "Lab":
        self.jenkins.start()
        self.jenkins.add_user("admin", TOKEN, frozenset({"Overall/Administer"}))
        return self

    def __exit__(self, *_: object) -> None:
        for agent in self.agents.values():
            agent.kill()
        self.jenkins.stop()

    def add(
        self, name: str, agent: AgentSpec | None = None, *, wait: bool = True, **node: Any
    ) -> AgentProcess:
        """A node and its agent, connected."""
        spec = NodeSpec(name, agent=settled(agent or AgentSpec(), self.release), **node)
        self.jenkins.add_node(spec)
        self.agents[name] = self.start(spec)
        if wait:
            self.wait_online(name)
        return self.agents[name]

    def start(self, spec: NodeSpec, secret: str | None = None) -> AgentProcess:
        return AgentProcess.start(
            spec,
            self.home,
            self.jenkins.root_url,
            secret or self.jenkins.secret(spec.name),
            self.home / "bin",
            time_scale=self.scale,
            faults=self.faults,
            default_node="b",
        )

    def wait_online(self, name: str) -> None:
        until(lambda: self.jenkins.is_online(name), f"{name} online")

    def protocol(self, name: str) -> str | None:
        found = re.search(r"Communication Protocol: (.*)", self.jenkins.agent_log(name))
        return found[1] if found else None

    def version(self, name: str) -> str | None:
        found = re.search(r"Remoting version: (.*)", self.jenkins.agent_log(name))
        return found[1] if found else None

    def state(self, name: str) -> dict[str, Any]:
        tree = "offline,offlineCause[*],offlineCauseReason,temporarilyOffline,idle"
        answer = self.http.get(f"{self.jenkins.url}computer/{name}/api/json?tree={tree}")
        result: dict[str, Any] = answer.json()
        return result

    def post(self, path: str, **data: str) -> int:
        answer = self.http.post(self.jenkins.url + path, data=data, allow_redirects=False)
        return answer.status_code

    def disconnect(self, name: str, *, settled: bool = True) -> None:
        """``settled``: not before the restarter is in the agent, so that it starts over."""
        time.sleep(2 * RESTARTER_AFTER * self.scale if settled else 0)
        assert self.post(f"computer/{name}/doDisconnect") == 302

    def set_web_socket(self, name: str, on: bool) -> None:
        old, new = (b"false", b"true") if on else (b"true", b"false")
        url = f"{self.jenkins.url}computer/{name}/config.xml"
        body = self.http.get(url).content
        body = body.replace(b"<webSocket>" + old, b"<webSocket>" + new)
        answer = self.http.post(url, data=body, headers={"Content-Type": "application/xml"})
        assert answer.status_code == 200

    def channel(self, name: str) -> object:
        """The connection that the agent has now, to tell it from the next one; None: it has none.
        (Two connections over WebSocket write the same log.)"""
        return self.jenkins.state.computers[name].channel

    def reconnect(self, name: str) -> None:
        """doDisconnect, and wait for the next session: an agent may be back before anybody looks,
        and the log is that of the connection before until it is."""
        before = self.channel(name)
        self.disconnect(name)
        until(lambda: self.channel(name) not in (None, before), f"{name} connected again")
        self.wait_online(name)

    def script(self, script: str, arguments: dict[str, Any], node: str | None = None) -> Any:
        """The result of one of the tool's scripts; the console's text when it failed."""
        tag = base64.urlsafe_b64encode(json.dumps(arguments).encode()).decode().rstrip("=")
        where = f"computer/{node}/" if node else ""
        answer = self.http.post(
            f"{self.jenkins.url}{where}scriptText",
            data={"script": f"// migrate-script: {script} {tag}\nprintln 1"},
        )
        lines = answer.text.splitlines()
        if lines[:1] == ["<<<migrate"] and lines[2:] == ["migrate>>>"]:
            return json.loads(lines[1])
        return answer.text


def until(done: Callable[[], object], what: str, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"timed out: {what}"
        time.sleep(0.01)
