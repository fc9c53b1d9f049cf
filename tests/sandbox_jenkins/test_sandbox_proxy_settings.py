"""What a sandbox agent says about forward proxies; tests/groovy asks the real script the same."""

import socket

import pytest

from migrate.sandbox.agent.java import Launch
from migrate.sandbox.agent.proxy_settings import VARIABLES, proxy_settings

OWN = ["-jnlpUrl", "http://j/computer/a/jenkins-agent.jnlp", "-secret", "@/s"]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_settings_come_without_user_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://bob:p@ss:w0rd/x@proxy.corp.example:3128/")
    monkeypatch.setenv("HTTPS_PROXY", "mallory:hidden@proxy.corp.example:3128")
    java = ["-Dhttps.proxyHost=proxy", "-Dhttp.proxyPassword=hidden", "-Xmx1g", "-jar", "agent.jar"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/ctx/"
        found = proxy_settings(Launch([*java, *OWN]).properties, OWN, url)
    assert found == {
        "properties": {"https.proxyHost": "proxy"},
        "environment": {
            "http_proxy": "http://proxy.corp.example:3128/",
            "HTTPS_PROXY": "proxy.corp.example:3128",
        },
        "credentials": True,
        "direct": True,
    }
    assert proxy_settings(Launch([*java, *OWN]).properties, OWN, url)["direct"] is False


def test_without_settings_nothing_is_tried() -> None:
    empty = {"properties": {}, "environment": {}, "credentials": False, "direct": None}
    launch = Launch(["-jar", "agent.jar", *OWN])
    assert proxy_settings(launch.properties, OWN, "http://no-such.invalid/") == empty
    # What follows the jar belongs to the agent, not to Java.
    odd = [*OWN, "-Dhttp.proxyHost=x"]
    assert proxy_settings(Launch(["-jar", "agent.jar", *odd]).properties, odd, "") == empty
