"""Files of nginx: a person edits them before the probe, and after the agents moved."""

import msgspec
from planner_data import choices, inventory, node

from migrate.model.plan_steps import Manual, ProbeWebSocket, read_step
from migrate.model.serialize import to_data
from migrate.model.sources import Located, ProxyEdit
from migrate.planner.plan import make_plan
from migrate.report.dispatch import render_plan

OPEN = ProxyEdit(
    "conf.d/ci.conf", False, ("location / sends no Upgrade",), "@@\n+proxy_http_version 1.1;\n"
)
CLOSE = ProxyEdit("stream.d/a.conf", True, ("server on 50000",), "@@\n-listen 50000;\n")
LOCATED = Located(proxy=(OPEN, CLOSE))


def test_it_comes_before_the_probe_and_the_probe_tells_that_it_is_done() -> None:
    plan = make_plan(inventory(node("a")), (), choices(), LOCATED)
    (step,), (probe,) = (wave.steps for wave in plan.stages[0].waves)
    assert isinstance(step, Manual)
    assert step.id == "preflight/nginx/conf.d/ci.conf"
    assert isinstance(step.would_be, ProbeWebSocket)
    assert isinstance(probe, ProbeWebSocket)
    assert step.would_be.url == probe.url
    assert "proxy_http_version 1.1;\nand on that machine:\n" in step.instructions
    for told in ("location / sends no Upgrade", "+proxy_http_version 1.1;", "nginx -t && nginx -s"):
        assert told in step.instructions


def test_the_port_goes_first_of_all_when_it_is_closed() -> None:
    plan = make_plan(inventory(node("a")), (), choices(), LOCATED)
    (close,) = (stage for stage in plan.stages if stage.name == "close")
    (step,) = close.waves[0].steps
    assert isinstance(step, Manual)
    assert step.would_be is None
    assert "migrate mark close/nginx/stream.d/a.conf done" in step.instructions
    assert "-listen 50000;" in render_plan(plan, (), "md")


def test_without_edits_there_is_no_step() -> None:
    plan = make_plan(inventory(node("a")), (), choices(), Located())
    assert not [step for step in plan.steps() if "nginx" in step.id]


def test_a_plan_reads_back_as_it_was() -> None:
    plan = make_plan(inventory(node("a")), (), choices(), LOCATED)
    for step in plan.steps():
        assert read_step(msgspec.to_builtins(to_data(step))) == step
