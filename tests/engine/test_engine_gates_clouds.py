"""The gate reads each cloud again: what a step saw may have been set back since."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from migrate.engine.clock import RealClock, StopSignal
from migrate.engine.run.gate import cloud_reasons
from migrate.jenkins.errors import Forbidden
from migrate.model.plan import Choices, Plan
from migrate.model.plan_steps import read_step
from migrate.model.ports import ControllerPort, ProbePort
from migrate.steps.base import Context, RunSettings

KIND = "org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud"


@dataclass
class Clouds:
    """A controller that answers ``list-clouds`` alone."""

    web_socket: bool = False
    forbidden: bool = False

    def run_script(self, script: str, arguments: dict[str, Any]) -> Any:
        if self.forbidden:
            raise Forbidden("the script console", permission="Overall/Administer")
        told = {"web_socket": self.web_socket, "tunnel": None, "direct": False, "jenkins_url": None}
        return {"clouds": [{"name": "k", "class": KIND, **told}]}


def reasons(controller: Clouds, kind: str, **params: Any) -> list[str]:
    named = {"id": "cloud/k", "subject": "cloud k", "title": "t"}
    step = read_step({"kind": kind, **named, **params})
    plan = cast(
        Plan,
        type(
            "Steps",
            (),
            {
                "steps": lambda _: (
                    read_step({"kind": "manual", "id": "w", "subject": "w", "title": "w"}),
                    step,
                    read_step({"kind": "manual", "id": "x", "subject": "x", "title": "x"}),
                )
            },
        )(),
    )
    ctx = Context(
        jenkins=cast(ControllerPort, controller),
        cluster=None,
        prober=cast(ProbePort, None),
        inventory=None,
        choices=Choices(name="t"),
        settings=RunSettings(),
        clock=RealClock(StopSignal()),
        emit=lambda event: None,
    )
    return [f"{r.subject} {r.text}" for r in cloud_reasons(ctx, plan)]


SWITCH = {"cloud": "k", "before": {"web_socket": False, "tunnel": None, "direct": False}}
TWIN = {"kind": "switch-cloud", "id": "cloud/k", "subject": "cloud k", "title": "t", **SWITCH}
DEPLOY = {"would_be": TWIN, "read_back": True}


@pytest.mark.parametrize(
    ("kind", "params", "controller", "open_for"),
    [
        ("switch-cloud", SWITCH, Clouds(web_socket=True), ""),
        ("switch-cloud", SWITCH, Clouds(), "cloud k is not read back on WebSocket"),
        ("manual", DEPLOY, Clouds(web_socket=True), ""),
        ("manual", DEPLOY, Clouds(), "cloud k is not read back on WebSocket"),
        ("manual", DEPLOY, Clouds(forbidden=True), "cloud k is not read back on WebSocket"),
        # Nobody can see this one from here: a person's word stands.
        ("manual", {}, Clouds(), ""),
    ],
)
def test_which_clouds_keep_the_port_open(
    kind: str, params: dict[str, Any], controller: Clouds, open_for: str
) -> None:
    found = reasons(controller, kind, **params)
    assert len(found) == bool(open_for) and all(open_for in text for text in found)
