"""What is to be done: stages, waves and steps. Pure data; the engine runs it."""

import re
import shlex
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from migrate.model import serialize
from migrate.model.inventory import Inventory, Skip
from migrate.model.names import StageName
from migrate.model.next_command import Given, plan_folder
from migrate.model.plan_steps import PlanStep
from migrate.model.text import visible

_NODE = re.compile(r"'NODE=([a-z-]+)'")


@dataclass(frozen=True)
class Choices:
    """What the person chose when planning; part of the plan and of its id."""

    name: str
    include: tuple[str, ...] = ("*",)
    """Node name patterns (fnmatch)."""
    exclude: tuple[str, ...] = ()
    canary: int = 1
    """Nodes in the first wave."""
    wave_sizes: tuple[str, ...] = ("10%", "25%", "100%")
    """Of the waves after the canary: a number or a percentage of all nodes to move; the last
    one repeats until every node has its place."""
    drivers: tuple[tuple[str, str], ...] = ()
    """(node pattern, driver name) overrides, first match wins."""
    launches: tuple[tuple[str, str], ...] = ()
    """(node pattern, launch kind): what a person asserts where nobody could read it."""
    upgrade: bool = True
    """Upgrade agent.jar where it is older than the controller's and a driver can."""
    secrets_to_files: bool = False
    """Where a driver edits a launch that holds the agent's secret in clear: the secret goes into a
    file (mode 0600, the agent's user's), which the launch names as ``@FILE``."""
    close: bool = True
    """Include the close stage."""
    allow_live_edit: bool = False
    accept_http: bool = False
    """Go on although agents would speak plain http:// (no encryption) from now on."""
    probe_hold: int = 35
    """Seconds that the probe holds a socket."""
    drain_timeout: int = 3600
    """Seconds to wait for a busy node."""
    verify_timeout: int = 180
    """Seconds to wait for a node to come back."""
    agent_addresses: tuple[str, ...] = ()
    """Where a person says that agents reach the TCP port (``HOST:PORT``), beside what is found."""
    restart_controller: bool = False
    """Take also those ports out of the controller's own workload that restart Jenkins."""
    given: Given = ()
    """Connection options of the command line that made the plan, and its ``--plans``: its next
    commands repeat them."""

    @property
    def folder(self) -> str:
        """The plan's folder, as whoever made it would type it."""
        return plan_folder(self.given, self.name)


PLAN_SCHEMA = 2
"""``schema_version`` of plan.json. 1 was plan.yaml."""

NODE_STEPS = ("move-node", "move-workload")
"""Step kinds that move nodes."""
CANARY = "canary"
"""Name of the wave that goes first, where the plan has one."""
PROVEN_STEPS = (*NODE_STEPS, "switch-cloud", "edit-file")
"""Step kinds that need the proof of the preflight stage, in the stage ``nodes``."""


@dataclass(frozen=True)
class Wave:
    """Steps that run side by side."""

    name: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True)
class Stage:
    """Stages run in order: ``preflight``, ``nodes``, ``close``, ``verify``."""

    name: StageName
    title: str
    waves: tuple[Wave, ...]


@dataclass(frozen=True)
class PlannedFrom:
    """The installation that the plan is for."""

    controller_url: str
    controller_version: str
    jar_version: str | None
    jar_sha256: str | None
    cluster_context: str | None
    inventory_sha256: str
    """Digest of the inventory without ``scanned_at``."""
    lock_namespace: str = ""
    """Where the Lease of a run lies: it follows from the controller alone, so that all plans for
    one controller meet there. Empty: no cluster is in play."""

    @property
    def host(self) -> str:
        """The controller's host name: what ``--confirm`` must repeat."""
        return urlsplit(self.controller_url).hostname or self.controller_url


@dataclass(frozen=True)
class Refused:
    """Why a driver that was asked before the one that was taken does not move these nodes."""

    driver: str
    reason: str
    possible: str = ""
    """What would make it possible, for any of the nodes (``for_node``); empty: nothing is known."""
    nodes: tuple[str, ...] = ()


def for_node(possible: str, node: str) -> str:
    """What would make it possible for this node: its name in place of ``'NODE=...'``, as an
    argument that a shell takes whatever the name is."""
    return _NODE.sub(lambda found: shlex.quote(f"{visible(node)}={found[1]}"), possible)


@dataclass(frozen=True)
class Plan:
    """A plan; ``plan_id`` is the SHA-256 of its canonical content without itself."""

    schema_version: int
    plan_id: str
    tool_version: str
    target: PlannedFrom
    choices: Choices
    stages: tuple[Stage, ...]
    skips: tuple[Skip, ...] = ()
    """Nodes and objects left out, and why."""
    refused: tuple[Refused, ...] = ()
    """Why nodes are not moved by another driver; said once for all that it holds for."""

    def steps(self) -> tuple[PlanStep, ...]:
        """All steps in order."""
        return tuple(s for stage in self.stages for wave in stage.waves for s in wave.steps)

    def step(self, step_id: str) -> PlanStep:
        """The step with this id; ``KeyError`` if there is none."""
        for step in self.steps():
            if step.id == step_id:
                return step
        raise KeyError(step_id)


def content_id(plan: Plan) -> str:
    """SHA-256 of the plan's canonical content, ``plan_id`` left out: what ``plan_id`` must be."""
    data = serialize.to_data(plan)
    del data["plan_id"]
    return serialize.digest(data)


def inventory_digest(inventory: Inventory) -> str:
    """What a plan keeps of the inventory it was made from (``inventory_sha256``), as hex."""
    return serialize.digest(replace(inventory, scanned_at=""))
