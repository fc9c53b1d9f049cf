"""The nginx configurations of the recordings, and what each must be judged as.

``BACKEND`` and ``DEAD`` stand for the addresses of a controller and of nothing at all.
"""

from dataclasses import dataclass

from migrate.model.inventory import Verdict

BACKEND, DEAD = "127.0.0.1:18080", "127.0.0.1:18999"

_UP = """
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;"""
_HEAD = """proxy_http_version 1.1;
  proxy_set_header Host $host;"""
_PASS = f"""
  proxy_pass http://{BACKEND};
  }}"""

BLOCKS = {
    "good": f"location / {{ {_HEAD}{_UP}{_PASS}",
    "no-upgrade-headers": f"location / {{ {_HEAD}{_PASS}",
    "http10-to-backend": f"location / {{ {_HEAD}{_UP}{_PASS}".replace("1.1;", "1.0;"),
    "inherited-headers-lost": (
        f"proxy_http_version 1.1;{_UP}\n  location / {{ proxy_set_header Host $host;{_PASS}"
    ),
    "connection-empty-last": (
        f'location / {{ {_HEAD}{_UP}\n  proxy_set_header Connection "";{_PASS}'
    ),
    "sso-401-everywhere": (
        f"location / {{ auth_request /auth;\n  {_HEAD}{_UP}{_PASS}"
        " location = /auth { internal;\n  return 401;\n  }"
    ),
    "sso-302-everywhere": (
        "location / { return 302 https://sso.example.org/login?rd=$request_uri;\n  }"
    ),
    "sso-but-agent-paths-open": (
        "location / { return 302 https://sso.example.org/login;\n  }"
        f" location /wsagents/ {{ {_HEAD}{_UP}{_PASS}"
        f" location = /login {{ proxy_pass http://{BACKEND};\n  }}"
        f" location /cli/ {{ {_HEAD}{_UP}{_PASS}"
    ),
    "wsagents-only": (f"location / {{ {_HEAD}{_PASS} location /wsagents/ {{ {_HEAD}{_UP}{_PASS}"),
    "http-to-https-redirect": "return 308 https://$host$request_uri;",
    "wrong-prefix": f"location /jenkins/ {{ {_HEAD}{_UP}{_PASS}",
    "backend-down": f"location / {{ {_HEAD}{_UP}{_PASS}".replace(BACKEND, DEAD),
    "read-timeout-5s": f"location / {{ {_HEAD}{_UP}\n  proxy_read_timeout 5s;{_PASS}",
    "header-names-dropped": (
        f'location / {{ {_HEAD}{_UP}\n  proxy_set_header Node-Name "";\n'
        f'  proxy_set_header Secret-Key "";{_PASS}'
    ),
}


@dataclass(frozen=True)
class Expected:
    """Codes of the four requests of tier 1, then the overall answers without and with tier 2."""

    codes: tuple[str, str, str, str]
    without_node: tuple[Verdict, str]
    with_node: tuple[Verdict, str]
    layer: str = ""


_P, _F, _I = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def _all(code: str, layer: str) -> Expected:
    return Expected((code, code, code, code), (_F, code), (_F, code), layer)


_OK = Expected(("ok", "ok", "ok", "ok"), (_P, "ok"), (_P, "ok"))
_STRIPPED = Expected(
    ("ok", "ok", "ok", "upgrade-stripped"), (_I, "upgrade-stripped"), (_F, "upgrade-stripped")
)

EXPECTED = {
    "good": _OK,
    "no-upgrade-headers": _STRIPPED,
    "http10-to-backend": _STRIPPED,
    "inherited-headers-lost": _STRIPPED,
    "connection-empty-last": _OK,
    "sso-401-everywhere": _all("auth-in-front", "auth"),
    "sso-302-everywhere": _all("auth-in-front", "auth"),
    "sso-but-agent-paths-open": _OK,
    "wsagents-only": Expected(_STRIPPED.codes, _STRIPPED.without_node, (_P, "ok")),
    "http-to-https-redirect": _all("redirect", "proxy"),
    "wrong-prefix": _all("wrong-path", "proxy"),
    "backend-down": _all("backend-down", "proxy"),
    "read-timeout-5s": Expected(_OK.codes, _OK.without_node, (_F, "idle-timeout")),
    "header-names-dropped": Expected(
        ("ok", "ok", "headers-dropped", "ok"), (_F, "headers-dropped"), (_F, "headers-dropped")
    ),
}
