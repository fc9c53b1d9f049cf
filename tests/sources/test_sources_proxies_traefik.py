"""Traefik's own files: logins, TCP routers and short timeouts are told, plain routers are not."""

from proxy_cases import said

ROUTER = """http:
  routers:
    jenkins:
      rule: Host(`jenkins.example.org`)
      entryPoints: [websecure]
      service: jenkins
{more}  services:
    jenkins:
      loadBalancer:
        servers: [{{url: "http://10.0.0.8:8080"}}]
"""


def test_a_plain_router_is_right() -> None:
    static = "entryPoints:\n  websecure: {address: ':443'}\n"
    assert said("dynamic/ci.yml", ROUTER.format(more=""), ("traefik.yml", static)) == []


def test_limits_above_the_ping_are_right() -> None:
    static = (
        "entryPoints:\n  websecure:\n    address: ':443'\n    transport:\n"
        "      respondingTimeouts: {readTimeout: 0s, idleTimeout: 180s}\n"
    )
    assert said("dynamic/ci.yml", ROUTER.format(more=""), ("traefik.yml", static)) == []


def test_a_short_limit_of_another_entry_point_is_not_told() -> None:
    static = (
        "entryPoints:\n  websecure: {address: ':443'}\n  api:\n    address: ':9000'\n"
        "    transport: {respondingTimeouts: {readTimeout: 5s}}\n"
    )
    assert said("dynamic/ci.yml", ROUTER.format(more=""), ("traefik.yml", static)) == []


def test_a_login_is_told_with_its_line() -> None:
    more = "      middlewares: [sso@file]\n  middlewares:\n    sso: {forwardAuth: {address: http://a}}\n"
    (note,) = said("dynamic/ci.yml", ROUTER.format(more=more))
    assert note.startswith("7: ")
    assert "forwardAuth" in note


def test_headers_written_anew_are_told() -> None:
    more = (
        "      middlewares: [h]\n  middlewares:\n    h:\n      headers:\n"
        "        customRequestHeaders: {Connection: close}\n"
    )
    (note,) = said("dynamic/ci.yml", ROUTER.format(more=more))
    assert "writes connection anew" in note


def test_a_tcp_router_and_its_entry_point_are_told() -> None:
    tcp = (
        '[tcp.routers.jnlp]\nentryPoints = ["agents"]\nrule = "HostSNI(`*`)"\nservice = "jnlp"\n'
        '[[tcp.services.jnlp.loadBalancer.servers]]\naddress = "jenkins:50000"\n'
    )
    static = '[entryPoints.agents]\naddress = ":50000"\n'
    notes = said("dynamic/tcp.toml", tcp, ("traefik.toml", static))
    assert any("TCP router jnlp leads agents to jenkins:50000" in note for note in notes)
    assert any("entry point agents (:50000) is open for agents" in note for note in notes)


def test_a_tcp_router_of_another_program_is_not() -> None:
    tcp = (
        '[tcp.routers.db]\nentryPoints = ["db"]\nrule = "HostSNI(`*`)"\nservice = "db"\n'
        '[[tcp.services.db.loadBalancer.servers]]\naddress = "db2:50000"\n'
    )
    assert said("dynamic/tcp.toml", tcp) == []
