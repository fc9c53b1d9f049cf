"""The judge against what a real nginx and a real Jenkins 2.426.2 answered."""

import re
from pathlib import Path

import pytest
from probe_configs import BLOCKS, EXPECTED

from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.probe.asked import Asked
from migrate.probe.judge import (
    PortAnswer,
    judge_cli,
    judge_hold,
    judge_listener,
    judge_login,
    judge_port,
    judge_probe_node,
    judge_wsagents_bare,
    judge_wsagents_made_up,
)
from migrate.probe.reply import Held, Reply
from migrate.probe.summary import summarise

RECORDINGS = Path(__file__).parents[1] / "recordings"
NGINX, JENKINS = RECORDINGS / "nginx", RECORDINGS / "jenkins-2.426.2"
URL = "http://jenkins.example.org/"

JUDGES = {
    "login": (judge_login, "login", "login"),
    "wsagents bare": (judge_wsagents_bare, "wsagents-bare", "wsagents/"),
    "wsagents made-up node": (judge_wsagents_made_up, "wsagents-made-up", "wsagents/"),
    "cli/ws upgrade": (judge_cli, "cli-ws", "cli/ws"),
}


def _replies(text: str) -> dict[str, Reply]:
    """The four answers of a recording of nginx, whose bodies are stripped of markup."""
    found = {}
    for part in re.finditer(
        r"(?m)^([a-z][^:\n]+): GET .*\n-> HTTP/1.1 (\d+) ?(.*)\n((?: .*\n)*)", text
    ):
        lines = [line.strip() for line in part[4].splitlines()]
        headers = dict(line.split(": ", 1) for line in lines if re.match(r"[A-Z][\w-]+: ", line))
        body = next((line[5:].strip() for line in lines if line.startswith("body:")), "")
        lower = {name.lower(): value for name, value in headers.items()}
        found[part[1]] = Reply(int(part[2]), part[3], lower, body)
    return found


def _answers(name: str) -> tuple[ProbeAnswer, ...]:
    replies = _replies((NGINX / f"{name}.txt").read_text())
    assert set(replies) == set(JUDGES)
    return tuple(
        judge(Asked(id, f"GET /{path}", URL, path, "2.426.2"), replies[title])
        for title, (judge, id, path) in JUDGES.items()
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_recorded_answer_names_the_layer(name: str) -> None:
    expected = EXPECTED[name]
    answers = _answers(name)
    assert tuple(answer.code for answer in answers) == expected.codes
    summary = summarise(answers)
    assert (summary.verdict, summary.code) == expected.without_node
    assert not summary.proven
    if expected.layer:
        assert {answer.layer for answer in answers} == {expected.layer}
    for answer in answers:
        assert answer.verdict is Verdict.PASS or answer.fix


def test_every_recorded_configuration_is_expected_and_copied() -> None:
    recorded = {path.stem for path in NGINX.glob("*.txt")} - {"probe-node-handshake"}
    assert recorded == set(EXPECTED) == set(BLOCKS)


@pytest.mark.parametrize("name", BLOCKS)
def test_copied_server_block_is_the_recorded_one(name: str) -> None:
    text = (NGINX / f"{name}.txt").read_text()
    block = text.split("server block:\n", 1)[1].split("\n\nlogin:", 1)[0]
    assert BLOCKS[name].split() == block.split()


def _exchange(name: str) -> Reply:
    """A verbatim exchange of Jenkins alone."""
    text = (JENKINS / name).read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    text = text.split("#### RESPONSE", 1)[1]
    head, _, body = text.split("\n", 1)[1].partition("\n\n")
    status, *lines = head.splitlines()
    headers = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in lines}
    code, _, reason = status.split(" ", 1)[1].partition(" ")
    return Reply(int(code), reason, headers, body)


def _asked(id: str, path: str) -> Asked:
    return Asked(id, f"GET /{path}", URL, path)


@pytest.mark.parametrize(
    ("file", "verdict", "code"),
    [
        ("20-ws-upgrade-right-on-tcp-node.txt", Verdict.PASS, "ok"),
        ("20-ws-noupgrade-right.txt", Verdict.FAIL, "upgrade-stripped"),
        ("20-ws-upgrade-none.txt", Verdict.FAIL, "headers-dropped"),
        ("20-ws-upgrade-name-only.txt", Verdict.FAIL, "headers-dropped"),
        ("20-ws-upgrade-nocap.txt", Verdict.FAIL, "headers-dropped"),
        ("20-ws-upgrade-unknown-node.txt", Verdict.FAIL, "wrong-controller"),
        ("20-ws-upgrade-wrongsecret.txt", Verdict.FAIL, "wrong-secret"),
        ("33-duplicate-ws-upgrade.txt", Verdict.INCONCLUSIVE, "already-connected"),
    ],
)
def test_recorded_handshakes(file: str, verdict: Verdict, code: str) -> None:
    answer = judge_probe_node(_asked("probe-node", "wsagents/"), _exchange(file))
    assert (answer.verdict, answer.code) == (verdict, code)


def test_recorded_listener_open_and_off() -> None:
    asked = _asked("tcp-listener", "tcpSlaveAgentListener/")
    on = judge_listener(asked, _exchange("14-tcp-open.txt"))
    assert (on.verdict, on.code) == (Verdict.PASS, "ok")
    assert "15000" in on.cause and "JNLP4-connect" in on.cause
    off = judge_listener(asked, _exchange("14-tcp-disabled.txt"))
    assert (off.verdict, off.code) == (Verdict.PASS, "port-closed")


def test_recorded_plain_requests_of_jenkins_alone() -> None:
    assert judge_login(_asked("login", "login"), _exchange("03-login.txt")).code == "ok"
    bare = judge_wsagents_bare(
        _asked("wsagents-bare", "wsagents/"), _exchange("15-wsagents-plain.txt")
    )
    assert (bare.verdict, bare.code) == (Verdict.PASS, "ok")


def test_recorded_answer_of_the_raw_port_through_nginx() -> None:
    text = (NGINX / "good.txt").read_text().split("raw port\n-> ", 1)[1]
    said = "\r\n".join(line.strip() for line in text.splitlines()).encode()
    answer = judge_port("edge", 50000, (PortAnswer("127.0.0.1", said),))
    assert (answer.verdict, answer.code) == (Verdict.PASS, "ok")
    assert "2.426.2" in answer.cause


def test_recorded_holds_of_the_probe_node() -> None:
    text = (NGINX / "probe-node-handshake.txt").read_text()
    assert "5.0 s: closed by the far side" in text
    asked = _asked("hold", "wsagents/")
    cut = judge_hold(asked, Held(5.0, 35, open=False))
    assert (cut.verdict, cut.code) == (Verdict.FAIL, "idle-timeout")
    assert "5.0 s" in cut.cause
    assert judge_hold(asked, Held(15.0, 15.0, pings=1)).verdict is Verdict.PASS
