"""TCP servers of Jenkins' agents go in the close stage; those of other programs stay."""

import pytest
from nginx_looks import MAIN, OK, after, looked, reasons

AGENTS = "server { listen 50000; proxy_pass jenkins:50000; }"
WEB = "server { listen 80; server_name jenkins.example.org; location / { %s proxy_pass %s; } }\n"


def _files(stream: str, url: str = "http://ci-01.lan:8080") -> dict[str, str]:
    return {"nginx.conf": MAIN, "conf.d/ci.conf": WEB % (OK, url), "stream.d/a.conf": stream}


@pytest.mark.parametrize(
    ("stream", "left"),
    [
        ("server { listen 50000; proxy_pass ci-01.lan:50000; }\n", ""),
        ("server {\n    listen 6000;\n    proxy_pass jenkins:6000; # jnlp\n}\n", ""),
        ("upstream jnlp { server jenkins:50000; }\nserver { listen 1; proxy_pass jnlp; }\n", ""),
        ("server { listen 25; proxy_pass m:25; }\n\n"
         "server { listen 50000; proxy_pass jenkins:50000; }\n",
         "server { listen 25; proxy_pass m:25; }\n"),
        ("server { listen 50000; proxy_pass jenkins:50000; }\n\n"
         "# mail\nserver { listen 25; proxy_pass m:25; }\n",
         "# mail\nserver { listen 25; proxy_pass m:25; }\n"),
        ("a b; server { listen 50000; proxy_pass jenkins:50000; } c d;\n", "a b; c d;\n"),
        ("upstream j { server jenkins:50000; }\nserver { listen 50000; proxy_pass j; }\n"
         "server { listen 443; proxy_pass j; proxy_ssl on; }\n", ""),
        ("server {\r\n  listen 50000;\r\n  proxy_pass jenkins:50000;\r\n}\r\n", ""),
    ],
)  # fmt: skip
def test_taken_out(stream: str, left: str) -> None:
    assert after(_files(stream), "close") == {"stream.d/a.conf": left}
    assert after(_files(stream)) == {}


def test_the_block_goes_when_nothing_is_left_in_it() -> None:
    main = f"events {{ }}\nstream {{\n    {AGENTS}\n}}\nhttp {{ }}\n"
    assert after({"nginx.conf": main}, "close") == {"nginx.conf": "events { }\nhttp { }\n"}


def test_a_comment_keeps_the_block() -> None:
    main = f"events {{ }}\nstream {{\n    # agents\n    {AGENTS}\n}}\n"
    assert after({"nginx.conf": main}, "close") == {
        "nginx.conf": "events { }\nstream {\n    # agents\n}\n"
    }


@pytest.mark.parametrize(
    "stream",
    [
        "server { listen 50000; proxy_pass db2.lan:50000; }\n",
        "upstream talos { server 10.0.0.1:50000; }\nserver { listen 50000; proxy_pass talos; }\n",
        "server { listen 2222; proxy_pass ci-01.lan:22; }\n",
        "server { listen 443; ssl_preread on; proxy_pass ci-01.lan:8443; }\n",
        "server { listen 33848 udp; proxy_pass jenkins-agents:33848; }\n",
        "map $ssl_preread_server_name $b { jenkins.example.org ci-01.lan:443; default w:443; }\n"
        "server { listen 443; ssl_preread on; proxy_pass $b; }\n",
    ],
)  # fmt: skip
def test_left_alone(stream: str) -> None:
    found = looked(_files(stream))
    assert found.edits == ()
    assert reasons(found) == []


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ("server { listen 50000; proxy_pass agents.lan:50000; }\n", "may be Jenkins or not"),
        ("map $server_port $b { 50000 jenkins-agents:50000; 25 m:25; }\n"
         "server { listen 50000; listen 25; proxy_pass $b; } # jenkins agents\n", "variable"),
        ("server { listen 443; proxy_timeout 20s; proxy_pass ci-01.lan:443; }\n", "20 s"),
    ],
)  # fmt: skip
def test_told(stream: str, told: str) -> None:
    found = looked(_files(stream))
    assert found.edits == ()
    assert any(told in one for one in reasons(found)), reasons(found)


def test_on_this_machine_itself_jenkins_has_to_be_named() -> None:
    stream = "server { listen 50000; proxy_pass 127.0.0.1:50000; }\n"
    assert after(_files(stream, "http://127.0.0.1:8080"), "close")
    unnamed = _files(stream, "http://127.0.0.1:8080")
    unnamed["conf.d/ci.conf"] = unnamed["conf.d/ci.conf"].replace("jenkins.", "forge.")
    assert after(unnamed, "close") == {}
    assert any("may be Jenkins" in one for one in reasons(looked(unnamed)))
