"""Envoy: no upgrades, short limits and TCP listeners are told, right ones are not."""

import pytest
from proxy_cases import said

HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
TCP = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
TEXT = """static_resources:
  listeners:
    - name: web
      address: {{socket_address: {{address: 0.0.0.0, port_value: 443}}}}
      filter_chains:
        - filters:
            - name: hcm
              typed_config:
                "@type": {hcm}.HttpConnectionManager
{manager}                route_config:
                  virtual_hosts:
                    - name: {name}
                      domains: [{name}.example.org]
                      routes:
                        - match: {{prefix: /}}
                          route: {{cluster: app{route}}}
    - name: agents
      address: {{socket_address: {{address: 0.0.0.0, port_value: 50000}}}}
      filter_chains:
        - filters:
            - name: tcp
              typed_config: {{"@type": {tcp}, cluster: {tcp_cluster}}}
  clusters:
    - name: app
      load_assignment: {{endpoints: [{{lb_endpoints: [{{endpoint: {{address:
        {{socket_address: {{address: 10.0.0.8, port_value: 9090}}}}}}}}]}}]}}
    - name: jnlp
      load_assignment: {{endpoints: [{{lb_endpoints: [{{endpoint: {{address:
        {{socket_address: {{address: jenkins, port_value: 50000}}}}}}}}]}}]}}
"""
UPGRADES = "                upgrade_configs: [{upgrade_type: websocket}]\n"


def _text(manager: str = "", route: str = "", name: str = "jenkins", tcp: str = "app") -> str:
    return TEXT.format(hcm=HCM, tcp=TCP, manager=manager, route=route, name=name, tcp_cluster=tcp)


@pytest.mark.parametrize(
    "text",
    [
        _text(UPGRADES),
        _text(route=", upgrade_configs: [{upgrade_type: websocket}]"),
        _text(UPGRADES, route=", idle_timeout: 0s"),
        _text(name="wiki"),
    ],
)
def test_right(text: str) -> None:
    assert said("envoy.yaml", text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_text(), "no upgrade_configs"),
        (_text(UPGRADES, route=", upgrade_configs: [{upgrade_type: websocket, enabled: false}]"),
         "no upgrade_configs"),
        (_text(UPGRADES, route=", idle_timeout: 20s"), "idle_timeout 20s ends"),
        (_text(UPGRADES + "                stream_idle_timeout: 15s\n"), "stream_idle_timeout 15s"),
        (_text(UPGRADES + "                http_filters: [{name: envoy.filters.http.ext_authz}]\n"),
         "ext_authz may ask agents"),
        (_text(UPGRADES, tcp="jnlp"), "listener agents on 50000 passes TCP to jenkins:50000"),
    ],
)  # fmt: skip
def test_broken(text: str, reason: str) -> None:
    notes = said("envoy.yaml", text)
    assert len(notes) == 1
    assert reason in notes[0]
