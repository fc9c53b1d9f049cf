"""One sandbox with one plan, in which points are tried one after the other.

A lane starts its sandbox once (half a second) and puts it back between points by its own
means, not by the tool's: configurations, jars, marks and objects as they were, agents started
anew. So a point that goes wrong does not spoil the next one.
"""

import contextlib
import hashlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forked import Server

from migrate.sandbox import installation
from migrate.sandbox.edge.config import FAULTS as EDGE_FAULTS
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.jenkins.nodeconfig import NodeConfig
from migrate.sandbox.jenkins.state import Computer
from migrate.sandbox.spec import NodeSpec, Scenario

HERE = Path(__file__).parent
LIMIT = 120.0
"""Seconds that one command may take."""
TIME_SCALE = 0.01
PLAN = "plans/c"
KILLED = -9
NEVER_APPLIED = 2
_COMPARED = ("ConfigMap", "Service", "Deployment", "DaemonSet", "Ingress")
_BOOKKEEPING = ("resourceVersion", "managedFields", "uid", "creationTimestamp", "generation")
_ONLINE_SECONDS = 30.0


class Victim(Server):
    """The process of ``victim.py``: runs one command at a time, in a fork of its own."""

    def __init__(self) -> None:
        super().__init__(HERE / "victim.py")


@dataclass(frozen=True)
class Scene:
    """A small installation and the plan for it."""

    name: str
    nodes: tuple[NodeSpec, ...]
    plan: tuple[str, ...] = ()
    """More options of ``migrate plan``."""
    faults: frozenset[str] = frozenset()
    """Those of the edge begin after the plan was made."""
    time_scale: float = TIME_SCALE


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it came by."""

    code: int
    points: tuple[str, ...]
    told: str


class Lane:
    """A sandbox, a victim and a plan."""

    def __init__(self, scene: Scene, home: Path, victim: Victim | None = None) -> None:
        self.scene = scene
        self.home = home
        home.mkdir(parents=True)
        self._sandbox_home = home / "sandbox"
        # Agents on WebSocket stay with the nginx worker that they came to, through each reload.
        installation._WORKER_SECONDS = 3600 / scene.time_scale
        scenario = Scenario(scene.name, scene.name, scene.nodes)
        self.sandbox = Sandbox(
            self._sandbox_home,
            scenario=scenario,
            faults=scene.faults - EDGE_FAULTS,
            time_scale=scene.time_scale,
        )
        self._own_victim = victim is None
        self.victim = victim or Victim()
        self.changed: Counter[str] = Counter()
        """Changes that the controller and the API server really made, since ``reset``."""
        self._first_revision = 0

    def __enter__(self) -> "Lane":
        try:
            self.sandbox.start()
            self._count_changes()
            made = self.run(
                "plan", "--name", "c", "--verify-timeout", "20", "--probe-hold", "1",
                *self.scene.plan,
            )  # fmt: skip
            assert made.code == 0, made.told
        except BaseException:
            self.stop()
            raise
        shutil.move(self.home / PLAN, self.home / "fresh")
        self._store = self.sandbox.kube.store
        with self._store.lock:
            self._objects = {k: self._store.read(k) for k in self._store._objects}
        self._configs = {n.name: self.sandbox.jenkins.config_xml(n.name) for n in self.scene.nodes}
        self._jars = {name: self._jar(name).read_bytes() for name in self.sandbox.agents}
        self._port = self.sandbox.jenkins.agent_port
        self._properties = dict(self.sandbox.jenkins.state.properties)
        self.before = self.state()
        self._new_plan()
        if self.scene.faults & EDGE_FAULTS:
            self.sandbox.edge.set_faults(self.scene.faults & EDGE_FAULTS)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._own_victim:
            self.victim.stop()
        self.sandbox.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    # -- commands -----------------------------------------------------------------------------

    def run(self, *command: str, kill_at: str = "") -> Ran:
        """Run ``migrate COMMAND``; dies at ``kill_at`` if it comes by there."""
        output, trace = self.home / "output", self.home / "trace"
        output.write_bytes(b"")
        trace.write_bytes(b"")
        own = {"COLUMNS": "120", "NO_COLOR": "1"}
        environment = {**os.environ, **self.sandbox.environment(), **own}
        if self.scene.time_scale == TIME_SCALE:
            environment["CRASH_SHORT_HOLD"] = "1"
        code = self.victim.run(
            {
                "words": command,
                "cwd": str(self.home),
                "environment": environment,
                "out": str(output),
                "err": str(output),
                "trace": str(trace),
                "kill_at": kill_at,
            },
            LIMIT,
        )
        return Ran(code, tuple(trace.read_text().splitlines()), output.read_text())

    def apply(self, *more: str, kill_at: str = "") -> Ran:
        """``migrate apply``, one node after the other."""
        return self.run(
            "apply", PLAN, "--yes", "--confirm", "localhost", "--soak", "0", "--poll", "0.05",
            "--concurrency", "1", *more, kill_at=kill_at,
        )  # fmt: skip

    def resume(self) -> Ran:
        """What a person does after a crash: go on, or begin when it had not begun."""
        ran = self.apply("--resume")
        return self.apply() if ran.code == NEVER_APPLIED and "never applied" in ran.told else ran

    def rollback(self, kill_at: str = "") -> Ran:
        """``migrate rollback``."""
        return self.run(
            "rollback", PLAN, "--yes", "--poll", "0.05", "--concurrency", "1", kill_at=kill_at
        )

    def began(self) -> bool:
        """Whether the last run has a whole record in its journal."""
        paths = sorted((self.home / PLAN / "runs").glob("*/journal.jsonl"))
        return bool(paths) and b"\n" in paths[-1].read_bytes()

    # -- what is there ------------------------------------------------------------------------

    def _jar(self, node: str) -> Path:
        return self.sandbox.agents[node].folder / "agent.jar"

    def state(self) -> dict[str, Any]:
        """All that must be as it was, or as without a kill."""
        jenkins = self.sandbox.jenkins
        nodes: dict[str, Any] = {}
        for name in sorted(jenkins.state.computers):
            computer = jenkins.state.computers[name]
            nodes[name] = {
                "config": jenkins.config_xml(name),
                "mark": computer.mark is not None,
                **self._agent(computer),
            }
        return {"nodes": nodes, "port": jenkins.agent_port, "objects": self._cluster()}

    def _agent(self, computer: Computer) -> dict[str, Any]:
        if computer.name not in self.sandbox.agents:
            return {}
        log = self.sandbox.jenkins.agent_log(computer.name).splitlines()

        def told(prefix: str) -> list[str]:
            return [line.removeprefix(prefix) for line in log if line.startswith(prefix)][-1:]

        folder = self.sandbox.agents[computer.name].folder
        return {
            "online": computer.channel is not None,
            "protocol": told("Communication Protocol: "),
            "version": told("Remoting version: "),
            "jar": hashlib.sha256(self._jar(computer.name).read_bytes()).hexdigest(),
            "half-written": sorted(p.name for p in folder.iterdir() if p.name.endswith(".part")),
        }

    def _cluster(self) -> dict[str, Any]:
        found = {}
        for key in list(self.sandbox.kube.store._objects):
            body = self.sandbox.kube.store.read(key)
            if body is None or body["kind"] not in _COMPARED:
                continue
            for name in _BOOKKEEPING:
                body["metadata"].pop(name, None)
            body.pop("status", None)
            found["/".join(key)] = body
        return found

    def builds(self) -> list[str]:
        """States of the builds of this point."""
        return [b.state for b in self.sandbox.jenkins.builds]

    def queue_builds(self) -> None:
        """A short build on every node; it waits where the node is held."""
        for name in self.sandbox.agents:
            self.sandbox.jenkins.start_build(name, 0.08)

    def settled(self) -> dict[str, Any]:
        """``state``, once builds that may run have run and released agents are seen."""
        end = time.monotonic() + 5
        while time.monotonic() < end and {"queued", "running"} & set(self.builds()):
            time.sleep(0.01)
        return self.state()

    # -- putting back -------------------------------------------------------------------------

    def _count_changes(self) -> None:
        home = self.sandbox.jenkins.state
        reconfigure = home.reconfigure

        def counted(computer: Computer, config: NodeConfig) -> None:
            self.changed[f"config {computer.name} {config.web_socket} {config.tunnel}"] += 1
            reconfigure(computer, config)

        home.reconfigure = counted  # type: ignore[method-assign]
        home.on_disconnect = lambda _: self.changed.update(["disconnect"])

    def writes(self) -> Counter[str]:
        """What was really changed since ``reset``: configurations, disconnects, objects."""
        found = Counter(self.changed)
        for event in list(self._store._history):
            kind = event.body["kind"]
            if event.revision > self._first_revision and kind in _COMPARED:
                found[f"{event.type} {kind} {event.key[3]}"] += 1
        return found

    def _new_plan(self) -> None:
        shutil.rmtree(self.home / PLAN, ignore_errors=True)
        shutil.copytree(self.home / "fresh", self.home / PLAN)

    def reset(self) -> None:
        """Everything as it was at the start, by the sandbox's own means."""
        self._new_plan()
        jenkins = self.sandbox.jenkins
        with self._store.lock:
            for key in list(self._store._objects):
                body = self._store.read(key)
                if key not in self._objects and body and body["kind"] in (*_COMPARED, "Lease"):
                    self._store.remove(key)
            for key, body in self._objects.items():
                assert body is not None
                now = self._store.read(key)
                if body["kind"] in _COMPARED and (now is None or _plain(now) != _plain(body)):
                    self._store.write(key, body)
        self.sandbox.edge.settle()
        if jenkins.agent_port != self._port:
            jenkins.set_agent_port(self._port)
        if self.state() != self.before:
            self._reset_nodes()
        assert self.state() == self.before
        # A run that was killed leaves its locks; with its plan's folder goes their key.
        jenkins.state.properties.clear()
        jenkins.state.properties.update(self._properties)
        jenkins.state.builds.clear()
        self.changed.clear()
        self._first_revision = self._store.revision

    def _reset_nodes(self) -> None:
        jenkins = self.sandbox.jenkins
        state = self.state()["nodes"]

        async def put_back(name: str) -> None:
            computer = jenkins.state.computers[name]
            computer.set_mark(None)
            computer.set_config(NodeConfig.parse(self._configs[name]))

        async def remove(name: str) -> None:
            jenkins.state.remove(name)

        for name in state:
            if name not in self.before["nodes"]:
                jenkins._wait(remove(name))
        changed = [n for n in self.before["nodes"] if state.get(n) != self.before["nodes"][n]]
        for name in changed:
            agent = self.sandbox.agents[name]
            agent.kill()
            for left in agent.folder.glob("agent.jar*"):
                left.unlink()
            self._jar(name).write_bytes(self._jars[name])
            jenkins._wait(put_back(name))
        for name in changed:
            _until(lambda name=name: not jenkins.is_online(name))
            self.sandbox.agents[name].run()
        for name in changed:
            _until(lambda name=name: jenkins.is_online(name))


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], "resourceVersion": "", "managedFields": []}}


def _until(done: Any) -> None:
    end = time.monotonic() + _ONLINE_SECONDS
    while not done():
        assert time.monotonic() < end, "the sandbox could not be put back"
        time.sleep(0.005)


@contextlib.contextmanager
def lanes(scene: Scene, home: Path, count: int) -> Iterator[list[Lane]]:
    """Several lanes of one scene, started side by side."""
    from concurrent.futures import ThreadPoolExecutor

    made = [Lane(scene, home / f"{scene.name}-{number}") for number in range(count)]
    try:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(Lane.__enter__, made))
        yield made
    finally:
        for lane in made:
            lane.stop()
