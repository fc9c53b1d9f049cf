"""An edge that is loaded, and what scan and plan say of what they could not read through it.

The edge is a real nginx in front of the sandbox, which lets everything through but the scripts
that run on agents.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cli_lab import Cli, Done, lab

from migrate.sandbox.installation import Sandbox
from migrate.sandbox.nginx import Nginx, NginxConfig
from migrate.sandbox.ports import free_port

CONNECTED = 7
"""Inbound agents of the default scenario that are connected."""
SCRIPTS = r"location ~ ^/computer/.+/scriptText$"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Cli]]:
    with lab(tmp_path_factory.mktemp("slow")) as started:
        yield started


@contextmanager
def edge(sandbox: Sandbox, scripts: str, outside: str = "") -> Iterator[str]:
    """nginx in front of the controller; gives its URL."""
    port, behind = free_port(), f"http://127.0.0.1:{sandbox.jenkins.http_port}"
    config = (
        f"{outside} server {{ listen 127.0.0.1:{port}; "
        f"location / {{ proxy_pass {behind}; proxy_set_header Host localhost; }} "
        f"{SCRIPTS} {{ {scripts.replace('BEHIND', behind)} }} }}"
    )
    nginx = Nginx(NginxConfig(config))
    nginx.start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        nginx.stop()


@pytest.fixture(scope="module")
def deaf() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield int(server.getsockname()[1])


def asked(cli: Cli, url: str, *words: str) -> Done:
    return cli(*words, "--jenkins-url", url, "--no-cluster", "-q")


def head(text: str) -> str:
    """The first ten lines as one, without the mark of a warning."""
    return " ".join(" ".join(row.lstrip("! ") for row in text.splitlines()[:10]).split())


@pytest.mark.parametrize(
    ("scripts", "reason"),
    [
        ("proxy_pass http://127.0.0.1:CLOSED;", "no proper answer from it (502)"),
        ("return 503;", "could not take the question (503)"),
        (
            "proxy_pass http://127.0.0.1:DEAF; proxy_read_timeout 1s;",
            "came too late for what stands in front of Jenkins (504)",
        ),
        ("proxy_pass http://127.0.0.1:DEAF;", "no answer within 2 s"),
    ],
)
def test_what_a_loaded_edge_keeps_back_is_said_first_with_its_own_reason(
    running: tuple[Sandbox, Cli], deaf: int, scripts: str, reason: str
) -> None:
    sandbox, cli = running
    name = "p" + "".join(c for c in reason if c.isdigit()) + str(len(scripts))
    scripts = scripts.replace("DEAF", str(deaf)).replace("CLOSED", str(free_port()))
    with edge(sandbox, scripts) as url:
        more = ("--launch-timeout", "2")
        scan = asked(cli, url, "scan", *more)
        plan = asked(cli, url, "plan", "--name", name, *more)
    assert scan.code == plan.code == 0, scan.err + plan.err
    for text in (scan.out, plan.out):
        assert f"launch of {CONNECTED} nodes" in head(text), text
        assert reason in head(text), text
        assert "Overall/Administer" not in head(text)
    ticket = " ".join((cli.folder / "plans" / name / "plan.md").read_text().split())
    assert ticket.index(reason) < ticket.index("This plan ")
    assert reason in ticket.split("Open manual steps")[1]


def test_each_format_of_a_plan_says_it_first(running: tuple[Sandbox, Cli]) -> None:
    sandbox, cli = running
    with edge(sandbox, "return 503;") as url:
        asked(cli, url, "plan", "--name", "formats", "--launch-timeout", "1")
    for fmt in ("text", "html"):
        shown = cli("show", "plans/formats", "-o", fmt).out
        assert shown.index("(503)") < shown.index("This plan ")
    told = json.loads(cli("show", "plans/formats", "-o", "json").out)["not_read"]
    assert "(503)" in told[0]
    assert "--launch-timeout 2" in told[0]


def test_agents_that_a_loaded_edge_lets_through_one_by_one_are_all_read(
    running: tuple[Sandbox, Cli],
) -> None:
    """More than two at once are refused, and so is more than four in a second."""
    sandbox, cli = running
    limits = (
        "limit_conn_zone $server_name zone=conns:1m; "
        "limit_req_zone $server_name zone=rate:1m rate=4r/s; "
    )
    scripts = "limit_conn conns 1; limit_req zone=rate; proxy_pass BEHIND;"
    with edge(sandbox, scripts, limits) as url:
        done = asked(cli, url, "scan", "-o", "json")
    seen = json.loads(done.out)
    launched = [n["name"] for n in seen["inventory"]["nodes"] if n["launch"] is not None]
    assert len(launched) >= CONNECTED, seen["not_read"]
    assert not any("503" in told for told in seen["not_read"])


def test_a_right_is_named_only_where_jenkins_says_that_it_lacks(
    running: tuple[Sandbox, Cli],
) -> None:
    sandbox, cli = running
    with edge(sandbox, "return 403 'no scripts here';") as url:
        refused = head(asked(cli, url, "scan").out)
    assert "403" in refused
    assert "Overall/Administer" not in refused
    operator = sandbox.environment("operator")
    keep = ("JENKINS_USER_ID", "JENKINS_API_TOKEN")
    lacks = cli("scan", "-q", "--no-cluster", **{key: operator[key] for key in keep})
    assert "this user lacks Overall/Administer (needs Overall/Administer" in head(lacks.out)
