"""All answers together: who may claim that WebSocket works."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.summary import summarise

P, F, I = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE  # noqa: E741


def answer(id: str, verdict: Verdict = P, code: str = "ok", layer: str = "proxy") -> ProbeAnswer:
    return ProbeAnswer(id, "GET", "x", verdict, layer, f"cause of {id}", f"fix of {id}", code)


TIER1 = tuple(
    answer(id) for id in ("login", "wsagents-bare", "wsagents-made-up", "cli-ws", "tcp-listener")
)
NODE = (answer("probe-node"), answer("hold"))


def test_nothing_probed_is_inconclusive() -> None:
    assert summarise(()).verdict is I


def test_tier_one_alone_passes_without_claiming_proof() -> None:
    said = summarise(TIER1)
    assert (said.verdict, said.code, said.proven) == (P, "ok", False)


def test_handshake_and_hold_prove_it_whatever_cli_says() -> None:
    stripped = replace(TIER1[3], verdict=I, code="upgrade-stripped")
    said = summarise((*TIER1[:3], stripped, *NODE))
    assert (said.verdict, said.proven) == (P, True)


def test_login_counts_even_with_a_working_handshake() -> None:
    said = summarise((answer("login", F, "auth-in-front"), *NODE))
    assert (said.verdict, said.code) == (F, "auth-in-front")


def test_short_hold_fails_the_whole() -> None:
    said = summarise((*TIER1, NODE[0], answer("hold", F, "idle-timeout")))
    assert (said.verdict, said.code, said.fix) == (F, "idle-timeout", "fix of hold")


def test_node_that_could_not_be_made_is_not_proof() -> None:
    said = summarise((*TIER1, answer("probe-node", I, "not-done")))
    assert (said.verdict, said.code, said.proven) == (I, "not-done", False)


def test_handshake_without_a_hold_is_not_proof() -> None:
    assert summarise((*TIER1, NODE[0])).verdict is I


def test_tcp_port_has_no_say() -> None:
    assert summarise((*TIER1[:4], answer("tcp-port", F, "port-closed"))).verdict is P


def test_unreachable_is_told_as_what_it_is() -> None:
    said = summarise((answer("login", F, "unreachable", "network"),))
    assert said.sentence.startswith("the agents' address cannot be asked from here")


answers = st.lists(
    st.builds(
        answer,
        st.sampled_from([a.id for a in TIER1 + NODE]),
        st.sampled_from(Verdict),
        st.sampled_from(["ok", "upgrade-stripped", "not-done", "unexpected"]),
    ),
    unique_by=lambda one: one.id,
)


@given(answers)
def test_never_passes_over_a_failure_and_never_proves_without_a_handshake(
    given_answers: list[ProbeAnswer],
) -> None:
    said = summarise(given_answers)
    verdicts = {one.id: one.verdict for one in given_answers}
    if said.verdict is P:
        assert verdicts.get("login", P) is not F
        assert F not in {verdicts.get("probe-node"), verdicts.get("hold")}
    assert said.proven <= (verdicts.get("probe-node") is P and verdicts.get("hold") is P)
    assert said.proven <= (said.verdict is P)
    assert "\n" not in said.sentence
