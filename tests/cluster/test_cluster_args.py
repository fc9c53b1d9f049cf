"""Container arguments, ``$(VAR)`` and flags."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.cluster.args import (
    Expanded,
    Scope,
    Unresolved,
    command_line,
    expand,
    flags,
    image_path,
    shell_script,
)

SCOPE = Scope("edge", None, {"app": "nginx"}, {"note": "n"})
TCP = "tcp-services-configmap"
POD_NAMESPACE = {
    "name": "POD_NAMESPACE",
    "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
}


def tcp_flag(container: dict[str, Any], scope: Scope = SCOPE) -> Expanded:
    return flags(command_line(container, scope), [TCP])[TCP]


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$(A)/tcp", "1/tcp"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$(MISSING)", "$(MISSING)"),
        ("$A ${A} $(A", "$A ${A} $(A"),
        ("$()", "$()"),
        ("$($(A))", "$($(A))"),
        ("price: 5$", "price: 5$"),
    ],
)
def test_expansion_as_the_kubelet_does(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1"}).text == expanded


def kubelet(text: str, values: dict[str, str]) -> str:
    """The kubelet's scanner (expand.go), character by character."""
    out, at = "", 0
    while at < len(text):
        rest = text[at + 1 :]
        if text[at] != "$" or not rest:
            out, at = out + text[at], at + 1
        elif rest[0] == "$":
            out, at = out + "$", at + 2
        elif rest[0] == "(" and ")" in rest:
            name = rest[1 : rest.index(")")]
            out, at = out + values.get(name, f"$({name})"), at + 2 + rest.index(")")
        else:
            out, at = out + "$" + rest[0], at + 2
    return out


@given(st.text(alphabet="$()AB x", max_size=20))
def test_expansion_equals_the_scanner(text: str) -> None:
    values = {"A": "1", "": "empty", "B": "$(A)"}
    assert expand(text, values).text == kubelet(text, values)


@pytest.mark.parametrize(
    "args",
    [
        ["/nginx-ingress-controller", f"--{TCP}=$(POD_NAMESPACE)/tcp"],
        ["/nginx-ingress-controller", f"--{TCP}", "$(POD_NAMESPACE)/tcp"],
        [f"-{TCP}=edge/tcp"],
        ["--", "/nginx-ingress-controller", f"--{TCP}=edge/tcp"],
        # The last one wins.
        [f"--{TCP}=other/x", f"--{TCP}=edge/tcp"],
        ["--enable-metrics", f"--{TCP}", "edge/tcp", "--", f"--{TCP}=no/no"],
    ],
)
def test_the_flag_is_found_in_every_form(args: list[str]) -> None:
    found = tcp_flag({"args": args, "env": [POD_NAMESPACE]})
    assert found is not None
    assert found.text == "edge/tcp"
    assert not found.unresolved


def test_an_init_in_the_command_is_no_end_of_flags() -> None:
    container = {
        "command": ["/usr/bin/dumb-init", "--", "/nginx-ingress-controller"],
        "args": [f"--{TCP}=a/b"],
    }
    assert tcp_flag(container).text == "a/b"
    container["command"] = ["/usr/bin/tini", "/nginx-ingress-controller"]
    assert tcp_flag(container).text == "a/b"


def test_a_flag_without_its_value_is_not_there() -> None:
    assert TCP not in flags(command_line({"args": [f"--{TCP}"]}, SCOPE), [TCP])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.namespace", "edge"),
        ("metadata.labels['app']", "nginx"),
        ("metadata.annotations['note']", "n"),
        ("metadata.labels['none']", ""),
        ("spec.serviceAccountName", "default"),
    ],
)
def test_field_references_of_a_template(path: str, value: str) -> None:
    env = [{"name": "V", "valueFrom": {"fieldRef": {"fieldPath": path}}}]
    assert tcp_flag({"args": [f"--{TCP}=$(V)/x"], "env": env}).text == f"{value}/x"


@pytest.mark.parametrize(
    "source",
    [
        {"fieldRef": {"fieldPath": "metadata.name"}},
        {"fieldRef": {"fieldPath": "status.podIP"}},
        {"configMapKeyRef": {"name": "c", "key": "k"}},
        {"secretKeyRef": {"name": "c", "key": "k"}},
    ],
)
def test_what_the_template_does_not_hold_is_unresolved(source: dict[str, Any]) -> None:
    env = [{"name": "V", "valueFrom": source}]
    found = tcp_flag({"args": [f"--{TCP}=$(V)/x"], "env": env})
    assert [u.name for u in found.unresolved] == ["V"]
    # An escaped reference is plain text.
    assert not tcp_flag({"args": [f"--{TCP}=$$(V)/x"], "env": env}).unresolved


def test_the_name_of_a_bare_pod_is_known() -> None:
    env = [{"name": "V", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
    scope = Scope("edge", "edge-pod", {}, {})
    assert tcp_flag({"args": [f"--{TCP}=a/$(V)"], "env": env}, scope).text == "a/edge-pod"


def test_variables_refer_to_those_before_them() -> None:
    env = [
        {"name": "EARLY", "value": "$(LATE)-x"},
        {"name": "LATE", "value": "late"},
        {"name": "BOTH", "value": "$(LATE)/tcp"},
    ]
    container = {"args": [f"--{TCP}=$(BOTH)", "--configmap=$(EARLY)"], "env": env}
    found = flags(command_line(container, SCOPE), [TCP, "configmap"])
    assert found[TCP].text == "late/tcp"
    assert found["configmap"].text == "$(LATE)-x"


def test_env_from_may_hold_an_undeclared_variable() -> None:
    container = {"args": [f"--{TCP}=$(NS)/tcp"], "envFrom": [{"configMapRef": {"name": "c"}}]}
    assert tcp_flag(container).unresolved == (Unresolved("NS", "may come from envFrom"),)


@pytest.mark.parametrize(
    ("command", "script"),
    [
        (["/bin/sh", "-c", "exec x --a"], "exec x --a"),
        (["bash", "-ec", "x"], "x"),
        (["/usr/bin/dumb-init", "--", "/bin/sh", "-c", "x"], "x"),
        (["/nginx-ingress-controller", "-c", "x"], None),
        ([], None),
    ],
)
def test_shell_scripts_are_seen(command: list[Any], script: str | None) -> None:
    assert shell_script(command_line({"command": command}, SCOPE)) == script


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("registry.k8s.io/ingress-nginx/controller:v1.11.2@sha256:ab", "ingress-nginx/controller"),
        ("nginx/nginx-ingress:3.6", "nginx/nginx-ingress"),
        ("localhost:5000/x/y", "x/y"),
        ("corp.example:443/edge", "edge"),
        ("traefik", "traefik"),
    ],
)
def test_image_path(image: str, path: str) -> None:
    assert image_path(image) == path
