"""Configurations of a plain nginx that lose a WebSocket, one for each way to do so."""

from dataclasses import dataclass

MAIN = """events { }
http {
    sendfile on;
%s}
"""
SITES = "    include /etc/nginx/conf.d/*.conf;\n"
MAP = "map $http_upgrade $connection_upgrade {\n    default upgrade;\n    '' close;\n}\n\n"


@dataclass(frozen=True)
class Variant:
    """Files below nginx' folder, and what is asked of them."""

    files: dict[str, str]
    host: str = "jenkins.example.org"
    path: str = "/wsagents/"
    before: str = "400"
    broken_on: str = ""
    """The one nginx on which it is broken; empty: every one."""


def site(text: str, **more: str) -> Variant:
    return Variant(
        {"nginx.conf": MAIN % SITES, "conf.d/ci.conf": text,
         **{f"conf.d/{name}.conf": body for name, body in more.items()}}
    )  # fmt: skip


SERVER = "server {\n    listen 80;\n    server_name jenkins.example.org;\n%s}\n"
BARE = "    location / {\n        proxy_pass http://jenkins:8080;\n    }\n"

VARIANTS = {
    "bare": site(SERVER % BARE),
    "one-line": site(
        "server { listen 80; server_name jenkins.example.org; "
        "location / { proxy_pass http://jenkins:8080; } }\n"
    ),
    "headers-of-the-server-are-kept": site(
        SERVER % ("    proxy_set_header Host $host;\n    proxy_set_header X-Real-IP $remote_addr;\n"
                  + BARE)
    ),
    "connection-empty-of-the-server": site(
        SERVER % ("    proxy_http_version 1.1;\n    proxy_set_header Upgrade $http_upgrade;\n"
                  '    proxy_set_header Connection "";\n' + BARE)
    ),
    "http-1.0": site(
        MAP + SERVER % BARE.replace("8080;\n", "8080;\n        proxy_http_version 1.0;\n"
        "        proxy_set_header Upgrade $http_upgrade;\n"
        "        proxy_set_header Connection $connection_upgrade;\n")
    ),
    "upgrade-only": site(
        SERVER % BARE.replace("8080;\n", "8080;\n        proxy_http_version 1.1;\n"
        "        proxy_set_header Upgrade $http_upgrade;\n        proxy_set_header Host $host;\n")
    ),
    "connection-only": site(
        MAP + SERVER % BARE.replace("8080;\n", "8080;\n        proxy_http_version 1.1;\n"
        "        proxy_set_header Connection $connection_upgrade;\n")
    ),
    "map-of-another-name": site(
        MAP.replace("$connection_upgrade", "$ws_connection") + SERVER % BARE
    ),
    "the-name-is-taken": site(
        "map $http_x $connection_upgrade {\n    default close;\n}\n" + SERVER % BARE
        + "server {\n    listen 81;\n    location / {\n        proxy_pass http://10.0.0.9:9000;\n"
        "        proxy_set_header Connection $connection_upgrade;\n    }\n}\n"
    ),
    "the-map-that-is-read-last-counts": site(
        MAP + SERVER % BARE.replace("8080;\n", "8080;\n        proxy_http_version 1.1;\n"
        "        proxy_set_header Upgrade $http_upgrade;\n"
        "        proxy_set_header Connection $connection_upgrade;\n"),
        z="map $http_x $connection_upgrade {\n    default close;\n}\n",
    ),
    "keepalive-and-a-map-that-closes": site(
        MAP + "upstream jenkins {\n    server 10.0.0.4:8080;\n    keepalive 8;\n}\n\n"
        + SERVER % BARE.replace("jenkins:8080;\n", "jenkins;\n        proxy_http_version 1.1;\n"
        "        proxy_set_header Upgrade $http_upgrade;\n"
        '        proxy_set_header Connection "";\n')
    ),
    "prefix": Variant(
        {"nginx.conf": MAIN % SITES,
         "conf.d/www.conf": SERVER.replace("jenkins.example.org", "www.example.org")
         % ("    location / {\n        proxy_pass http://10.0.0.9:9000;\n    }\n"
            "    location /jenkins/ {\n        proxy_pass http://10.0.0.4:8080;\n    }\n")},
        host="www.example.org", path="/jenkins/wsagents/",
    ),
    "nested": site(
        SERVER % "    location / {\n        proxy_pass http://jenkins:8080;\n"
        "        proxy_set_header Host $host;\n        location ~ ^/(ws|cli) {\n"
        "            proxy_pass http://jenkins:8080;\n        }\n    }\n"
    ),
    "try-files": site(
        SERVER % "    root /nowhere;\n    location / {\n        try_files $uri @jenkins;\n    }\n"
        "    location @jenkins {\n        proxy_pass http://jenkins:8080;\n    }\n"
    ),
    "rewrite-last": site(
        SERVER % "    location /wsagents/ {\n        rewrite ^/(.*)$ /app/$1 last;\n    }\n"
        "    location /app/ {\n        proxy_pass http://jenkins:8080/;\n    }\n"
        "    location / {\n        proxy_pass http://jenkins:8080;\n    }\n"
    ),
    "lua": Variant(
        {"nginx.conf": MAIN % ("    include conf.d/*.conf;\n"),
         "conf.d/jenkins.conf": SERVER % ("    # location / { } in a comment\n" + BARE)}
    ),
    "short-in-the-location": site(
        MAP + SERVER % BARE.replace("8080;\n", "8080;\n        proxy_read_timeout 10s;\n")
    ),
    "location-in-an-include": Variant(
        {"nginx.conf": MAIN % SITES, "conf.d/ci.conf": SERVER % "    include jenkins.inc;\n",
         "jenkins.inc": BARE.replace("    ", "", 1)}
    ),
    "connection-closed-and-nothing-else": site(
        MAP + SERVER % BARE.replace("8080;\n", "8080;\n        proxy_set_header Host $host;\n"
        '        proxy_set_header Connection "close";\n        proxy_set_header X-A b;\n')
    ),
    "a-lua-block-beside": site(
        SERVER % ("    # { in a comment\n    set $x '}';\n" + BARE)
    ),
    "crlf-and-tabs": site((SERVER % BARE).replace("    ", "\t").replace("\n", "\r\n")),
    "no-end-of-line": site((SERVER % BARE).rstrip("\n")),
    "all-in-nginx-conf": Variant(
        {"nginx.conf": MAIN % ("\n" + "".join(f"    {r}\n" for r in (SERVER % BARE).splitlines()))}
    ),
    "https-and-http": site(
        (SERVER % BARE) + "\n" + (SERVER % BARE).replace("listen 80", "listen 8443")
    ),
}  # fmt: skip
