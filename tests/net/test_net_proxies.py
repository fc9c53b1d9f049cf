"""Which proxy of the environment leads to a URL."""

import pytest

from migrate.net.proxies import Proxy, proxy_for

BOTH = {"HTTPS_PROXY": "http://p:3128", "http_proxy": "q:8080"}


@pytest.mark.parametrize(
    ("url", "environment", "found"),
    [
        ("https://ci.example/", {}, None),
        ("https://ci.example/", BOTH, Proxy("http://p:3128", "HTTPS_PROXY")),
        ("http://ci.example/", BOTH, Proxy("http://q:8080", "http_proxy")),
        ("https://ci.example/", {"ALL_PROXY": "socks5://s:1"}, Proxy("socks5://s:1", "ALL_PROXY")),
        (
            "https://ci.example/",
            {"https_proxy": "http://small", "HTTPS_PROXY": "http://BIG"},
            Proxy("http://small", "https_proxy"),
        ),
        ("http://ci.example/", {"HTTP_PROXY": "http://evil", "REQUEST_METHOD": "GET"}, None),
        ("http://127.0.0.1:8080/", {"http_proxy": "http://q"}, None),
        ("http://localhost/", {"ALL_PROXY": "http://q"}, None),
        ("https://[::1]/", BOTH, None),
    ],
)
def test_proxy_for(url: str, environment: dict[str, str], found: Proxy | None) -> None:
    assert proxy_for(url, environment) == found


@pytest.mark.parametrize(
    ("entry", "left_out"),
    [
        ("*", True),
        ("ci.example.org", True),
        ("example.org", True),
        (".example.org", True),
        ("*.example.org", True),
        ("CI.EXAMPLE.ORG", True),
        ("other, example.org", True),
        ("ci.example.org:8443", True),
        ("ci.example.org:443", False),
        ("ple.org", False),
        ("xci.example.org", False),
        ("", False),
        (",,", False),
    ],
)
def test_no_proxy(entry: str, left_out: bool) -> None:
    found = proxy_for("https://ci.example.org:8443/", BOTH | {"NO_PROXY": entry})
    assert (found is None) == left_out


@pytest.mark.parametrize(
    ("entry", "left_out"),
    [("10.0.0.0/8", True), ("10.1.2.3", True), ("10.1.2.4", False), ("192.168.0.0/16", False)],
)
def test_no_proxy_of_addresses(entry: str, left_out: bool) -> None:
    found = proxy_for("https://10.1.2.3/", BOTH | {"no_proxy": entry})
    assert (found is None) == left_out


def test_a_password_is_not_shown() -> None:
    assert Proxy("http://bob:pw@p:3128/", "https_proxy").shown == "p:3128 (https_proxy)"
