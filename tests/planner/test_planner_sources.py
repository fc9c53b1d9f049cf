"""What JCasC owns: looked for in the sources, edited there, and settled by the controller alone."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import controller
from planner_data import inventory as planned
from typed import a

from migrate.model.cluster_facts import Owner
from migrate.model.inventory import AgentPort, Cloud, CloudTemplate, Inventory, Skip
from migrate.model.plan import Choices, Plan
from migrate.model.plan_steps import EditFile, Manual
from migrate.model.sources import Located, SourceEdit, SourcesWanted
from migrate.planner.plan import make_plan
from migrate.planner.sources import sources_wanted
from migrate.report.dispatch import render_plan

JCASC = Owner("jcasc", "configuration-as-code", "its sources set it")
KIND = "org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud"
ESCAPE = "\x1b[31m"


def cloud(name: str = "k", **changes: Any) -> Cloud:
    made = Cloud(name, KIND, web_socket=False, tunnel="edge:1", owner=JCASC)
    return replace(made, **changes)


def inventory(*clouds: Cloud, **changes: Any) -> Inventory:
    return planned(controller=controller(port_owner=JCASC, **changes), clouds=clouds)


def edit(path: str = "a/casc.yaml", *clouds: str) -> SourceEdit:
    return SourceEdit(
        "/src",
        path,
        clouds,
        (),
        not clouds,
        ("data: x.yaml",),
        "a" * 64,
        "c" * 64,
        "b" * 64,
        "-x\n+y\n",
    )


def ids(plan: Plan, stage: str) -> list[tuple[str, str, str]]:
    return [
        (wave.name, step.kind, step.id)
        for found in plan.stages
        if found.name == stage
        for wave in found.waves
        for step in wave.steps
    ]


@pytest.mark.parametrize(
    ("changed", "choices", "wanted"),
    [
        ({}, {}, ("k",)),
        ({"owner": None}, {}, ()),
        ({"owner": Owner("helm", "h", "e")}, {}, ()),
        ({"web_socket": True, "tunnel": None}, {}, ()),
        ({"web_socket": None}, {}, ()),
        ({"templates": (CloudTemplate("t", args="-tunnel x"),)}, {}, ()),
        ({}, {"allow_live_edit": True}, ()),
    ],
)
def test_what_is_looked_for(
    changed: dict[str, Any], choices: dict[str, Any], wanted: tuple[str, ...]
) -> None:
    found = sources_wanted(inventory(cloud(**changed)), (), Choices("t", **choices))
    assert found == SourcesWanted(wanted, port=not choices)


@pytest.mark.parametrize(
    ("changes", "choices"),
    [
        ({"agent_port": AgentPort(-1, None)}, {}),
        ({"agent_port": AgentPort(50000, 50000, enforced=True)}, {}),
        ({}, {"close": False}),
    ],
)
def test_when_the_port_is_not_looked_for(changes: dict[str, Any], choices: dict[str, Any]) -> None:
    assert not sources_wanted(inventory(**changes), (), Choices("t", **choices)).port


def test_the_edit_comes_first_and_only_the_controller_settles_it() -> None:
    seen = inventory(cloud("k"), cloud("other"), cloud("live", owner=None))
    left = Skip("cloud other", "edit-file", "no file of the sources sets it", "a change by hand")
    located = Located((edit("a/casc.yaml", "k"), edit()), (left,))
    plan = make_plan(seen, (), Choices("t"), located)
    assert ids(plan, "nodes") == [
        ("clouds", "switch-cloud", "cloud/live"),
        ("files", "edit-file", "edit/a/casc.yaml"),
        ("by-hand", "manual", "cloud/k"),
        ("by-hand", "manual", "cloud/other"),
    ]
    assert ids(plan, "close") == [
        ("files", "edit-file", "close/edit/a/casc.yaml"),
        ("controller-port", "manual", "close/controller-port"),
    ]
    assert left in plan.skips
    for name, twin in (("cloud/k", "switch-cloud"), ("close/controller-port", None)):
        deploy = a(Manual, plan.step(name))
        assert deploy.read_back and "a/casc.yaml" in deploy.instructions
        assert deploy.would_be is not None
        assert deploy.would_be.kind == (twin or "close-controller-port")
        assert "migrate mark" not in deploy.instructions
    other = a(Manual, plan.step("cloud/other"))
    assert not other.read_back
    assert "--source DIR" in other.instructions
    file = a(EditFile, plan.step("edit/a/casc.yaml"))
    assert file.fingerprint["sha256"] == "a" * 64
    told = f"{file.title} {file.reason}"
    assert not any(word in told for word in ("moved", "switched", "connects", "closed"))
    assert plan == make_plan(seen, (), Choices("t"), located)


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_reports_show_the_file_the_place_and_the_change(form: str) -> None:
    hostile = edit(f"a/{ESCAPE}<b>.yaml", f"k{ESCAPE}")
    located = Located((hostile, edit()))
    plan = make_plan(inventory(cloud(f"k{ESCAPE}")), (), Choices("t"), located)
    text = render_plan(plan, (), form)
    assert "\x1b" not in text
    assert "casc.yaml" in text and "data: x.yaml" in text.replace("\\", "")
    assert "edits sources in 2 steps, which a person deploys" in text or form == "json"
