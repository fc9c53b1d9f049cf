"""What the host's curl says, judged by the same tables."""

import pytest

from migrate.model.inventory import Verdict
from migrate.probe.host_curl import curl_result
from migrate.probe.judge import judge_host_probe


@pytest.mark.parametrize(
    ("cli", "verdict", "code"),
    [
        ("101 28", Verdict.PASS, "ok"),
        ("400 0", Verdict.INCONCLUSIVE, "upgrade-stripped"),
        (
            "403 0 000 Unexpected request origin (check your reverse proxy settings)",
            Verdict.INCONCLUSIVE,
            "origin-rejected",
        ),
        (
            "403 0 000 Jenkins URL is not configured (set Jenkins URL in the configuration)",
            Verdict.INCONCLUSIVE,
            "root-url-missing",
        ),
        ("403 0", Verdict.INCONCLUSIVE, "auth-in-front"),
        ("000 7", Verdict.FAIL, "unreachable"),
        ("000 6", Verdict.FAIL, "unreachable"),
        # The agent's Java has a trust store of its own.
        ("000 60", Verdict.INCONCLUSIVE, "tls"),
        ("000 77", Verdict.INCONCLUSIVE, "tls"),
        ("000 56 403", Verdict.FAIL, "forward-proxy"),
        ("101 28 200", Verdict.PASS, "ok"),
        ("nonsense", Verdict.FAIL, "not-jenkins"),
    ],
)
def test_curl(cli: str, verdict: Verdict, code: str) -> None:
    result = curl_result(f"login 200 0\ncli_ws {cli}\n")
    answers = judge_host_probe(result, "https://ci.example.org/", curl=True)
    answer = next(a for a in answers if a.id == "cli-ws")
    assert (answer.verdict, answer.code) == (verdict, code)
    assert answer.request.endswith("by its curl")
