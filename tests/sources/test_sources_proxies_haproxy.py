"""HAProxy: short timeouts, lost headers, logins and TCP frontends are told, right ones are not."""

import pytest
from proxy_cases import said

DEFAULTS = (
    "defaults\n  mode http\n  timeout connect 5s\n  timeout client {c}\n  timeout server {s}\n"
)
WEB = (
    "frontend web\n  bind *:443 ssl crt /etc/ssl/x.pem\n  acl ci hdr(host) -i jenkins.example.org\n"
    "  use_backend app if ci\n  default_backend other\n"
    "backend app\n  server a 10.0.0.4:8080 check\n"
    "backend other\n  server b 10.0.0.9:9000\n"
)
LONG = DEFAULTS.format(c="60s", s="1m")
SHORT = DEFAULTS.format(c="20s", s="20000")
TCP = "frontend jnlp\n  mode tcp\n  bind :50000\n  default_backend jnlp\nbackend jnlp\n  mode tcp\n"

RIGHT = {
    "long": LONG + WEB,
    "tunnel": SHORT + "  timeout tunnel 1h\n" + WEB,
    "tunnel-in-the-backend": SHORT + WEB.replace("10.0.0.4:8080 check",
                                                 "10.0.0.4:8080 check\n  timeout tunnel 2d"),
    "none": "defaults\n  mode http\n" + WEB,
    "named-defaults": "defaults slow\n  mode http\n  timeout tunnel 1h\n  timeout server 10s\n"
    "defaults fast\n  mode http\n  timeout client 60s\n  timeout server 5s\n"
    + WEB.replace("backend app\n", "backend app from slow\n"),
    "another-program": SHORT + WEB.replace("jenkins.", "wiki.").replace(" ci", " w"),
    "tcp-of-others": LONG + WEB + TCP.replace("jnlp", "talos") + "  server t 10.0.0.30:50000\n",
    "a-service-file": "[Unit]\nDescription=default_backend\n",
}  # fmt: skip

BROKEN = {
    "both": (SHORT + WEB, "4: ", "timeout client 20 s and timeout server 20 s"),
    "client-only": (DEFAULTS.format(c="30s", s="1h") + WEB, "4: ", "timeout client 30 s"),
    "server-only": (DEFAULTS.format(c="1h", s="29s") + WEB, "5: ", "timeout server 29 s"),
    "short-tunnel": (LONG + "  timeout tunnel 15s\n" + WEB, "6: ", "timeout tunnel is 15 s"),
    "listen": (SHORT + "listen jenkins\n  bind *:80\n  server a 10.0.0.4:8081\n", "4: ",
               "backend jenkins"),
    "header": (LONG + WEB + "  # x\nfrontend z\n  bind :81\n  http-request del-header Upgrade\n"
               "  default_backend app\n", "18: ", "takes the upgrade away"),
    "login": (LONG + WEB.replace("use_backend", "http-request auth unless { http_auth(u) }\n"
              "  use_backend"), "9: ", "no login of people"),
    "tcp": (LONG + WEB + TCP + "  server j 10.0.0.4:50000\n", "15: ",
            "passes TCP to 10.0.0.4:50000"),
    "tcp-listen": (LONG + "listen agents\n  mode tcp\n  bind :6000\n  server jenkins "
                   "10.9.0.4:50000\n", "6: ", "passes TCP to 10.9.0.4:50000"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    assert said("haproxy/haproxy.cfg", RIGHT[name]) == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    text, line, reason = BROKEN[name]
    notes = said("haproxy/haproxy.cfg", text)
    assert any(note.startswith(line) and reason in note for note in notes), notes
