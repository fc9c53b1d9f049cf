"""The nginx configuration of the edge, after ingress-nginx's template."""

from migrate.sandbox.edge.routes import Location, Route
from migrate.sandbox.edge.streams import Stream
from migrate.sandbox.nginx import NginxConfig

FAULTS = frozenset(
    {"no-upgrade", "sso-login", "sso-everywhere", "header-names-dropped", "read-timeout"}
)
"""What can be wrong at the edge:

``no-upgrade``: Upgrade and Connection are not passed on. ``sso-login``: whoever shows no
Authorization header is sent to a single sign-on, but for the paths that TCP agents need (the
usual bypass from TCP times, which covers neither /login nor /wsagents/). ``sso-everywhere``:
every request is. ``header-names-dropped``: Node-Name and Secret-Key do not arrive.
``read-timeout``: proxy_read_timeout of 5 s.
"""
_SSO = "return 302 https://sso.example.org/login?rd=$request_uri;"
# nginx.tmpl:380; with keepalive to the upstreams, the header is empty without an Upgrade.
_MAPS = """\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
map $http_authorization $needs_sso {
  default 0;
  '' $needs_sso_path;
}
map $uri $needs_sso_path {
  default 1;
  ~^/tcpSlaveAgentListener/ 0;
  ~^/jnlpJars/ 0;
  ~^/computer/[^/]+/(jenkins|slave)-agent\\.jnlp$ 0;
}
server_tokens on;
proxy_buffering off;
client_max_body_size 0;
"""


def render(
    http_port: int,
    routes: tuple[Route, ...],
    streams: tuple[Stream, ...],
    faults: frozenset[str] = frozenset(),
    stripped_port: int | None = None,
) -> NginxConfig:
    """The whole configuration: one http server per host, one stream server per open port.

    ``stripped_port``: a second front for the same hosts, which passes no Upgrade on.
    """
    http = _MAPS + _upstreams(routes) + _servers(http_port, routes, faults)
    taken = {http_port}
    if stripped_port is not None:
        http += _servers(stripped_port, routes, faults | {"no-upgrade"})
        taken.add(stripped_port)
    return NginxConfig(http=http, stream=_stream_servers(streams, taken))


def _upstreams(routes: tuple[Route, ...]) -> str:
    backends = {
        location.backend.upstream: location.backend.addresses
        for route in routes
        for location in route.locations
        if location.backend is not None and location.backend.addresses
    }
    return "".join(_upstream(name, backends[name]) for name in sorted(backends))


def _upstream(name: str, addresses: tuple[str, ...]) -> str:
    servers = " ".join(f"server {address} max_fails=0;" for address in addresses)
    return f"upstream {name} {{ {servers} }}\n"


def _servers(http_port: int, routes: tuple[Route, ...], faults: frozenset[str]) -> str:
    text = f"server {{ listen 127.0.0.1:{http_port} default_server; return 404; }}\n"
    if any(route.host == "_" for route in routes):
        text = ""
    for route in routes:
        default = " default_server" if route.host == "_" else ""
        locations = "".join(_location(location, faults) for location in route.locations)
        text += (
            f"server {{\n  listen 127.0.0.1:{http_port}{default};\n"
            f"  server_name {route.host};\n{locations}}}\n"
        )
    return text


def _location(location: Location, faults: frozenset[str]) -> str:
    match = "= " if location.exact else ""
    return f"  location {match}{location.path} {{\n{_content(location, faults)}  }}\n"


def _content(location: Location, faults: frozenset[str]) -> str:
    if "sso-everywhere" in faults:
        return f"    {_SSO}\n"
    if location.backend is None or not location.backend.addresses:
        return "    return 503;\n"
    lines = [
        "proxy_http_version 1.1;",
        "proxy_set_header Host $http_host;",
        "proxy_set_header X-Real-IP $remote_addr;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Host $http_host;",
        "proxy_set_header X-Forwarded-Port $server_port;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
    ]
    if "sso-login" in faults:
        lines.insert(0, f"if ($needs_sso) {{ {_SSO} }}")
    if location.sign_in:
        # Stands for the auth_request that oauth2-proxy answers.
        lines.insert(0, f"if ($http_authorization = '') {{ return 302 {location.sign_in}; }}")
    if location.upgrade and "no-upgrade" not in faults:
        lines.append("proxy_set_header Upgrade $http_upgrade;")
        connection = location.connection or "$connection_upgrade"
        lines.append(f"proxy_set_header Connection {connection};")
    if "header-names-dropped" in faults:
        lines += ['proxy_set_header Node-Name "";', 'proxy_set_header Secret-Key "";']
    read = 5 if "read-timeout" in faults else location.read_timeout
    lines += [
        "proxy_connect_timeout 5s;",
        f"proxy_read_timeout {read}s;",
        f"proxy_send_timeout {location.send_timeout}s;",
        "proxy_next_upstream off;",
        f"proxy_pass http://{location.backend.upstream};",
    ]
    return "".join(f"    {line}\n" for line in lines)


def _stream_servers(streams: tuple[Stream, ...], taken: set[int]) -> str:
    text = ""
    for stream in streams:
        if stream.listen in taken:
            continue
        entry = stream.entry
        name = f"tcp-{stream.listen}-{entry.backend.upstream}"
        decode = " proxy_protocol" if entry.decode else ""
        encode = " proxy_protocol on;" if entry.encode else ""
        text += _upstream(name, entry.backend.addresses)
        text += (
            f"server {{ listen 127.0.0.1:{stream.listen}{decode}; proxy_timeout 600s; "
            f"proxy_connect_timeout 5s;{encode} proxy_pass {name}; }}\n"
        )
    return text
