"""Nodes that JCasC or init.groovy.d sets: moved live, and their source handed over."""

from typing import Any

from planner_data import inventory, node
from test_planner_sources import edit
from typed import a

from migrate.model.cluster_facts import Owner
from migrate.model.inventory import Node, Transport
from migrate.model.plan import Choices, Plan
from migrate.model.plan_steps import Manual
from migrate.model.sources import NOTHING_LOCATED, Located
from migrate.planner.plan import make_plan, runbooks
from migrate.planner.sources import sources_wanted
from migrate.rules.registry import judge

JCASC = Owner("jcasc", "configuration-as-code", "/casc/jenkins.yaml sets it under jenkins: nodes:")
HOOK = Owner("init.groovy.d", "n.groovy", "/home/init.groovy.d/n.groovy runs at each start")


def owned(name: str, says: Transport = Transport.TCP, **changes: Any) -> Node:
    return node(name, **({"owner": JCASC, "owner_says": says} | changes))


def plan(*nodes: Node, located: Located = NOTHING_LOCATED, **choices: Any) -> Plan:
    return make_plan(inventory(*nodes), (), Choices("t", **choices), located)


def test_a_node_is_moved_and_its_source_handed_over_with_the_exact_yaml() -> None:
    made = plan(owned("b 1"), node("free"))
    assert made.step("node/b 1").kind == "move-node"
    step = a(Manual, made.step("owners/jcasc"))
    assert step.owned_nodes == ("b 1",) and step.read_back
    text = step.instructions
    assert 'name: "b 1"' in text and "webSocket: true   # and without tunnel" in text
    assert "--source DIR" in text and JCASC.evidence in step.reason


def test_an_edited_source_is_named_and_only_the_rest_is_written_out() -> None:
    from dataclasses import replace

    made_edit = replace(edit("a/casc.yaml"), nodes=("b1",), port=False)
    made = plan(owned("b1"), owned("b2"), located=Located((made_edit,)))
    assert "node b1: webSocket true" in made.step("edit/a/casc.yaml").title
    text = a(Manual, made.step("owners/jcasc")).instructions
    assert "a/casc.yaml" in text and "name: b2" in text and "name: b1" not in text


def test_who_says_websocket_already_or_is_left_on_tcp_is_no_matter() -> None:
    seen = (
        owned("done", Transport.WEBSOCKET),
        owned("out", Transport.TCP),
        owned("var", Transport.UNKNOWN),
    )
    made = plan(*seen, exclude=("out",))
    step = a(Manual, made.step("owners/jcasc"))
    assert step.owned_nodes == ("var",) and not step.read_back
    wanted = sources_wanted(inventory(*seen), (), Choices("t", exclude=("out",)))
    assert wanted.nodes == ("var",) and wanted.known_nodes == ("done", "out", "var")


def test_one_that_is_on_websocket_but_set_back_at_each_load_counts() -> None:
    there = owned("w", transport=Transport.WEBSOCKET, web_socket=True)
    assert a(Manual, plan(there).step("owners/jcasc")).owned_nodes == ("w",)


def test_a_hook_is_named_and_left_to_a_person() -> None:
    made = plan(owned("h", Transport.UNKNOWN, owner=HOOK))
    step = a(Manual, made.step("owners/init.groovy.d"))
    text = step.instructions
    assert HOOK.evidence in text and "JNLPLauncher(true)" in text and not step.read_back


def test_hostile_names_stay_text() -> None:
    step = a(Manual, plan(owned("x\x1b[31m\nname: y")).step("owners/jcasc"))
    assert "\x1b" not in step.instructions


def test_one_that_must_stay_on_tcp_is_not_set_to_websocket_in_its_source() -> None:
    seen = inventory(owned("漢字"))
    findings = judge(seen, Choices("t"))
    assert sources_wanted(seen, findings, Choices("t")).nodes == ()
    assert all(
        not getattr(s, "owned_nodes", ()) for s in make_plan(seen, findings, Choices("t")).steps()
    )


def test_what_is_done_for_several_nodes_is_not_taken_for_a_node_called_none() -> None:
    found = inventory(owned("w"), node("None"))
    made = make_plan(found, (), Choices("t"), NOTHING_LOCATED)
    assert made.step("owners/jcasc").kind == "manual"
    assert all("None" not in name for name in runbooks(made, found))
