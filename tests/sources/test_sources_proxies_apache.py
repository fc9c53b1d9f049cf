"""Apache: the broken ones are told with their line, the right ones are not."""

import pytest
from proxy_cases import said

HEAD = "<VirtualHost *:443>\n  ServerName jenkins.example.org\n  RewriteEngine On\n"
PASS = "  ProxyPass / http://127.0.0.1:8080/ nocanon\n"
CONDITIONS = (
    "  RewriteCond %{HTTP:Upgrade} =websocket [NC]\n  RewriteCond %{HTTP:Connection} upgrade [NC]\n"
)
RULE = '  RewriteRule ^/?(.*) "ws://127.0.0.1:8080/$1" [P,L]\n'
END = "</VirtualHost>\n"

RIGHT = {
    "upgrade": HEAD + PASS.rstrip() + " upgrade=websocket\n" + END,
    "upgrade-any": HEAD + "  ProxyPass / http://127.0.0.1:8080/ upgrade=ANY timeout=600\n" + END,
    "rewrite": HEAD + CONDITIONS + RULE + PASS + END,
    "rewrite-split": HEAD + CONDITIONS + RULE.replace(" [P,L]", " \\\n   [P,L]") + PASS + END,
    "wstunnel-first": HEAD + "  ProxyPass /wsagents/ ws://127.0.0.1:8080/wsagents/\n" + PASS + END,
    "in-location": "<VirtualHost *:80>\nServerName ci.example.org\n<Location /jenkins>\n"
    "  ProxyPass http://10.0.0.4:8080/jenkins upgrade=websocket\n</Location>\n" + END,
    "balancer": "<Proxy balancer://jenkins>\n  BalancerMember http://10.0.0.4:8080 "
    "upgrade=websocket\n</Proxy>\n" + HEAD + "  ProxyPass / balancer://jenkins/\n" + END,
    "another-program": "<VirtualHost *:80>\nServerName wiki.example.org\n"
    "ProxyPass / http://127.0.0.1:8080/\n" + END,
    "login-but-not-for-agents": HEAD + PASS.rstrip() + " upgrade=websocket\n"
    "  <Location />\n    Require valid-user\n  </Location>\n"
    "  <LocationMatch ^/(login|wsagents|jnlpJars)>\n    Require all granted\n  </LocationMatch>\n"
    + END,
}  # fmt: skip

BROKEN = {
    "no-upgrade": (HEAD + PASS + END, "4: ", "has no upgrade=websocket"),
    "dollar": (HEAD + CONDITIONS.replace("%{", "${") + RULE + PASS + END, "7: ", "% is needed"),
    "case": (HEAD + CONDITIONS.replace("=websocket [NC]", "^WebSocket$") + RULE + PASS + END,
             "7: ", "does not match 'websocket'"),
    "engine-off": (HEAD.replace("RewriteEngine On", "RewriteEngine Off") + CONDITIONS + RULE + PASS
                   + END, "7: ", "no RewriteEngine on"),
    "proxied-before": (HEAD + "  RewriteRule ^/(.*)$ http://127.0.0.1:8080/$1 [P,L]\n" + CONDITIONS
                       + RULE + PASS + END, "8: ", "takes every request"),
    "ws-behind": (HEAD + PASS + "  ProxyPass /wsagents/ ws://127.0.0.1:8080/wsagents/\n" + END,
                  "4: ", "no RewriteRule to ws://"),
    "rule-for-others": (HEAD + CONDITIONS + RULE.replace("^/?(.*)", "^/live/(.*)") + PASS + END,
                        "7: ", "is not for /wsagents/"),
    "unset": (HEAD + PASS.rstrip() + " upgrade=websocket\n  RequestHeader unset Upgrade\n" + END,
              "5: ", "takes the upgrade away"),
    "short": (HEAD + PASS.rstrip() + " upgrade=websocket timeout=20\n" + END, "4: ",
              "timeout of 20 s"),
    "proxytimeout": (HEAD + "  ProxyTimeout 30\n" + PASS.rstrip() + " upgrade=websocket\n" + END,
                     "4: ", "timeout of 30 s"),
    "login": (HEAD + PASS.rstrip() + " upgrade=websocket\n  <Location />\n    AuthType Basic\n"
              "    Require valid-user\n  </Location>\n" + END, "7: ", "/login, /wsagents/ ask"),
    "rewrite-only": (HEAD + "  RewriteRule ^/(.*)$ http://127.0.0.1:8080/$1 [P]\n" + END, "4: ",
                     "takes every request"),
    "crlf": ((HEAD + PASS + END).replace("\n", "\r\n"), "4: ", "has no upgrade=websocket"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    assert said("sites/ci.conf", RIGHT[name]) == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    text, line, reason = BROKEN[name]
    notes = said("sites/ci.conf", text)
    assert any(note.startswith(line) and reason in note for note in notes), notes
