"""The client over real sockets: against the sandbox's API, and against servers that misbehave."""

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which
from threading import Thread
from typing import Any

import pytest
from cluster_answers import Answer, AnswerServer, kubeconfig

from migrate.cluster import edits
from migrate.cluster.client import FIELD_MANAGER, PAGE, ClusterClient
from migrate.cluster.errors import (
    AlreadyExists,
    AnswerLost,
    ClusterUnreachable,
    Conflict,
    ForbiddenHere,
    Invalid,
    NoKubeconfig,
    NotKubernetes,
    NotServed,
    ObjectGone,
    ServerTrouble,
    Unauthorized,
)
from migrate.model.errors import ExitCode
from migrate.sandbox.kube.server import KubeServer


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubeServer]:
    with KubeServer(tmp_path / "kube") as server:
        server.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "edge"}})
        server.add(config_map("tcp", {"50000": "jenkins/agent:50000", "5432": "db/pg:5432"}))
        yield server


def config_map(name: str, data: dict[str, str], namespace: str = "edge") -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def as_user(api: KubeServer, user: str) -> ClusterClient:
    return ClusterClient(api.kubeconfig(user))


def test_reading_changing_and_putting_back(api: KubeServer) -> None:
    client = as_user(api, "admin")
    assert client.context == "sandbox"
    assert client.namespace == "default"
    assert client.server_version().startswith("v")
    before = client.get("ConfigMap", "edge", "tcp")
    patch = edits.remove_tcp_key(before, "50000", "jenkins/agent:50000")
    assert "50000" not in client.json_patch("ConfigMap", "edge", "tcp", patch, dry_run=True)["data"]
    assert client.get("ConfigMap", "edge", "tcp") == before
    after = client.json_patch("ConfigMap", "edge", "tcp", patch)
    assert after["data"] == {"5432": "db/pg:5432"}
    # The key is gone by now, which the API server says (422) before it compares versions.
    with pytest.raises(Conflict) as caught:
        client.json_patch("ConfigMap", "edge", "tcp", patch)
    stale = edits.remove_tcp_key(before, "5432", "db/pg:5432")
    with pytest.raises(Conflict):
        client.json_patch("ConfigMap", "edge", "tcp", stale)
    missing = [edits.remove_tcp_key(after, "5432", "db/pg:5432")[0]]
    missing.append({"op": "remove", "path": "/data/none"})
    with pytest.raises(Invalid):
        client.json_patch("ConfigMap", "edge", "tcp", missing)
    assert caught.value.exit_code is ExitCode.DRIFT
    restore = edits.restore_tcp_key(after, "50000", "jenkins/agent:50000")
    back = client.json_patch("ConfigMap", "edge", "tcp", restore)
    assert edits.same(before, back)
    assert FIELD_MANAGER in {m["manager"] for m in back["metadata"]["managedFields"]}


def test_the_last_key_comes_back_too(api: KubeServer) -> None:
    api.add(config_map("one", {"50000": "a/b:1"}))
    client = as_user(api, "admin")
    before = client.get("ConfigMap", "edge", "one")
    patch = edits.remove_tcp_key(before, "50000", "a/b:1")
    after = client.json_patch("ConfigMap", "edge", "one", patch)
    assert not after.get("data")
    restore = edits.restore_tcp_key(after, "50000", "a/b:1")
    assert edits.same(before, client.json_patch("ConfigMap", "edge", "one", restore))


def test_a_service_port_comes_back_with_its_node_port(api: KubeServer) -> None:
    ports = [{"name": n, "port": p} for n, p in (("http", 80), ("tcp", 50000), ("https", 443))]
    meta = {"name": "front", "namespace": "edge"}
    spec = {"type": "LoadBalancer", "selector": {"a": "b"}, "ports": ports}
    api.add({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec})
    client = as_user(api, "admin")
    before = client.get("Service", "edge", "front")
    patch, removed, index = edits.remove_service_port(before, "tcp")
    after = client.json_patch("Service", "edge", "front", patch)
    assert [p["name"] for p in after["spec"]["ports"]] == ["http", "https"]
    back = client.json_patch(
        "Service", "edge", "front", edits.restore_service_port(after, removed, index)
    )
    assert edits.same(before, back)
    assert back["spec"]["ports"][1]["nodePort"] == removed["nodePort"]


def test_a_service_is_deleted_and_created_again_as_it_was(api: KubeServer) -> None:
    meta = {"name": "agent", "namespace": "edge"}
    spec = {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 50000}]}
    api.add({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec})
    client = as_user(api, "admin")
    before = client.get("Service", "edge", "agent")
    uid = before["metadata"]["uid"]
    with pytest.raises(Conflict):
        client.delete("Service", "edge", "agent", uid="00000000-0000-0000-0000-000000000000")
    client.delete("Service", "edge", "agent", uid=uid, dry_run=True)
    assert client.get("Service", "edge", "agent") == before
    client.delete("Service", "edge", "agent", uid=uid)
    with pytest.raises(ObjectGone) as caught:
        client.get("Service", "edge", "agent")
    assert caught.value.cause == "services agent does not exist in namespace edge"
    client.delete("Service", "edge", "agent", uid=uid)
    body = edits.strip_for_creation(before)
    client.create("Service", "edge", body, dry_run=True)
    client.create("Service", "edge", body)
    after = client.get("Service", "edge", "agent")
    assert edits.same(before, after)
    assert after["metadata"]["uid"] != uid
    with pytest.raises(AlreadyExists):
        client.create("Service", "edge", body)


def test_lists_come_in_pages(api: KubeServer) -> None:
    for number in range(PAGE + 20):
        api.add(config_map(f"cm-{number:04}", {"k": "v"}))
    client = as_user(api, "admin")
    found = list(client.objects("ConfigMap", "edge"))
    assert len({o["metadata"]["name"] for o in found}) == PAGE + 21
    assert {(o["apiVersion"], o["kind"]) for o in found} == {("v1", "ConfigMap")}
    assert len(list(client.objects("ConfigMap"))) == PAGE + 21


def test_what_a_user_may_not_do_is_named_as_a_rule(api: KubeServer) -> None:
    client = as_user(api, "readonly")
    patch = edits.remove_tcp_key(
        client.get("ConfigMap", "edge", "tcp"), "50000", "jenkins/agent:50000"
    )
    with pytest.raises(ForbiddenHere) as caught:
        client.json_patch("ConfigMap", "edge", "tcp", patch, dry_run=True)
    error = caught.value
    assert (error.verb, error.resource, error.namespace) == ("patch", "configmaps", "edge")
    assert error.cause == "the Kubernetes user readonly may not patch configmaps in namespace edge"
    expected = (
        '{apiGroups: [""], resources: [configmaps], resourceNames: [tcp], verbs: [patch]} '
        "(Role in edge)"
    )
    assert error.rule == expected
    assert expected in error.next_command
    assert error.exit_code is ExitCode.BLOCKED
    assert client.allowed("get", "ConfigMap", "edge")
    assert not client.allowed("patch", "ConfigMap", "edge")
    assert as_user(api, "admin").allowed("patch", "Deployment", "edge")


def test_a_group_that_is_not_served(api: KubeServer) -> None:
    with pytest.raises(NotServed):
        list(as_user(api, "admin").objects("Ingress.v1beta1.extensions"))
    with pytest.raises(ForbiddenHere):
        list(as_user(api, "nobody").objects("Ingress.v1beta1.extensions"))


def test_a_wrong_token_and_no_token(api: KubeServer, tmp_path: Path) -> None:
    wrong = kubeconfig(tmp_path, api.url, user={"token": "wrong-secret"})
    with pytest.raises(Unauthorized) as caught:
        ClusterClient(wrong).get("ConfigMap", "edge", "tcp")
    assert "wrong-secret" not in caught.value.cause + caught.value.next_command
    none = kubeconfig(tmp_path, api.url, user={"username": "x"})
    with pytest.raises(Unauthorized, match="system:anonymous"):
        ClusterClient(none).get("ConfigMap", "edge", "tcp")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "clusters: 5", "\x00", '{"current-context": "gone"}', "a: &a [*a, *a]"],
)
def test_a_broken_kubeconfig(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kc"
    path.write_text(text)
    with pytest.raises(NoKubeconfig) as caught:
        _ = ClusterClient(path).context
    assert str(path) in caught.value.cause
    assert caught.value.exit_code is ExitCode.USAGE


def test_no_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(NoKubeconfig, match="no kubeconfig"):
        _ = ClusterClient().context
    with pytest.raises(NoKubeconfig, match="no kubeconfig file"):
        _ = ClusterClient(tmp_path / "gone").context
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "gone"))
    with pytest.raises(NoKubeconfig, match="no such file"):
        _ = ClusterClient().context


def test_which_kubeconfig_and_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = kubeconfig(tmp_path, "http://127.0.0.1:1", namespace="team", name="one.json")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'gone'}:{one}")
    client = ClusterClient()
    assert (client.context, client.namespace) == ("test", "team")
    with pytest.raises(NoKubeconfig, match="prod"):
        _ = ClusterClient(context="prod").context


def test_nothing_listens(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        client = ClusterClient(kubeconfig(tmp_path, f"http://127.0.0.1:{port}"))
        with pytest.raises(ClusterUnreachable, match="Connection refused") as caught:
            client.get("ConfigMap", "edge", "tcp")
        assert not isinstance(caught.value, AnswerLost)
        # A change that never left is not in doubt.
        with pytest.raises(ClusterUnreachable) as caught:
            client.json_patch("ConfigMap", "edge", "tcp", [])
        assert not isinstance(caught.value, AnswerLost)
        assert caught.value.exit_code is ExitCode.BLOCKED


def test_an_unknown_host(tmp_path: Path) -> None:
    client = ClusterClient(kubeconfig(tmp_path, "https://no-such-host.invalid"), timeout=2)
    with pytest.raises(ClusterUnreachable, match="no-such-host"):
        client.get("ConfigMap", "edge", "tcp")


def test_a_lost_answer_to_a_change_is_in_doubt(tmp_path: Path) -> None:
    with AnswerServer(Answer(200, hang=True)) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url), timeout=0.3)
        with pytest.raises(AnswerLost) as caught:
            client.json_patch("ConfigMap", "edge", "tcp", [])
        assert caught.value.exit_code is ExitCode.FAILED
        assert len(server.asked) == 1


def test_only_reads_are_repeated(tmp_path: Path) -> None:
    busy = Answer(503, json.dumps({"kind": "Status", "message": "busy"}).encode())
    good = Answer(200, b'{"kind": "ConfigMap"}')
    with AnswerServer(busy, busy, good) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        assert client.get("ConfigMap", "edge", "tcp") == {"kind": "ConfigMap"}
        assert len(server.asked) == 3
    with AnswerServer(busy) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        with pytest.raises(ServerTrouble, match="busy"):
            client.json_patch("ConfigMap", "edge", "tcp", [])
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>login</html>", "text/html"),
        Answer(302, b"", "text/html", {"Location": "https://sso.example/?token=x"}),
        Answer(403, b"<html>denied</html>", "text/html"),
        Answer(404, b"<html>nginx</html>", "text/html"),
        Answer(200, b"[]"),
        Answer(200, b"{"),
    ],
)
def test_what_is_no_kubernetes_api(tmp_path: Path, answer: Answer) -> None:
    with AnswerServer(answer) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        with pytest.raises(NotKubernetes) as caught:
            client.get("ConfigMap", "edge", "tcp")
        assert "sso.example" not in caught.value.cause
        assert len(server.asked) == 1


def test_an_expired_list_goes_on_with_the_fresh_token(tmp_path: Path) -> None:
    def page(names: list[str], token: str = "") -> Answer:
        meta = {"continue": token} if token else {}
        items = [{"metadata": {"name": n}} for n in names]
        return Answer(200, json.dumps({"metadata": meta, "items": items}).encode())

    expired = {
        "kind": "Status",
        "metadata": {"continue": "fresh"},
        "reason": "Expired",
        "code": 410,
    }
    gone = Answer(410, json.dumps(expired).encode())
    with AnswerServer(page(["a"], "old"), gone, page(["b"])) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        assert [o["metadata"]["name"] for o in client.objects("Pod")] == ["a", "b"]
        assert "continue=fresh" in server.asked[2][1]
    with AnswerServer(page(["a"], "old"), gone) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        with pytest.raises(ServerTrouble, match="expired"):
            list(client.objects("Pod"))


def test_a_list_that_goes_round_in_circles_ends(tmp_path: Path) -> None:
    same = Answer(200, json.dumps({"metadata": {"continue": "t"}, "items": [{}]}).encode())
    with AnswerServer(same) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        with pytest.raises(NotKubernetes, match="does not end"):
            list(client.objects("Pod"))


def test_names_from_outside_stay_in_their_place(tmp_path: Path) -> None:
    with AnswerServer(Answer(200)) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        client.get("ConfigMap", "../../x", "a/b?c#d")
        assert server.asked[0][1] == "/api/v1/namespaces/..%2F..%2Fx/configmaps/a%2Fb%3Fc%23d"


def test_messages_from_outside_are_escaped(tmp_path: Path) -> None:
    status = {"message": "bad \x1b[31m Bearer eyJhbGciOi.eyJzdWIi.sig", "reason": "Invalid"}
    with AnswerServer(Answer(422, json.dumps(status).encode())) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        with pytest.raises(Invalid) as caught:
            client.json_patch("ConfigMap", "edge", "tcp", [])
        assert "\x1b" not in caught.value.cause
        assert "eyJ" not in caught.value.cause


def test_an_untrusted_certificate(tmp_path: Path) -> None:
    key, cert = tmp_path / "k.pem", tmp_path / "c.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(cert)]
    made = subprocess.run(command, capture_output=True) if which("openssl") else None
    if made is None or made.returncode:
        pytest.skip("needs openssl to make a certificate")
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        url = f"https://127.0.0.1:{server.server_port}"
        with pytest.raises(ClusterUnreachable, match=r"(?i)certificate") as caught:
            ClusterClient(kubeconfig(tmp_path, url)).json_patch("ConfigMap", "e", "t", [])
        assert not isinstance(caught.value, AnswerLost)
    finally:
        server.shutdown()
        server.server_close()


def test_nothing_heavy_is_imported_before_the_first_call() -> None:
    code = (
        "import sys, migrate.cluster.reader, migrate.cluster.client as c; c.ClusterClient();"
        "print([m for m in ('kubernetes', 'urllib3', 'requests') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_read_that_hangs_is_given_up(tmp_path: Path) -> None:
    with AnswerServer(Answer(200, hang=True)) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url), timeout=0.1)
        with pytest.raises(ClusterUnreachable, match="timed out") as caught:
            client.get("ConfigMap", "edge", "tcp")
        assert not isinstance(caught.value, AnswerLost)
        # All tries together take the timeout once, so there is no other.
        assert len(server.asked) == 1
