"""What the script on the agent's host reports, judged by the same tables."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.inventory import Verdict
from migrate.probe.judge import judge_host_probe
from migrate.probe.summary import summarise

P, F, I = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE  # noqa: E741
GOOD: dict[str, Any] = {
    "login": {"status": 200, "error": None},
    "cli_ws": {"status": 101, "error": None},
    "wsagents": {"status": 400, "body": "<title>Error 400 no such agent</title>", "error": None},
}


def told(**parts: Any) -> dict[str, Any]:
    return {**GOOD, **parts}


@pytest.mark.parametrize(
    ("result", "verdict", "code"),
    [
        (GOOD, P, "ok"),
        (told(login={"status": 401, "error": None}), F, "auth-in-front"),
        (told(login={"status": 302, "error": None}), F, "redirect"),
        (told(login={"status": 404, "error": None}), F, "wrong-path"),
        (told(login={"status": 503, "error": None}), F, "backend-down"),
        (told(cli_ws={"status": 400, "error": None}), I, "upgrade-stripped"),
        (told(cli_ws={"status": 404, "error": None}), I, "wrong-path"),
        (told(cli_ws={"status": 403, "error": None}), I, "auth-in-front"),
        (
            told(
                wsagents={
                    "status": 400,
                    "body": "This endpoint is only for use from agent.jar in WebSocket mode",
                    "error": None,
                }
            ),
            F,
            "headers-dropped",
        ),
        (told(wsagents={"status": 403, "body": "blocked", "error": None}), F, "auth-in-front"),
        (told(wsagents=None), I, "not-done"),
        (
            told(
                login={
                    "status": None,
                    "error": "javax.net.ssl.SSLHandshakeException: PKIX path building failed",
                }
            ),
            F,
            "tls",
        ),
        (
            told(login={"status": None, "error": "java.net.UnknownHostException: ci"}),
            F,
            "unreachable",
        ),
        (
            told(login={"status": None, "error": "java.net.ConnectException: Connection refused"}),
            F,
            "unreachable",
        ),
        (
            told(
                cli_ws={"status": None, "error": "java.net.SocketTimeoutException: Read timed out"}
            ),
            F,
            "unreachable",
        ),
        ({}, I, "not-done"),
    ],
)
def test_result(result: dict[str, Any], verdict: Verdict, code: str) -> None:
    answers = judge_host_probe(result, "https://ci.example.org/")
    assert [answer.id for answer in answers] == ["login", "wsagents-made-up", "cli-ws"]
    said = summarise(answers)
    assert (said.verdict, said.code) == (verdict, code)
    assert all("agent's host" in answer.request for answer in answers)


def test_java_trust_is_the_agents_own() -> None:
    error = "sun.security.validator.ValidatorException: PKIX path building failed"
    answer = judge_host_probe(told(login={"status": None, "error": error}), "https://ci/")[0]
    assert "agent's Java" in answer.cause and "trustStore" in answer.fix


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["status", "body", "error"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["login", "cli_ws", "wsagents", "x"]), json, max_size=4))
def test_any_result_is_judged(result: dict[str, Any]) -> None:
    answers = judge_host_probe(result)
    assert len(answers) == 3
    assert all(a.answer.isprintable() and a.cause.isprintable() for a in answers)
    if all(a.verdict is P for a in answers):
        assert result["cli_ws"]["status"] == 101
