"""The tables: status, headers and body to verdict, layer and code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.asked import Asked
from migrate.probe.judge import (
    judge_cli,
    judge_hold,
    judge_listener,
    judge_login,
    judge_probe_node,
    judge_wsagents_bare,
    judge_wsagents_made_up,
)
from migrate.probe.layers import layer_of
from migrate.probe.reply import Failure, Held, NoReply, Reply

P, F, I = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE  # noqa: E741
JETTY = "<table><tr><th>SERVLET:</th><td>Stapler</td></tr></table>Powered by Jetty:// 10.0.18"
X = {"x-jenkins": "2.426.2"}
JUDGES = {
    "login": (judge_login, "login"),
    "bare": (judge_wsagents_bare, "wsagents/"),
    "made-up": (judge_wsagents_made_up, "wsagents/"),
    "cli": (judge_cli, "cli/ws"),
    "listener": (judge_listener, "tcpSlaveAgentListener/"),
    "node": (judge_probe_node, "wsagents/"),
}


def judged(
    which: str, came: Reply | NoReply, url: str = "http://ci.example.org/", version: str = ""
) -> ProbeAnswer:
    judge, path = JUDGES[which]
    return judge(Asked(which, f"GET /{path}", url, path, version or None), came)


def to(location: str, **more: str) -> Reply:
    return Reply(302, "Found", {"location": location, **more})


@pytest.mark.parametrize(
    ("which", "came", "verdict", "code", "layer"),
    [
        ("login", Reply(200, "OK", X), P, "ok", "jenkins"),
        ("login", Reply(200, "OK", {}, "<title>Sign in [Jenkins]</title>"), P, "ok", "jenkins"),
        ("login", Reply(200, "OK", {}, "<h1>Corporate portal</h1>"), F, "not-jenkins", "proxy"),
        ("login", Reply(401, "Unauthorized", X), F, "auth-in-front", "jenkins"),
        ("login", Reply(403, "Forbidden", {}, "Request blocked"), F, "auth-in-front", "auth"),
        ("login", Reply(403, "Forbidden"), F, "auth-in-front", "auth"),
        ("login", Reply(407, "Proxy Authentication Required"), F, "auth-in-front", "auth"),
        ("login", Reply(404, "Not Found", X, JETTY), F, "wrong-path", "jenkins"),
        ("login", Reply(404, "Not Found"), F, "wrong-path", "proxy"),
        ("login", Reply(503, "Service Unavailable", X), F, "backend-down", "jenkins"),
        ("login", Reply(503, "Service Unavailable"), F, "backend-down", "proxy"),
        ("login", Reply(504, "Gateway Timeout"), F, "backend-down", "proxy"),
        ("login", Reply(429, "Too Many Requests"), F, "unexpected", "proxy"),
        ("login", Reply(500, "Server Error", X), F, "unexpected", "jenkins"),
        ("login", to("https://ci.example.org/login"), F, "redirect", "proxy"),
        ("login", to("https://build.example.org/login"), F, "redirect", "proxy"),
        ("login", to("/jenkins/login"), F, "wrong-path", "proxy"),
        ("login", to("/jenkins/login", **X), F, "wrong-path", "jenkins"),
        ("login", to("/securityRealm/commenceLogin?from=%2F", **X), F, "auth-in-front", "auth"),
        ("login", to("/oauth2/start?rd=%2Flogin"), F, "auth-in-front", "auth"),
        ("login", to("https://idp.example.com/login"), F, "auth-in-front", "auth"),
        ("login", to("https://login.example.com/x?state=abc"), F, "auth-in-front", "auth"),
        ("login", to("http://[broken"), F, "auth-in-front", "auth"),
        ("login", NoReply(Failure.DNS, "no such name"), F, "unreachable", "network"),
        ("login", NoReply(Failure.REFUSED, "refused"), F, "unreachable", "network"),
        ("login", NoReply(Failure.TIMEOUT, "no answer"), F, "unreachable", "network"),
        ("login", NoReply(Failure.NO_ROUTE, "no route"), F, "unreachable", "network"),
        ("login", NoReply(Failure.CLOSED, "closed"), F, "unreachable", "network"),
        ("login", NoReply(Failure.TLS, "self-signed"), F, "tls", "tls"),
        ("login", NoReply(Failure.PROTOCOL, "bad line"), F, "not-jenkins", "network"),
        (
            "login",
            Reply(400, "Bad Request", {}, "The plain HTTP request was sent to HTTPS port"),
            F,
            "redirect",
            "tls",
        ),
        ("bare", Reply(404, "Not Found", X, JETTY), F, "websocket-unsupported", "jenkins"),
        (
            "bare",
            Reply(404, "Not Found", {"x-jenkins": "2.204.1"}),
            F,
            "controller-too-old",
            "jenkins",
        ),
        ("bare", Reply(404, "Not Found", {}, JETTY), F, "wrong-path", "jenkins"),
        ("bare", Reply(404, "Not Found"), F, "wrong-path", "proxy"),
        ("bare", Reply(200, "OK", {}, "<html>single page"), F, "not-jenkins", "proxy"),
        ("bare", Reply(403, "Forbidden", {}, "WAF"), F, "auth-in-front", "auth"),
        ("bare", Reply(400, "Bad Request", {}, "header too large"), F, "unexpected", "proxy"),
        ("made-up", Reply(400, "Bad Request", {}, f"no such agent {JETTY}"), P, "ok", "jenkins"),
        (
            "made-up",
            Reply(
                400,
                "Bad Request",
                {},
                "This endpoint is only for use from agent.jar in WebSocket mode",
            ),
            F,
            "headers-dropped",
            "proxy",
        ),
        ("cli", Reply(101, "Switching Protocols"), P, "ok", "jenkins"),
        (
            "cli",
            Reply(400, "Bad Request", {}, f"only WS connections accepted here {JETTY}"),
            I,
            "upgrade-stripped",
            "proxy",
        ),
        (
            "cli",
            Reply(400, "Bad Request", {}, f"did not manage to upgrade {JETTY}"),
            I,
            "upgrade-stripped",
            "proxy",
        ),
        (
            "cli",
            Reply(
                403,
                "Forbidden",
                X,
                "Unexpected request origin (check your reverse proxy settings)",
            ),
            I,
            "origin-rejected",
            "jenkins",
        ),
        ("cli", Reply(403, "Forbidden", {}, "closed here"), I, "auth-in-front", "auth"),
        ("cli", Reply(404, "Not Found", X), I, "websocket-unsupported", "jenkins"),
        ("cli", Reply(404, "Not Found"), I, "wrong-path", "proxy"),
        ("cli", Reply(200, "OK"), I, "unexpected", "proxy"),
        ("cli", Reply(426, "Upgrade Required"), I, "unexpected", "proxy"),
        ("cli", Reply(502, "Bad Gateway"), F, "backend-down", "proxy"),
        ("cli", NoReply(Failure.CLOSED, "closed"), F, "unreachable", "network"),
        ("listener", Reply(200, "OK", {"x-jenkins-jnlp-port": "50000"}), P, "ok", "jenkins"),
        ("listener", Reply(404, "Not Found", X), P, "port-closed", "jenkins"),
        ("listener", Reply(404, "Not Found"), F, "wrong-path", "proxy"),
        ("listener", Reply(200, "OK", {}, "portal"), F, "unexpected", "proxy"),
        ("listener", Reply(401, "Unauthorized"), F, "auth-in-front", "auth"),
        ("node", Reply(101, "Switching Protocols"), P, "ok", "jenkins"),
        (
            "node",
            Reply(400, "Bad Request", {}, f"only WS connections accepted here {JETTY}"),
            F,
            "upgrade-stripped",
            "proxy",
        ),
        (
            "node",
            Reply(400, "", X, "p is already connected to this controller. Rejecting this"),
            I,
            "already-connected",
            "jenkins",
        ),
        ("node", Reply(500, "Server Error", X, "Oops!"), I, "already-connected", "jenkins"),
        ("node", Reply(500, "Server Error", {}, "worker crashed"), F, "unexpected", "proxy"),
        ("node", Reply(400, "", X, "p is not an inbound agent"), I, "unexpected", "jenkins"),
        ("node", Reply(400, "", {}, "no such agent"), F, "wrong-controller", "proxy"),
        ("node", Reply(403, "Forbidden"), F, "wrong-secret", "proxy"),
        ("node", Reply(403, "Forbidden", {}, "<h1>WAF</h1>"), F, "auth-in-front", "auth"),
        ("node", to("https://sso.example.org/login?rd=/wsagents/"), F, "auth-in-front", "auth"),
        ("node", NoReply(Failure.TIMEOUT, "no answer"), F, "unreachable", "network"),
    ],
)
def test_table(which: str, came: Reply | NoReply, verdict: Verdict, code: str, layer: str) -> None:
    answer = judged(which, came)
    assert (answer.verdict, answer.code, answer.layer) == (verdict, code, layer)
    assert answer.cause and "\n" not in answer.cause
    assert answer.verdict is P or answer.fix


def test_too_old_is_known_from_an_earlier_answer() -> None:
    came = Reply(404, "Not Found", {}, JETTY)
    assert judged("bare", came, version="2.150.1").code == "controller-too-old"
    assert judged("bare", came, version="2.426.2").code == "websocket-unsupported"


def test_damaged_upgrade_is_told_apart_from_a_dropped_one() -> None:
    damaged = judged("cli", Reply(400, "", {}, "did not manage to upgrade"))
    dropped = judged("cli", Reply(400, "", {}, "only WS connections accepted here"))
    assert "HTTP/1.0" in damaged.cause
    assert "drops Upgrade" in dropped.cause


def test_query_of_a_login_redirect_is_never_shown() -> None:
    answer = judged("login", to("https://login.example.com/authorize?state=s3cr3t&nonce=n0nc3"))
    assert "s3cr3t" not in repr(answer) and "n0nc3" not in repr(answer)
    assert "https://login.example.com/authorize" in answer.cause


@pytest.mark.parametrize(
    ("headers", "name", "upgrade"),
    [
        ({"server": "nginx/1.31.3"}, "nginx", "$http_upgrade"),
        ({"server": "openresty"}, "nginx", "$http_upgrade"),
        ({"server": "Apache/2.4.57"}, "Apache httpd", "upgrade=websocket"),
        ({"server": "awselb/2.0"}, "AWS ALB", "desync"),
        ({"server": "Microsoft-Azure-Application-Gateway/v2"}, "Azure Application Gateway", ""),
        ({"x-azure-ref": "x"}, "Azure Front Door", "caching"),
        ({"server": "cloudflare"}, "Cloudflare", "WebSockets"),
        ({"server": "istio-envoy"}, "Envoy", "websocket"),
        ({"via": "1.1 google"}, "Google load balancer", ""),
        ({}, "the layer in front of Jenkins", "docs/probes.md"),
    ],
)
def test_fix_is_in_the_words_of_the_layer(headers: dict[str, str], name: str, upgrade: str) -> None:
    assert layer_of(headers).name == name
    came = Reply(400, "", headers, "only WS connections accepted here")
    assert upgrade in judged("node", came).fix


@pytest.mark.parametrize(
    ("held", "verdict", "code", "layer"),
    [
        (Held(35.0, 35, pings=1), P, "ok", "jenkins"),
        (Held(60.0, 70, open=False), F, "idle-timeout", "proxy"),
        (Held(0.01, 35, open=False), F, "unexpected", "proxy"),
        (
            Held(30, 35, open=False, close_code=1001, close_reason="Connection Idle Timeout"),
            F,
            "idle-timeout",
            "jenkins",
        ),
        (
            Held(12, 35, open=False, close_code=1001, close_reason="going away"),
            F,
            "unexpected",
            "jenkins",
        ),
    ],
)
def test_hold(held: Held, verdict: Verdict, code: str, layer: str) -> None:
    answer = judge_hold(Asked("hold", "hold", "http://x/", "wsagents/"), held)
    assert (answer.verdict, answer.code, answer.layer) == (verdict, code, layer)
    assert f"{held.seconds:.1f} s" in answer.answer


replies = st.builds(
    Reply,
    st.integers(100, 599),
    st.text(max_size=20),
    st.dictionaries(
        st.sampled_from(["server", "location", "x-jenkins", "via"]), st.text(max_size=60)
    ),
    st.text(max_size=200),
)


@given(st.sampled_from(sorted(JUDGES)), replies)
def test_any_answer_gets_one_printable_line(which: str, came: Reply) -> None:
    answer = judged(which, came)
    for text in (answer.answer, answer.cause, answer.fix):
        assert text.isprintable()
    assert answer.verdict is P or answer.fix
    # Without 101 nothing may ever be taken for a working upgrade.
    if which in {"cli", "node"} and answer.verdict is P:
        assert came.status == 101


def test_markup_without_an_end_is_read_in_linear_time() -> None:
    assert judged("login", Reply(200, "OK", {}, "<" * 65536)).code == "not-jenkins"
