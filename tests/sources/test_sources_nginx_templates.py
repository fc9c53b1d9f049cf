"""Templates are told with the lines to add, and never edited; right ones are not told."""

import pytest
from nginx_looks import OK, looked, reasons

BODY = "proxy_pass http://{backend};"

TEMPLATES = {
    "a.conf.template": "server {{ server_name ${{JENKINS_HOST}}; location / {{ {body} }} }}",
    "a.conf.j2": "{{% for s in x %}}\nserver {{ server_name {{{{ jenkins_host }}}};\n"
    "location / {{ {body} }} }}\n{{% endfor %}}",
    "a.conf.erb": "<% if @ssl %>\nserver {{ server_name <%= @jenkins_host %>;\n"
    "location / {{ {body} }} }}\n<% end %>",
    "_proxy.tpl": '{{{{- define "x" -}}}}\nserver {{ server_name jenkins.{{{{ .domain }}}};\n'
    "location / {{ {body} }} }}\n{{{{- end }}}}",
    "a.conf": "server {{ server_name jenkins.{{{{ domain }}}}; location / {{ {body} }} }}",
    "a.tftpl": "server {{ server_name ${{jenkins_fqdn}}; location / {{ {body} }} }}",
}  # fmt: skip


@pytest.mark.parametrize("path", TEMPLATES)
@pytest.mark.parametrize("nginx", [True, False])
def test_told(path: str, nginx: bool) -> None:
    text = TEMPLATES[path].format(body=BODY.format(backend="10.0.0.4:8080"))
    found = looked({path: text}, nginx=nginx)
    assert found.edits == ()
    (note,) = found.by_hand
    assert "a template that looks like the proxy of Jenkins" in note.reason
    assert "sends neither Upgrade nor Connection" in note.reason
    assert "proxy_set_header Upgrade $http_upgrade;" in note.write


@pytest.mark.parametrize("path", TEMPLATES)
def test_right(path: str) -> None:
    text = TEMPLATES[path].format(body=OK + BODY.format(backend="10.0.0.4:8080"))
    found = looked({path: text})
    assert found.edits == ()
    assert reasons(found) == []


def test_what_stays_unread_is_told() -> None:
    found = looked({"a.j2": "server { {{ x }} location { proxy_pass http://jenkins:8080; }}} "})
    assert found.edits == ()
    assert ["can't be read" in one for one in reasons(found)] == [True]


def test_lua_with_braces_is_no_template() -> None:
    text = (
        "events { }\nhttp { server { server_name jenkins.x; location / { "
        "access_by_lua_block { local t = {{1}} } proxy_pass http://a:8080; } } }\n"
    )
    assert looked({"nginx.conf": text}).edits
