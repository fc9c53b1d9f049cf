"""Which forward proxy each connection of an agent takes, against remoting's and Java's rules."""

import shutil
import subprocess
from pathlib import Path

import pytest

from migrate.sandbox.agent.proxies import BadProxy, Proxies

HTTP = {"http.proxyHost": "p", "http.proxyPort": "3128"}
HTTPS = {"https.proxyHost": "q"}
ENV = {"http_proxy": "http://e:8080"}
P, Q, E, D = ("p", 3128), ("q", 443), ("e", 8080), ("d", 7)
IP = "http://10.1.2.3/"
URL, TLS = "http://ci.corp.example:8080/jenkins/", "https://ci.corp.example/"
OLD, NEW = "3181.v78543a_987053", "3184.vc8c6efb_3b_3d7"


@pytest.mark.parametrize(
    ("properties", "environment", "url", "login", "listener", "tcp", "web_socket"),
    [
        ({}, {}, URL, None, None, None, []),
        # Java options serve everything; the WebSocket asks twice.
        (HTTP, {}, URL, P, P, P, [P, P]),
        (HTTP, {}, TLS, None, None, P, [P]),
        (HTTPS, {}, URL, None, None, None, [Q]),
        (HTTPS, {}, TLS, Q, Q, None, [Q]),
        (HTTP | HTTPS, {}, TLS, Q, Q, P, [Q, P]),
        # http_proxy of the environment is remoting's own idea, and TCP's alone.
        ({}, ENV, URL, None, E, E, []),
        ({}, ENV, TLS, None, None, E, []),
        (HTTP, ENV, URL, P, P, P, [P, P]),
        (HTTPS, ENV, TLS, Q, Q, E, [Q]),
        ({}, {"https_proxy": "http://e:1"}, TLS, None, None, None, []),
        # proxy_host of the environment serves the WebSocket of an http: controller alone.
        ({}, {"proxy_host": "h"}, URL, None, None, None, [("h", 80)]),
        ({}, {"proxy_host": "h"}, TLS, None, None, None, []),
        # no_proxy is remoting's, http.nonProxyHosts Java's.
        ({}, ENV | {"no_proxy": "other,.corp.example"}, URL, None, None, None, []),
        ({}, ENV | {"NO_PROXY": "*.corp.example"}, URL, None, None, None, []),
        ({}, ENV | {"no_proxy": "x", "NO_PROXY": "corp.example"}, URL, None, E, E, []),
        (HTTP, {"no_proxy": "corp.example"}, URL, P, P, P, [P]),
        (HTTP | {"http.nonProxyHosts": "a|*.example"}, {}, URL, None, None, None, [P]),
        (HTTP | {"http.nonProxyHosts": "ci.*"}, ENV, URL, None, None, None, [P]),
        (HTTP | {"http.nonProxyHosts": "c*.example"}, {}, URL, P, P, P, [P, P]),
        ({"http.nonProxyHosts": "*.example"}, ENV, URL, None, E, None, []),
        # Loopback goes direct by either.
        (HTTP, ENV, "http://localhost:1/", None, None, None, []),
        (HTTP, ENV, "http://127.0.0.1:1/", None, None, None, []),
        (HTTP | {"http.nonProxyHosts": "a"}, {}, "http://localhost:1/", None, None, None, []),
        (HTTP | {"http.nonProxyHosts": ""}, {}, "http://localhost:1/", P, P, P, [P]),
        ({}, ENV | {"no_proxy": "10.0.0.0/8|192.168.1.7"}, IP, None, None, None, []),
        ({}, ENV | {"no_proxy": "192.168.1.7"}, IP, None, E, E, []),
        ({}, {"http_proxy": "e:8080"}, URL, None, None, None, []),
        ({"proxyHost": "d", "proxyPort": "7"}, {}, TLS, D, D, D, [D, D]),
    ],
)
def test_choice(
    properties: dict[str, str],
    environment: dict[str, str],
    url: str,
    login: object,
    listener: object,
    tcp: object,
    web_socket: object,
) -> None:
    proxies = Proxies(properties, environment)
    host = url.partition("//")[2].partition("/")[0].partition(":")[0]
    assert (
        proxies.for_url(url),
        proxies.for_listener(url),
        proxies.for_tcp(host),
        proxies.for_web_socket(url, NEW),
    ) == (login, listener, tcp, web_socket)


def test_web_socket_before_3184() -> None:
    assert Proxies({}, {"proxy_host": "h"}).for_web_socket(URL, OLD) == []
    assert Proxies(HTTP, {}).for_web_socket(URL, OLD) == [P]


def test_http_proxy_without_a_port_ends_the_agent() -> None:
    with pytest.raises(BadProxy, match="port out of range:-1"):
        Proxies({}, {"http_proxy": "http://e"}).for_tcp("ci.corp.example")


_SELECT = """
import java.net.*;
public class Select {
    public static void main(String[] lines) throws Exception {
        for (String line : lines) {
            String[] words = line.split(" ");
            for (String word : words) {
                int at = word.indexOf('=');
                if (at > 0) { System.setProperty(word.substring(0, at), word.substring(at + 1)); }
            }
            Proxy proxy = ProxySelector.getDefault().select(new URI(words[0])).get(0);
            InetSocketAddress address = (InetSocketAddress) proxy.address();
            System.out.println(
                address == null ? "DIRECT" : address.getHostString() + " " + address.getPort());
            for (String word : words) { System.clearProperty(word.split("=")[0]); }
        }
    }
}
"""


@pytest.mark.long
@pytest.mark.skipif(shutil.which("java") is None, reason="no Java here")
def test_a_real_java_selects_the_same(tmp_path: Path) -> None:
    cases = [
        f"{url} {' '.join(properties)}".strip()
        for url in (URL, TLS, "http://localhost/", "https://127.0.0.1/", "http://10.1.2.3:81/")
        for properties in (
            (),
            ("http.proxyHost=p",),
            ("http.proxyHost=p", "http.proxyPort=3128"),
            ("https.proxyHost=q", "https.proxyPort=0"),
            ("http.proxyHost=p", "https.proxyHost=q", "http.nonProxyHosts="),
            ("http.proxyHost=p", "https.proxyHost=q", "http.nonProxyHosts=*.example|10.*"),
            ("http.proxyHost=p", "https.proxyHost=q", "http.nonProxyHosts=CI.corp.example"),
            ("http.proxyHost=", "proxyHost=d", "proxyPort=7"),
        )
    ]
    source = tmp_path / "Select.java"
    source.write_text(_SELECT, "utf-8")
    done = subprocess.run(
        ["java", str(source), *cases], capture_output=True, text=True, check=False, timeout=60
    )
    if "jdk.compiler" in done.stderr:
        pytest.skip("this Java cannot compile")
    assert done.returncode == 0, done.stderr
    ours = []
    for case in cases:
        url, *words = case.split(" ")
        found = Proxies(dict(word.split("=", 1) for word in words), {}).for_url(url)
        ours.append("DIRECT" if found is None else f"{found[0]} {found[1]}")
    assert ours == done.stdout.splitlines()
