"""What the script on an agent's host may answer of ports, and what is made of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.probe.host_ports import arguments, judge_host_ports

PLACES = [("a.example", 50000), ("2001:db8::1", 50001)]


def one(**more: Any) -> dict[str, Any]:
    plain = {"address": "192.0.2.1", "accepted": False, "silent": False, "said": "", "error": None}
    return {**plain, **more}


def test_what_it_is_asked() -> None:
    asked = arguments(PLACES, 5.0)
    places = asked["places"]
    assert isinstance(places, list)
    assert places[1] == {"host": "2001:db8::1", "port": 50001}
    assert asked["timeout"] == 5.0


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([one(accepted=True, said="HTTP/1.0 200\r\nJenkins-Agent-Protocols: Ping\r\n")], "ok"),
        ([one(accepted=True, said="SSH-2.0-x")], "not-jenkins"),
        ([one(accepted=True)], "port-hangs-up"),
        ([one(accepted=True, error="SocketException: Connection reset")], "port-hangs-up"),
        ([one(accepted=True, silent=True)], "not-jenkins"),
        ([one(error="ConnectException: Connection refused (Connection refused)")], "port-closed"),
        ([one(error="SocketTimeoutException: Connect timed out")], "port-closed"),
        ([one(error="NoRouteToHostException: No route to host")], "unreachable"),
        ([one(error="UnknownHostException: a.example")], "unreachable"),
        # Whatever the words are: nothing was accepted.
        ([one(error="SocketException: Connection reset")], "unreachable"),
        ([one(error="SomeException: nobody knows it")], "unreachable"),
        ([one()], "unreachable"),
        ([], "unreachable"),
        # One address that answers is open, one that is not heard is not closed.
        ([one(error="ConnectException: Connection refused"), one(accepted=True)], "port-hangs-up"),
    ],
)
def test_what_its_answers_mean(answers: list[dict[str, Any]], code: str) -> None:
    first, second = judge_host_ports(PLACES, [answers, [one(accepted=True, said="x")]])
    assert (first.code, second.code) == (code, "not-jenkins")
    assert "[2001:db8::1]:50001" in second.request


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(one())) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_a_host_says_each_place_has_an_answer(result: Any) -> None:
    answers = judge_host_ports(PLACES, result)
    assert len(answers) == len(PLACES)
    assert all("\x1b" not in a.answer + a.cause for a in answers)
