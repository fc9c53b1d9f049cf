"""The serializer: what goes out comes back, and nothing wrong gets in."""

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from migrate.model import serialize
from migrate.model.cluster_facts import (
    Cluster,
    EdgeController,
    Exposure,
    IngressRoute,
    Owner,
    TcpEntry,
    TcpServices,
)
from migrate.model.finding import Finding
from migrate.model.inventory import (
    AgentPort,
    Controller,
    Inventory,
    Launch,
    Node,
    OfflineMark,
    ProbeAnswer,
    Skip,
    WorkDir,
)
from migrate.model.journal.cluster import RemovedPiece
from migrate.model.journal.run import RUN_ENTRIES, PlannedStep, RunStarted
from migrate.model.plan import Choices, Plan, Stage, Wave, content_id
from migrate.model.plan_steps import PlanStep
from migrate.model.records import ACTED, Record, from_line, to_line
from migrate.model.run import Phase, Run, RunStep
from migrate.model.steps.cluster import AnnotationEdit
from migrate.model.ways import Place

small = st.integers(-(2**31), 2**31)
for _type in (
    Place,
    AgentPort,
    Controller,
    WorkDir,
    OfflineMark,
    Launch,
    Node,
    Owner,
    Skip,
    TcpEntry,
    TcpServices,
    EdgeController,
    IngressRoute,
    Exposure,
    Cluster,
    ProbeAnswer,
    Inventory,
    Finding,
    Choices,
    Phase,
    RunStep,
    Run,
):
    st.register_type_strategy(_type, st.builds(_type))
values = st.recursive(
    st.none() | st.booleans() | small | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
steps = st.one_of(*(st.builds(kind) for kind in get_args(PlanStep)))
plans = st.builds(
    Plan,
    stages=st.lists(
        st.builds(
            Stage,
            waves=st.lists(
                st.builds(Wave, steps=st.lists(steps, max_size=2).map(tuple)), max_size=2
            ).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
ports = st.dictionaries(st.text(), values, max_size=4)
st.register_type_strategy(UnsetType, st.just(UNSET))
afters = st.none() | st.from_regex(r"\A[a-z0-9.,-]{1,9}\Z")
st.register_type_strategy(AnnotationEdit, st.builds(AnnotationEdit, after=afters))
st.register_type_strategy(
    RemovedPiece, st.builds(RemovedPiece, value=st.text() | ports, index=st.none() | small)
)
planned = st.builds(PlannedStep, step=steps)
entries = st.one_of(
    st.builds(RunStarted, steps=st.lists(planned, max_size=2).map(tuple)),
    *(st.builds(of) for of in (*RUN_ENTRIES, *ACTED) if of is not RunStarted),
)
records = st.builds(Record, seq=small, entry=entries)


@pytest.mark.parametrize("type_", [Inventory, Choices, Finding, Run])
def test_round_trip(type_: type) -> None:
    @given(st.from_type(type_))
    def there_and_back(value: object) -> None:
        assert serialize.from_json(serialize.to_json(value), type_) == value
        assert serialize.from_data(json.loads(serialize.to_line(value)), type_) == value

    there_and_back()


@given(plans)
def test_plans_round_trip_with_any_params(plan: Plan) -> None:
    assert serialize.from_json(serialize.to_json(plan), Plan) == plan


@given(records)
def test_records_are_one_line_each(record: Record) -> None:
    line = json.dumps(to_line(record))
    assert "\n" not in line
    assert from_line(json.loads(line)) == record


@given(plans)
def test_a_plans_id_is_of_its_content_alone(plan: Plan) -> None:
    stamped = replace(plan, plan_id=content_id(plan))
    assert content_id(stamped) == content_id(plan)
    assert content_id(replace(plan, tool_version=plan.tool_version + "x")) != content_id(plan)


def test_digest_does_not_depend_on_key_order() -> None:
    assert serialize.digest({"a": 1, "b": 2}) == serialize.digest({"b": 2, "a": 1})
    assert serialize.digest({"a": 1}) != serialize.digest({"a": "1"})


@pytest.mark.parametrize(
    "text",
    ["[]", '{"seq": "1"}', '{"seq": 1, "at": "x"}', '{"seq": 1.5, "at": "", "kind": "note"}'],
)
def test_wrong_data_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_line(json.loads(text))
