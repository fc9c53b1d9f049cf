"""The ways out of an agent, as remoting, Tyrus and Java choose them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.forward_proxy import tcp_ways, websocket_ways
from migrate.model.inventory import ProxySettings
from migrate.model.versions import v

HTTPS, HTTP = "https://j.example.com/ctx/", "http://j.example.com:8080/"
ENV = {"http_proxy": "http://p:3128"}


def shown(settings: ProxySettings, url: str, remoting: str = "3386") -> tuple[str, ...]:
    tcp, ws = tcp_ways(settings, url), websocket_ways(settings, url, v(remoting))
    return tuple(
        way.kind if way.kind != "http" else f"{way.by}={way.address}"
        for way in (tcp.first, tcp.channel, ws.first, ws.channel)
    )


@pytest.mark.parametrize(
    ("java", "environment", "url", "expected"),
    [
        ({}, {}, HTTPS, "direct direct direct direct"),
        ({}, ENV, HTTPS, "direct http_proxy=p:3128 direct direct"),
        ({}, ENV, HTTP, "http_proxy=p:3128 http_proxy=p:3128 direct direct"),
        # Capitals are not read, nor a value that is no URL, nor https_proxy.
        ({}, {"HTTP_PROXY": "http://p:1"}, HTTP, "direct direct direct direct"),
        ({}, {"http_proxy": "p:3128"}, HTTP, "direct direct direct direct"),
        ({}, {"https_proxy": "http://p:1"}, HTTPS, "direct direct direct direct"),
        ({}, {"proxy_host": "q"}, HTTP, "direct direct direct proxy_host=q:80"),
        ({}, {"proxy_host": "q"}, HTTPS, "direct direct direct direct"),
        (
            {"https.proxyHost": "p", "https.proxyPort": "3128"}, {}, HTTPS,
            "https.proxyHost=p:3128 direct https.proxyHost=p:3128 https.proxyHost=p:3128",
        ),
        (
            {"http.proxyHost": "p"}, {}, HTTPS,
            "direct http.proxyHost=p:80 direct http.proxyHost=p:80",
        ),
        (
            {"http.proxyHost": "p"}, {}, HTTP,
            "http.proxyHost=p:80 http.proxyHost=p:80 http.proxyHost=p:80 http.proxyHost=p:80",
        ),
        # Java's bare properties count for both schemes.
        (
            {"proxyHost": "p", "proxyPort": "9"}, {}, HTTPS,
            "proxyHost=p:9 proxyHost=p:9 proxyHost=p:9 proxyHost=p:9",
        ),
        # A port that is missing beside its host is looked for under the other prefix.
        (
            {"https.proxyHost": "p", "proxyPort": "9"}, {}, HTTPS,
            "https.proxyHost=p:9 direct https.proxyHost=p:9 https.proxyHost=p:9",
        ),
        (
            {"proxyHost": "p", "https.proxyPort": "9"}, {}, HTTPS,
            "proxyHost=p:9 proxyHost=p:80 proxyHost=p:9 proxyHost=p:9",
        ),
        ({"socksProxyHost": "s"}, {}, HTTPS, "socks direct socks direct"),
        ({"java.net.useSystemProxies": "true"}, {}, HTTPS, "system system system system"),
        (
            {"http.proxyHost": "p", "http.nonProxyHosts": "*.example.com|x"}, ENV, HTTPS,
            "direct direct direct direct",
        ),
        # no_proxy is remoting's alone, nonProxyHosts is Java's and remoting's.
        ({}, {**ENV, "no_proxy": ".example.com"}, HTTP, "direct direct direct direct"),
        (
            {"http.proxyHost": "p"}, {"no_proxy": "example.com"}, HTTP,
            "http.proxyHost=p:80 http.proxyHost=p:80 http.proxyHost=p:80 http.proxyHost=p:80",
        ),
    ],
)  # fmt: skip
def test_ways(java: dict[str, str], environment: dict[str, str], url: str, expected: str) -> None:
    assert shown(ProxySettings(java, environment), url) == tuple(expected.split())


def test_the_variable_proxy_host_counts_from_3184_on() -> None:
    settings = ProxySettings({}, {"proxy_host": "q"})
    assert websocket_ways(settings, HTTP, v("3183")).channel.kind == "direct"
    assert websocket_ways(settings, HTTP, v("3184")).channel.host == "q"


@pytest.mark.parametrize(
    ("no_proxy", "host", "proxied"),
    [
        ("jenkins.io", "repo.jenkins.io", False),
        ("jenkins.io", "myjenkins.io", False),
        ("*.jenkins.io", "jenkins.io", False),
        ("a.b|.jenkins.io", "jenkins.io", False),
        ("a.b,c.d|jenkins.io", "jenkins.io", True),
        ("192.168.17.0/24", "192.168.17.9", False),
        ("192.168.17.0/24", "192.168.18.9", True),
        ("192.168.17.9", "192.168.17.9", False),
        ("fe80::1", "[fe80:0:0::1]", False),
        ("io", "192.168.17.9", True),
        ("", "localhost", False),
        ("", "127.3.2.1", False),
        ("*", "jenkins.io", True),
        (" , ,", "jenkins.io", True),
    ],
)
def test_no_proxy_as_in_remotings_page(no_proxy: str, host: str, proxied: bool) -> None:
    settings = ProxySettings({}, {**ENV, "no_proxy": no_proxy})
    assert (tcp_ways(settings, f"http://{host}/").channel.kind == "http") is proxied


@given(
    st.dictionaries(st.sampled_from(["http.proxyHost", "https.proxyPort", "http.nonProxyHosts"]),
                    st.text()),
    st.dictionaries(st.sampled_from(["http_proxy", "no_proxy", "proxy_host"]), st.text()),
    st.text(),
)  # fmt: skip
def test_hostile_settings_are_judged_without_an_error(
    java: dict[str, str], environment: dict[str, str], url: str
) -> None:
    settings = ProxySettings(java, environment)
    assert tcp_ways(settings, url).channel.kind in ("direct", "http", "socks", "system")
    assert websocket_ways(settings, url, None).first.kind in ("direct", "http", "socks", "system")
