"""What agents send, byte for byte, against 61-agent-*.txt and 33-*.txt of 2.541.3."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab, until
from listening import Listening

from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.spec import AgentSpec, NodeSpec

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings/jenkins-2.541.3"
R3107 = "3107.v665000b_51092"
R3160 = "3160.vd76b_9ddd10cc"
R3206 = "3206.vb_15dcf73f6a_9"
R3352 = "3352.v17a_fb_4b_2773f"


def _java(path: str, *own: str) -> str:
    return "\r\n".join(
        [
            f"GET {path} HTTP/1.1",
            *own,
            "User-Agent: Java/17.0.15",
            "Host: 127.0.0.1:18090",
            "Accept: text/html, image/gif, image/jpeg, */*; q=0.2",
            "Connection: keep-alive",
            "\r\n",
        ]
    )


def _handshake(name: str = "node-f") -> str:
    return (
        "GET /wsagents/ HTTP/1.1\r\n"
        "Connection:Upgrade\r\n"
        "Host:127.0.0.1:18090\r\n"
        f"Node-Name:{name}\r\n"
        "Origin:http://127.0.0.1:18090\r\n"
        "Sec-WebSocket-Key:<key>\r\n"
        "Sec-WebSocket-Version:13\r\n"
        "Secret-Key:<64 hex digits>\r\n"
        "Upgrade:websocket\r\n"
        "X-Remoting-Capability:"
        "rO0ABXNyABpodWRzb24ucmVtb3RpbmcuQ2FwYWJpbGl0eQAAAAAAAAABAgABSgAEbWFza3hwAAAAAAAAAf4=\r\n"
        "\r\n"
    )


JNLP = _java("/computer/node-f/jenkins-agent.jnlp?encrypt=true")
LISTENER = _java("/tcpSlaveAgentListener/")
NAMED_LISTENER = _java("/tcpSlaveAgentListener/", "Node-Name: node-f")
LOGIN = _java("/login")
SENT = [
    ("3107-jnlpUrl-tcp", "jnlp-url", R3107, [JNLP, LISTENER]),
    ("3107-jnlpUrl-ws", "jnlp-url", R3107, [JNLP, _handshake()]),
    ("3160-jnlpUrl-tcp", "jnlp-url", R3160, [JNLP, LISTENER]),
    ("3160-jnlpUrl-ws", "jnlp-url", R3160, [JNLP, _handshake()]),
    ("3160-main-ws", "jnlp-main", R3160, [_handshake()]),
    ("3206-jnlpUrl-tcp", "jnlp-url", R3206, [JNLP, NAMED_LISTENER]),
    ("3206-jnlpUrl-ws", "jnlp-url", R3206, [JNLP, _handshake()]),
    ("3206-url-tcp", "url-name", R3206, [NAMED_LISTENER]),
    ("3206-url-ws", "url-name", R3206, [_handshake()]),
    ("3352-jnlpUrl-tcp", "jnlp-url", R3352, [JNLP, NAMED_LISTENER]),
    ("3352-jnlpUrl-ws", "jnlp-url", R3352, [JNLP, LOGIN, _handshake()]),
    ("3352-url-tcp", "url-name", R3352, [NAMED_LISTENER]),
    ("3352-url-ws", "url-name", R3352, [LOGIN, _handshake()]),
]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tmp_path) as started:
        yield started


@pytest.fixture
def listening(lab: Lab) -> Iterator[Listening]:
    with Listening(lab.jenkins.http_port) as started:
        lab.jenkins.root_url = f"http://127.0.0.1:{started.port}/"
        yield started


def _recorded(name: str) -> str:
    return (RECORDINGS / f"{name}.txt").read_text("utf-8")


def _requests(text: str) -> list[str]:
    """The requests of a recorded capture, in the form of ``Listening.masked``."""
    found = []
    for block in re.findall(r"(?m)^\[ *[\d.]+s\] -> (.*\n(?:   .*\n)+)", text):
        lines = [line.removeprefix("   ") for line in block.splitlines()]
        head = "\r\n".join([*lines, "", ""])
        head = re.sub(r"(?m)^(Sec-WebSocket-Key:).*==", r"\1<key>", head)
        found.append(re.sub(r"\\x([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), head))
    return found


def _agent(lab: Lab, launch: str, jar: str, web_socket: bool, name: str = "node-f") -> AgentProcess:
    by_option = web_socket and launch != "jnlp-url"
    made = AgentSpec(launch=launch, jar_version=jar, java_version="17.0.15", web_socket=by_option)
    spec = NodeSpec(name, agent=made, web_socket=web_socket and launch == "jnlp-url")
    lab.jenkins.add_node(spec)
    lab.agents[name] = lab.start(spec)
    return lab.agents[name]


@pytest.mark.parametrize(("recording", "launch", "jar", "sent"), SENT, ids=[s[0] for s in SENT])
def test_requests(
    lab: Lab, listening: Listening, recording: str, launch: str, jar: str, sent: list[str]
) -> None:
    agent = _agent(lab, launch, jar, recording.endswith("-ws"))
    lab.wait_online("node-f")
    assert listening.masked() == sent
    text = _recorded(f"61-agent-{recording}")
    assert sent == _requests(text)
    # The recorded agent of 3352-url-tcp met another one of its name, after "Remote identity".
    assert _words(agent.log()) == _words(text.partition("agent stdout/stderr:\n")[2])


def _words(log: str) -> list[str]:
    """An agent's output without dates, folders, ports and identities; up to its connection."""
    log = re.sub(r"(?m)^\w{3} \d+, \d{4} \d+:\d\d:\d\d [AP]M ", "", log)
    log = re.sub(r"/\S*/remoting\b", "/remoting", log)
    log = re.sub(r"127\.0\.0\.1:\d+|localhost:\d+", "CONTROLLER", log)
    log = re.sub(r"Agent port: +\d+", "Agent port", log)
    log = re.sub(r"(?:[0-9a-f]{2}:){15}[0-9a-f]{2}", "IDENTITY", log)
    lines = log.splitlines()
    ends = [
        n for n, line in enumerate(lines) if re.match("INFO: (Remote identity|WebSocket)", line)
    ]
    return lines[: ends[0] + 1] if ends else lines


@pytest.mark.parametrize(
    ("name", "sent"),
    [("node f é", "node f \xe9"), ("漢字", "??"), ("Łódź", "?\xf3d?"), ("€1 😀", "?1 ?")],
)
def test_node_name_in_latin_1(lab: Lab, listening: Listening, name: str, sent: str) -> None:
    agent = _agent(lab, "url-name", R3352, True, name)
    if "?" not in sent:
        lab.wait_online(name)
        assert listening.masked() == [LOGIN, _handshake(sent)]
        return
    until(lambda: "Waiting 7 seconds before retry" in agent.log(), "a third refusal")
    assert listening.masked()[:4] == [LOGIN, *[_handshake(sent)] * 3]
    assert not lab.jenkins.is_online(name)
    # Over TCP the same name works.
    agent.stop()
    agent.change_options(remove=("-webSocket",))
    agent.run()
    lab.wait_online(name)
    assert lab.protocol(name) == "JNLP4-connect"


def test_recorded_names() -> None:
    eacute = _requests(_recorded("61-agent-3352-eacute-ws"))
    assert eacute == [LOGIN, _handshake("node f \xe9")]
    assert _requests(_recorded("61-agent-3352-kanji-ws")) == [LOGIN, *[_handshake("??")] * 3]


def test_a_first_handshake_that_fails_is_tried_again_with_growing_pauses(
    lab: Lab, listening: Listening
) -> None:
    spec = AgentSpec(launch="url-name", jar_version=R3352, web_socket=True)
    node = NodeSpec("node-f", agent=spec)
    lab.jenkins.add_node(node)
    agent = lab.agents["node-f"] = lab.start(node, "0" * 64)
    said = re.compile(r"INFO: (Failed .*|Waiting .*)\n")
    until(lambda: len(said.findall(agent.log())) >= 6, "three tries")
    assert said.findall(agent.log())[:6] == [
        "Failed to connect: Handshake error.",
        "Waiting 1 second before retry",
        "Failed to connect: Handshake error.",
        "Waiting 3 seconds before retry",
        "Failed to connect: Handshake error.",
        "Waiting 7 seconds before retry",
    ]
    assert said.findall(_recorded("33-wrong-secret-ws-agent-3352")) == said.findall(agent.log())[:6]
    assert agent.alive()


def test_an_older_agent_ends_with_its_first_handshake(lab: Lab) -> None:
    spec = AgentSpec(launch="url-name", jar_version=R3206, web_socket=True)
    node = NodeSpec("node-f", agent=spec)
    lab.jenkins.add_node(node)
    agent = lab.agents["node-f"] = lab.start(node, "0" * 64)
    until(lambda: not agent.alive(), "the agent to exit")
    assert agent.returncode == 255
    end = agent.log().partition("SEVERE: ")[2]
    assert end.splitlines() == [
        "Handshake error.",
        "io.jenkins.remoting.shaded.jakarta.websocket.DeploymentException: Handshake error.",
        "Caused by: io.jenkins.remoting.shaded.org.glassfish.tyrus.core.HandshakeException:"
        " Response code was not 101: 403.",
        "",
    ]
    recorded = _recorded("33-wrong-secret-ws-agent-3206").partition("SEVERE: ")[2]
    assert recorded.splitlines()[:4] == end.splitlines()
